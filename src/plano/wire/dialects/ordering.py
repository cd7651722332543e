"""The order that encoders rely on, whatever an upstream sends: one beginning, and only open blocks are filled.

Words, thoughts and refusals come one block after the other: the next block of any kind ends them. Only tool calls may
be open side by side.
"""

from __future__ import annotations

from plano.wire.canonical.events import Begin, Closed, Delta, Event, Finished, Opened, Sealed

_BEGIN = Begin(None, None)
_CALLS = ("tool_call", "custom_call")


class Ordering:
    """Follows one stream. ``has_lost``: text came for a block that is closed, and was left out. ``open``: the blocks
    that may be filled.
    """

    __slots__ = ("_has_begun", "_prose", "has_lost", "open")

    def __init__(self) -> None:
        self.has_lost = False
        self._has_begun = False
        self.open: set[int] = set()
        self._prose: int | None = None

    def ordered(self, events: list[Event]) -> list[Event]:
        """The events as an encoder may have them."""
        found: list[Event] = []
        for event in events:
            if not self._has_begun:
                self._has_begun = True
                if type(event) is not Begin:
                    found.append(_BEGIN)
            elif type(event) is Begin:
                continue
            self._follow(event, found)
        return found

    def _follow(self, event: Event, found: list[Event]) -> None:
        if type(event) is Opened:
            self._end_prose(found)
            self.open.add(event.block)
            if event.kind not in _CALLS:
                self._prose = event.block
        elif type(event) is Closed:
            if event.block not in self.open:
                return
            self.open.discard(event.block)
            if event.block == self._prose:
                self._prose = None
        elif type(event) is Delta or type(event) is Sealed:
            if event.block not in self.open:
                self.has_lost = True
                return
        elif type(event) is Finished:
            self._end_prose(found)
            found += [Closed(block) for block in sorted(self.open)]
            self.open.clear()
        found.append(event)

    def _end_prose(self, found: list[Event]) -> None:
        if self._prose is not None:
            found.append(Closed(self._prose))
            self.open.discard(self._prose)
            self._prose = None
