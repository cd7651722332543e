"""Streams that are held back until they are whole: what they may take of the memory, and of the time."""

from __future__ import annotations

from collections.abc import Callable

MOST_BYTES = 16 * 1024 * 1024
"""Of one stream; some 60,000 tokens of chat completions."""

MOST_BYTES_OF_ALL = 256 * 1024 * 1024


class Room:
    """The memory of all streams that are held. ``taken``: bytes."""

    __slots__ = ("_most", "_most_of_all", "taken")

    def __init__(self, *, most: int = MOST_BYTES, most_of_all: int = MOST_BYTES_OF_ALL) -> None:
        self._most = most
        self._most_of_all = most_of_all
        self.taken = 0

    def withhold(self, *, idle_s: float, seconds_left: Callable[[], float]) -> Withheld:
        """Room for one stream. ``idle_s``: how long it may be silent; ``seconds_left``: until it must be over."""
        return Withheld(self, idle_s, seconds_left)

    def take(self, size: int, taken: int) -> bool:
        """Is there room for ``size`` more bytes of a stream that has ``taken`` some? Then they are counted."""
        if taken + size > self._most or self.taken + size > self._most_of_all:
            return False
        self.taken += size
        return True


class Withheld:
    """One stream that is held back. ``release`` must be called once it is handed over or given up."""

    __slots__ = ("_idle_s", "_room", "_seconds_left", "_taken")

    def __init__(self, room: Room, idle_s: float, seconds_left: Callable[[], float]) -> None:
        self._room = room
        self._idle_s = idle_s
        self._seconds_left = seconds_left
        self._taken = 0

    def keeps(self, data: bytes) -> bool:
        """Are these bytes kept? False where they would be too many: the stream then goes on to its caller."""
        if not self._room.take(len(data), self._taken):
            return False
        self._taken += len(data)
        return True

    def limits(self) -> tuple[float, float]:
        """Once its first content is there: how long it may be silent, and how long until it must be over."""
        return self._idle_s, self._seconds_left()

    def release(self) -> None:
        """Its memory is free again."""
        self._room.taken -= self._taken
        self._taken = 0
