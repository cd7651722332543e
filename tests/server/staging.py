"""An exchange without a connection: remembers what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from plano.errors import PlanoError
from plano.http1.head import RequestHead
from plano.server.answering.asking import Asking
from plano.server.answering.exchange import Fields


class StagedExchange:
    """An exchange as those of the server; its clock moves 1 s with every look. ``gone_after``: pieces it takes."""

    def __init__(
        self, fields: Mapping[str, str] | None = None, *, query: str | None = None, gone_after: int = 1000
    ) -> None:
        self.head: RequestHead | None = RequestHead(
            "POST", "/x", "/x", query, 1, dict(fields or {}), 0, keep_alive=True, expects_continue=False
        )
        self.received_at = 0.0
        self.answer_begun = False
        self.stopped_by: PlanoError | None = None
        self.asking: Asking | None = None
        self.body = b""
        self.status = 0
        self.fields: dict[str, str] = {}
        self.sent: list[bytes] = []
        self.done: list[str] = []
        self._time = 0.0
        self._gone_after = gone_after

    def now(self) -> float:
        """Seconds."""
        self._time += 1.0
        return self._time

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        """A whole answer."""
        self.begin(status, fields)
        self.sent.append(body)
        self.done.append("end")

    def begin(self, status: int, fields: Fields) -> None:
        """A head; every field once."""
        assert not self.answer_begun
        self.answer_begun, self.status, self.fields = True, status, dict(fields)
        assert len(self.fields) == len(fields)

    def send(self, data: bytes) -> bool:
        """A piece; the next one must wait."""
        if len(self.sent) < self._gone_after:
            self.sent.append(data)
        return False

    async def drained(self) -> None:
        """Ready for more, or gone."""
        if len(self.sent) >= self._gone_after:
            raise ConnectionResetError

    def end(self) -> None:
        """The end."""
        self.done.append("end")

    def close_after(self) -> None:
        """The last answer here."""
        self.done.append("close_after")

    def abort(self) -> None:
        """Cut off."""
        self.done.append("abort")
