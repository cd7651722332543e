"""What is wrong with a peer's bytes. Whose fault that is, and how it is answered, is said by server and client."""

from __future__ import annotations

from typing import Literal

ViolationKind = Literal["syntax", "version", "expectation", "target_size", "head_size", "body_size", "late"]


class Violation(Exception):
    """The peer broke a rule.

    ``kind``: decides the answer. ``reason``: a clause that holds none of the peer's bytes.
    """

    def __init__(self, kind: ViolationKind, reason: str) -> None:
        super().__init__(reason)
        self.kind: ViolationKind = kind
        self.reason = reason
