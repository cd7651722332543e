"""The body of one answer, as it is read from a connection; content codings are removed."""

from __future__ import annotations

from collections.abc import Callable

from plano.http1.head import ResponseHead
from plano.upstream.connection import UpstreamConnection
from plano.upstream.encoding import decoder
from plano.upstream.holding import Withheld
from plano.upstream.response import NoUsableAnswer


class HttpResponse:
    """``upstream.response.Response`` over a connection."""

    __slots__ = (
        *("_broken", "_connection", "_inflater", "_is_closed"),
        *("ends_with_connection", "headers", "status", "withheld"),
    )

    def __init__(self, connection: UpstreamConnection, head: ResponseHead) -> None:
        self._connection = connection
        self._is_closed = False
        self._broken = False
        self.withheld: Withheld | None = None
        self.status = head.status
        self.headers = head.fields
        self.ends_with_connection = head.framing == "until_close"
        coding = head.fields.get("content-encoding")
        self._inflater = None if coding is None else decoder(coding)

    async def piece(self) -> bytes:
        """The next bytes of the body, empty at its proper end. Raises NoUsableAnswer."""
        data = await self._connection.piece()
        if self._inflater is None:
            return data
        while data:
            plain = self._inflater.feed(data)
            if plain:
                return plain
            data = await self._connection.piece()
        self._inflater.end()
        return b""

    async def flow(self, take: Callable[[bytes], bool]) -> bool:
        """Hands plain pieces to ``take`` as they are read until it says False; True when the body has ended properly.

        Raises NoUsableAnswer.
        """
        inflater = self._inflater
        if inflater is None:
            return await self._connection.flow(take)

        def take_coded(data: bytes) -> bool:
            try:
                plain = inflater.feed(data)
            except NoUsableAnswer:
                self._broken = True
                return False
            return take(plain) if plain else True

        is_over = await self._connection.flow(take_coded)
        if self._broken:
            raise NoUsableAnswer("protocol")
        if is_over:
            inflater.end()
        return is_over

    def watch_silence(self, limit_s: float, *, within_s: float | None = None) -> None:
        """From now on a silence of ``limit_s`` ends the body as ``timeout``, and so does ``within_s`` in all."""
        self._connection.watch_silence(limit_s, within_s=within_s)

    def close(self) -> None:
        """Gives the connection back when the body has ended, else closes it; and the room of what was withheld."""
        if not self._is_closed:
            self._is_closed = True
            self._connection.close()
            if self.withheld is not None:
                self.withheld.release()

    def drain(self) -> None:
        """As ``close``, but waits a little for a body whose end is already certain."""
        if not self._is_closed:
            self._is_closed = True
            self._connection.drain()
            if self.withheld is not None:
                self.withheld.release()
