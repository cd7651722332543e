"""The heads of one caller's connection: much the same one each time, but for the length of its body."""

from __future__ import annotations

import re

from msgspec.structs import replace

from plano.http1.head import RequestHead, RequestHeads, content_length

_LENGTH = re.compile(rb"(?i:\r\ncontent-length:)[ \t]*+(?=[0-9]++\r\n)")


class RepeatedHeads:
    """Reads heads with ``heads``, and those that repeat the last one without it.

    A client library sends the same lines with each request of a connection; only Content-Length follows the body. Such
    a head is known by two comparisons of bytes, for a twentieth of what reading it costs. Its ``fields`` are the same
    object, by which others know again what they made of them. The last head, and with it the caller's key, is kept as
    long as the connection.
    """

    __slots__ = ("_after", "_before", "_block", "_head", "_heads")

    def __init__(self, heads: RequestHeads) -> None:
        self._heads = heads
        self._head: RequestHead | None = None
        self._block = self._before = self._after = b""

    def parse(self, block: bytes) -> RequestHead:
        """The head in ``block``, as ``RequestHeads.parse`` reads it. Raises Violation."""
        head = self._head
        if head is not None:
            if block == self._block:
                return head
            before, after = self._before, self._after
            if before and block.startswith(before) and block.endswith(after):
                length = block[len(before) : len(block) - len(after)]
                if length.isdigit():
                    return replace(head, framing=content_length(length.decode()))
        return self._learn(block)

    def _learn(self, block: bytes) -> RequestHead:
        self._head = None
        head = self._heads.parse(block)
        length = _LENGTH.search(block)
        if length is None:
            self._before = self._after = b""
        else:
            self._before, self._after = block[: length.end()], block[block.index(b"\r\n", length.end()) :]
        self._block, self._head = block, head
        return head
