"""Reads from callers who drip, a slice at a time: what thousands of them send in one instant holds up nobody else.

The event loop reads whatever is readable before anything else gets its turn. So its transports do not read from those
who drip: the kernel tells which of them sent something, and as much of it is read in a turn of the loop as fits into a
slice. While there are few of them that is at once.
"""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from plano.http1.server import ServerConnection
from plano.server.connections.streak import DRIPS, in_a_row

SLICE_S = 0.00025
"""A piece takes 5 to 10 µs: a slice has room for some thirty."""

READ_BYTES = 2048
ASKED_FOR_AT_ONCE = 64

_EPOLL = getattr(select, "epoll", None)


class Dripper(Protocol):
    """A caller's connection. ``drips``: how many small pieces it brought in a row."""

    drips: int
    core: ServerConnection

    def data_received(self, data: bytes) -> None:
        """Takes what it sent."""
        ...

    def abort(self) -> None:
        """Closes it at once."""
        ...


class Drips:
    """Those who drip, of one listener. ``now``: monotonic seconds.

    Without epoll (Linux has it) there are none, nor where a transport has no socket that can be read directly, as under
    TLS: their transports go on reading.
    """

    __slots__ = ("_callers", "_epoll", "_loop", "_now", "_numbers", "_ready")

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._callers: dict[int, tuple[Dripper, asyncio.Transport]] = {}
        self._numbers: dict[Dripper, int] = {}
        self._ready: list[tuple[int, int]] = []
        self._epoll: select.epoll | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._numbers)

    def saw(self, caller: Dripper, transport: asyncio.Transport | None, size: int) -> None:
        """Notes a piece with which no request began or was whole; from now on the caller may be one who drips."""
        caller.drips = drips = in_a_row(caller.drips, size)
        if drips == DRIPS and transport is not None:
            self._take(caller, transport)

    def forget(self, caller: Dripper) -> None:
        """Nothing is read from it here any more."""
        number = self._numbers.pop(caller, None)
        if number is None or self._epoll is None:
            return
        del self._callers[number]
        with suppress(OSError):
            self._epoll.unregister(number)
        if not self._numbers:
            self._end()

    def _take(self, caller: Dripper, transport: asyncio.Transport) -> None:
        sock = transport.get_extra_info("socket")
        if _EPOLL is None or sock is None or transport.is_closing() or transport.get_extra_info("sslcontext"):
            return
        number = sock.fileno()
        # No descriptor is left, or the kernel watches too many: then its transport goes on reading.
        with suppress(OSError):
            if self._epoll is None:
                self._begin(_EPOLL())
            assert self._epoll is not None
            self._epoll.register(number, select.EPOLLIN | select.EPOLLRDHUP)
            self._callers[number] = caller, transport
            self._numbers[caller] = number
            transport.pause_reading()
        if not self._numbers:
            self._end()

    def _begin(self, epoll: select.epoll) -> None:
        self._epoll, self._loop = epoll, asyncio.get_running_loop()
        self._loop.add_reader(epoll.fileno(), self._read_slice)

    def _end(self) -> None:
        if self._epoll is not None and self._loop is not None:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
        self._epoll = None
        self._ready.clear()

    def _read_slice(self) -> None:
        """The loop calls again while any of them has something to read."""
        until = self._now() + SLICE_S
        while self._ready or self._ask():
            self._read(*self._ready.pop())
            if self._now() >= until:
                return

    def _ask(self) -> bool:
        """Did any of them send something? They take turns: whoever was named goes behind the others."""
        if self._epoll is not None:
            self._ready = self._epoll.poll(0, ASKED_FOR_AT_ONCE)
        return bool(self._ready)

    def _read(self, number: int, what: int) -> None:
        entry = self._callers.get(number)
        if entry is None:
            return
        caller, transport = entry
        # Anything else that is said of it is an end, which its transport deals with.
        data = _read_from(number) if what == select.EPOLLIN else b""
        if data:
            try:
                caller.data_received(data)
            except Exception:
                self.forget(caller)
                caller.abort()
                raise
        if not data or caller.drips < DRIPS or caller.core.is_full:
            self._give_back(caller, transport)

    def _give_back(self, caller: Dripper, transport: asyncio.Transport) -> None:
        caller.drips = 0
        self.forget(caller)
        if not caller.core.is_full and not transport.is_closing():
            transport.resume_reading()


def _read_from(number: int) -> bytes:
    try:
        return os.read(number, READ_BYTES)
    except OSError:
        return b""
