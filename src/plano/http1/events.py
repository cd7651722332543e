"""What the connections report to their edge: plain values, compared by value."""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.http1.head import RequestHead, ResponseHead


class RequestStarted(msgspec.Struct, frozen=True):
    """A request head is there, its framing is beyond doubt, and its body is still to come."""

    head: RequestHead


class RequestWhole(msgspec.Struct, frozen=True):
    """A request is whole. Its head was reported before only where the body came later."""

    head: RequestHead
    body: bytes


class BodyPiece(msgspec.Struct, frozen=True):
    """Bytes of a body, never empty, cut wherever the reads were cut."""

    data: bytes


class Rejected(msgspec.Struct, frozen=True):
    """The request is refused: answer it, then call ``answered``. Nothing of this connection is parsed any more.

    ``status``, ``code``: those of ``plano.errors``. ``reason``: a clause that holds none of the caller's bytes.
    ``head``: None when the head itself was refused; else the refused request, which may have been reported before.
    """

    status: int
    code: str
    reason: str
    head: RequestHead | None = None


class Linger(msgspec.Struct, frozen=True):
    """Stop writing (half-close if the transport can), go on feeding ``receive`` until it says ``Close``.

    ``is_whole``: nothing that the caller has begun to send is missing; a transport that cannot half-close is closed.
    """

    is_whole: bool = False


class Close(msgspec.Struct, frozen=True):
    """Close the connection. ``is_clean`` False: abort it, so that what was sent cannot pass for a whole answer."""

    is_clean: bool = True


ServerEvent = RequestStarted | RequestWhole | Rejected | Linger | Close

BrokenKind = Literal["reset", "truncated", "protocol", "too_large"]


class AnswerStarted(msgspec.Struct, frozen=True):
    """The final head of an answer is there; interim ones are not reported."""

    head: ResponseHead


class AnswerEnded(msgspec.Struct, frozen=True):
    """The answer ended as its framing says. For a body that ends with the connection that proves nothing."""


class AnswerWhole(msgspec.Struct, frozen=True):
    """A whole answer of a declared length, in one: started, its body (possibly empty), ended."""

    head: ResponseHead
    body: bytes


class Broken(msgspec.Struct, frozen=True):
    """There will be no whole answer; close the connection.

    ``kind``: ``reset`` closed before a whole head; ``truncated`` closed before the end of the body; ``protocol`` not
    HTTP, or framing in doubt; ``too_large`` over a limit. ``reason``: a clause that holds none of the peer's bytes.
    """

    kind: BrokenKind
    reason: str


ClientEvent = AnswerStarted | BodyPiece | AnswerEnded | AnswerWhole | Broken
