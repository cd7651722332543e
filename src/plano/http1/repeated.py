"""The heads on one connection: much the same one each time, but for the length of its body."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from msgspec.structs import replace

from plano.http1.head import RequestHead, ResponseHead, content_length

Head = TypeVar("Head", RequestHead, ResponseHead)
Read_co = TypeVar("Read_co", covariant=True)

_LENGTHS = (b"\r\nContent-Length: ", b"\r\ncontent-length: ")
"""As nearly everybody writes it; whoever writes it otherwise has each head read that has another length."""

_NO_LENGTH = (0, "chunked", "until_close")
"""Of a head whose body has none another length may mean something else: answers with some status never have a body."""


class Heads(Protocol[Read_co]):
    """Reads heads."""

    def parse(self, block: bytes) -> Read_co:
        """The head in ``block``. Raises Violation."""
        ...


class RepeatedHeads(Generic[Head]):
    """Reads heads with ``heads``, and those that repeat the last one without it.

    A client library sends the same lines with each request of a connection; only Content-Length follows the body. A
    server's answers of one second differ in nothing else, unless each has an id. Such a head is known by two
    comparisons of bytes, for a twentieth of what reading it costs. Its ``fields`` are the same object, by which others
    know again what they made of them. The last head, and with it the caller's key, is kept as long as the connection.
    """

    __slots__ = ("_after", "_before", "_block", "_head", "_heads")

    def __init__(self, heads: Heads[Head]) -> None:
        self._heads: Heads[Head] = heads
        self._head: Head | None = None
        self._block = self._before = self._after = b""

    def parse(self, block: bytes) -> Head:
        """The head in ``block``, as ``heads`` reads it. Raises Violation."""
        head = self._head
        if head is not None:
            if block == self._block:
                return head
            before, after = self._before, self._after
            if before and block.startswith(before) and block.endswith(after):
                length = block[len(before) : len(block) - len(after)]
                if length.isdigit():
                    repeated: Head = replace(head, framing=content_length(length.decode()))
                    return repeated
        return self._learn(block)

    def _learn(self, block: bytes) -> Head:
        self._head = None
        head = self._heads.parse(block)
        self._before = self._after = b""
        for name in _LENGTHS if head.framing not in _NO_LENGTH else ():
            at = block.find(name) + len(name)
            if at >= len(name):
                end = block.index(b"\r\n", at)
                self._before, self._after = block[:at], block[end:]
        self._block, self._head = block, head
        return head
