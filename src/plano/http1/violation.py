"""What is wrong with a peer's bytes. Whose fault that is, and how it is answered, is said by server and client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from plano.http1.head import RequestHead

ViolationKind = Literal["syntax", "version", "expectation", "target_size", "head_size", "body_size", "late"]


class Violation(Exception):
    """The peer broke a rule.

    ``kind``: decides the answer. ``reason``: a clause that holds none of the peer's bytes. ``head``: what was read all
    the same, None where the head itself is no good.
    """

    def __init__(self, kind: ViolationKind, reason: str, *, head: RequestHead | None = None) -> None:
        super().__init__(reason)
        self.head = head
        self.kind: ViolationKind = kind
        self.reason = reason
