"""One request on a connection of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plano.errors import PlanoError
from plano.http1.head import RequestHead
from plano.server.answering.exchange import Fields

if TYPE_CHECKING:
    from plano.server.connections.connection import HttpConnection


class SocketExchange:
    """``Exchange`` on a connection of our own."""

    __slots__ = (
        *("_connection", "answer_begun", "asking", "body"),
        *("head", "now", "received_at", "send", "stopped_by"),
    )

    def __init__(self, connection: HttpConnection, head: RequestHead | None, received_at: float) -> None:
        asking = connection.asking
        self._connection = connection
        self.asking = None if asking is None or head is None or asking.fields is not head.fields else asking
        self.head = head
        self.body = b""
        # The connection's own: a method around it would be one more call for each event of a stream.
        self.send = connection.send_piece
        self.now = connection.now
        self.received_at = received_at
        self.answer_begun = False
        self.stopped_by: PlanoError | None = None

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        """Sends a whole answer."""
        self.answer_begun = True
        self._connection.send_answer(status, fields, body)

    def begin(self, status: int, fields: Fields) -> None:
        """Sends the head of an answer whose body comes in pieces."""
        self.answer_begun = True
        self._connection.send_head(status, fields)

    async def drained(self) -> None:
        """Comes back when more may be sent. Cancelled when the caller leaves or takes nothing for long."""
        await self._connection.drained()

    def end(self) -> None:
        """Ends the body of the answer."""
        self._connection.send_end()

    def abort(self) -> None:
        """Closes the connection at once: what was sent cannot pass for a whole answer."""
        self._connection.abort()

    def close_after(self) -> None:
        """The connection is closed after this answer."""
        self._connection.core.close_after_answer()
