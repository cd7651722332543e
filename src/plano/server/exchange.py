"""One request and its answer, whatever carries them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plano.http1.head import RequestHead

Fields = Sequence[tuple[str, str]]


class Exchange(Protocol):
    """A request to answer once. ``head`` is None when the bytes were no request; ``received_at``: monotonic seconds."""

    head: RequestHead | None
    received_at: float
    answer_begun: bool

    @property
    def body(self) -> bytes:
        """The request's body; whole once the request is served."""
        ...

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        """Sends a whole answer."""
        ...

    def begin(self, status: int, fields: Fields) -> None:
        """Sends the head of an answer whose body comes in pieces."""
        ...

    async def write(self, data: bytes) -> None:
        """Sends a piece; waits while the caller is slow. Cancelled when the caller leaves or takes nothing for long."""
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
