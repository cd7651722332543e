"""Collects bytes up to a blank line: request heads, response heads and trailers all come this way.

The verdict is the same however the bytes were split over reads: what a whole block would be refused for first, half a
block is refused for as well.
"""

from __future__ import annotations

from collections.abc import Callable

from plano.http1.grammar import ILLEGAL, ILLEGAL_REASON
from plano.http1.violation import Violation

_BLANK_LINE = b"\r\n\r\n"
_LINE_END = b"\r\n"
_CARRIAGE_RETURN = 0x0D


class BlockReader:
    """Reads one block after another.

    ``limit``: bytes of a block, blank line included. ``begins``: what every first line begins with; anything else is
    refused at its first wrong byte, as its line end may never come. ``check_first_line``: raises Violation for a first
    line (with its line end) that cannot be; called as soon as that line is there. ``skips_empty_line``: one empty line
    before a block is tolerated (RFC 9112 §2.2).
    """

    __slots__ = (
        *("_begins", "_check_first_line", "_held", "_is_first_line_checked"),
        *("_is_inside_line", "_may_skip", "_skips", "limit"),
    )

    def __init__(
        self,
        limit: int,
        *,
        begins: bytes = b"",
        check_first_line: Callable[[str], object] | None = None,
        skips_empty_line: bool = False,
    ) -> None:
        self.limit = limit
        self._begins = begins
        self._check_first_line = check_first_line
        self._skips = skips_empty_line
        self._held = bytearray()
        self._reset()

    def _reset(self) -> None:
        self._held.clear()
        self._may_skip = self._skips
        self._is_inside_line = False
        self._is_first_line_checked = self._check_first_line is None

    @property
    def is_empty(self) -> bool:
        """Has no byte of the next block arrived?"""
        return not self._held

    def takes(self, data: bytes) -> bool:
        """Is ``data`` only more of a line that has begun, so that nothing can come of it? Then it is held.

        What drips in is this nearly always, and costs a fifth of what ``feed`` takes to find nothing.
        """
        held = self._held
        # What is printable holds no line end, and no byte that is refused.
        if not self._is_inside_line or not data.decode("latin-1").isprintable() or len(held) + len(data) >= self.limit:
            return False
        held += data
        return True

    def feed(self, data: bytes) -> tuple[bytes, bytes] | None:
        """A block and what follows it, None until it is whole.

        A block ends with the line end of its last line; its blank line is left out. Raises Violation, after which
        nothing may be fed.
        """
        if not self._held:
            end = data.find(_BLANK_LINE)
            if 0 < end <= self.limit - 4 and data[0] != _CARRIAGE_RETURN:
                self._may_skip = self._skips
                return data[: end + 2], data[end + 4 :]
        return self._collect(data)

    def _collect(self, data: bytes) -> tuple[bytes, bytes] | None:
        held = self._held
        seen = len(held)
        held += data
        if self._may_skip and len(held) >= 2:
            self._may_skip = False
            if held.startswith(b"\r\n"):
                del held[:2]
                seen = 0
        end = held.find(_BLANK_LINE, max(seen - 3, 0))
        if 0 <= end <= self.limit - 4:
            found = bytes(held[: end + 2]), bytes(held[end + 4 :])
            self._reset()
            return found
        self._check_begun(seen)
        return None

    def _check_begun(self, seen: int) -> None:
        """Raises Violation when the bytes held can never become a block; those before ``seen`` were checked."""
        held = self._held
        if not self._is_first_line_checked:
            line_end = held.find(b"\n", seen, self.limit)
            if line_end >= 0 and self._check_first_line is not None:
                self._check_first_line(held[: line_end + 1].decode("latin-1"))
                self._is_first_line_checked = True
            elif not held.startswith(self._begins[: len(held)]):
                raise Violation("syntax", f"it does not begin with {self._begins.decode()}")
        if ILLEGAL.search(held, max(seen - 1, 0), self.limit):
            raise Violation("syntax", ILLEGAL_REASON)
        if len(held) >= self.limit:
            if self._is_first_line_checked:
                raise Violation("head_size", f"more than {self.limit} bytes of fields")
            raise Violation("target_size", f"no line end within {self.limit} bytes")
        self._is_inside_line = len(held) > len(self._begins) + 1 and held[-1] not in _LINE_END
