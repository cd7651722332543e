"""One request and its answer, whatever carries them, and whoever gives it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from plano.errors import PlanoError
from plano.http1.head import RequestHead
from plano.server.answering.asking import Asking

Fields = Sequence[tuple[str, str]]


class Exchange(Protocol):
    """A request to answer once.

    ``head`` is None when the bytes were no request; ``body`` is whole once the request is served; ``received_at``:
    monotonic seconds. ``stopped_by``: why the gateway itself gives the request up, None unless it does: whoever serves
    it is cancelled then, and has the last word. ``asking``: what the application has read in the head, None until it
    has; a connection hands it on to the next request with the same head.
    """

    head: RequestHead | None
    body: bytes
    received_at: float
    answer_begun: bool
    stopped_by: PlanoError | None
    asking: Asking | None

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        """Sends a whole answer."""
        ...

    def begin(self, status: int, fields: Fields) -> None:
        """Sends the head of an answer whose body comes in pieces."""
        ...

    def send(self, data: bytes) -> bool:
        """Sends a piece; False when no more should be sent before ``drained``."""
        ...

    async def drained(self) -> None:
        """Comes back when more may be sent. Cancelled when the caller leaves or takes nothing for long."""
        ...

    def end(self) -> None:
        """Ends the body of the answer."""
        ...

    def close_after(self) -> None:
        """The connection is closed after this answer."""
        ...

    def abort(self) -> None:
        """Closes the connection at once: what was sent cannot pass for a whole answer."""
        ...


class Application(Protocol):
    """What serves requests."""

    def refuse(self, exchange: Exchange) -> bool:
        """Answers at once what can be refused by its head alone; True when it did."""
        ...

    def refuse_bytes(self, exchange: Exchange, error: PlanoError) -> None:
        """Answers a request that is not one, or did not arrive whole."""
        ...

    def left(self, exchange: Exchange) -> None:
        """Takes note of a caller who left before its request was whole: there is nobody to answer to."""
        ...

    def serve(self, exchange: Exchange) -> Coroutine[Any, Any, None]:
        """Answers a whole request. Cancelled when the caller leaves. It runs in no task (see ``plano.work``)."""
        ...
