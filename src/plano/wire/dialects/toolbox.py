"""Lists of tools, remembered: an agent sends the same ones with every request of a conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from plano.wire.canonical.request import NO_TOOLS, AnyTool, Request, Toolbox
from plano.wire.dialects import custom_tools
from plano.wire.dialects.fates import Ledger
from plano.wire.dialects.reading import NULL, Reader, read_each
from plano.wire.dialects.tool_names import odd_names

REMEMBERED = 32
LONGEST_REMEMBERED = 128 * 1024
"""Lists, and bytes of one. With all that is made of it a list takes four times its bytes: 16 MiB are the most."""

Write = Callable[[tuple[AnyTool, ...], Ledger], list[Any]]
"""Makes of tools what a dialect sends, or puts into the ledger why not."""


def written(request: Request, write: Write, ledger: Ledger) -> msgspec.Raw | list[Any]:
    """What ``write`` makes of the tools; the ledger gets the same lines each time. Raises InvalidRequest.

    Of tools that are remembered it is JSON, unless some are chosen by their names, which a dialect may have to look up.
    """
    box, choice = request.box, request.options.get("tool_choice")
    if box.written is None or (choice is not None and choice.mode in ("named", "allowed")):
        return write(box.tools, ledger)
    known = box.written.get(write)
    if known is None:
        own = ledger.blank()
        made = msgspec.Raw(msgspec.json.encode(write(box.tools, own)))
        known = box.written[write] = made, own.lines
    if known[1]:
        ledger.note(known[1])
    return known[0]


class ToolReader:
    """Reads the lists of tools of one dialect. ``shape``: of a tool. ``read``: makes the tool of it."""

    __slots__ = ("_read", "_reader")

    def __init__(self, shape: Any, read: Callable[[Any], AnyTool]) -> None:
        shapes: Any = tuple[shape, ...] | None
        self._reader: Reader[tuple[Any, ...] | None] = Reader(shapes, at="tools")
        self._read = read

    def read(self, raw: msgspec.Raw, known: KnownTools | None) -> Toolbox:
        """The tools of the member ``tools``. Raises InvalidRequest with the exact place."""
        if raw is NULL:
            return NO_TOOLS
        return self.read_anew(raw) if known is None else known.find(raw, self)

    def read_anew(self, raw: msgspec.Raw) -> Toolbox:
        """As ``read``, whatever is known."""
        found, strange = self._reader.read(raw)
        tools = tuple(read_each("tools", found or (), self._read))
        return Toolbox(raw, tools, strange, custom_tools.names(tools), odd=odd_names(tools))


class KnownTools:
    """The last lists that were read. One is found by its length and then compared byte by byte: no digest is needed.

    Safe in any thread.
    """

    __slots__ = ("_boxes",)

    def __init__(self) -> None:
        self._boxes: dict[tuple[ToolReader, int], Toolbox] = {}

    def __len__(self) -> int:
        return len(self._boxes)

    def find(self, raw: msgspec.Raw, reader: ToolReader) -> Toolbox:
        """The tools of ``raw``. Raises InvalidRequest with the exact place."""
        size = len(memoryview(raw))
        key = reader, size
        box = self._boxes.get(key)
        if box is not None and box.raw == raw:
            return box
        if size > LONGEST_REMEMBERED:
            return reader.read_anew(raw)
        # A copy: what is carried of it as it came would keep the whole body otherwise.
        box = msgspec.structs.replace(reader.read_anew(raw.copy()), written={})
        if len(self._boxes) >= REMEMBERED:
            self._boxes.clear()
        self._boxes[key] = box
        return box
