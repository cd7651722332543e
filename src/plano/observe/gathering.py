"""Several processes seen as one: those behind the first tell it what they answered.

They tell it over a pair of sockets that all of them inherit. A packet is taken whole or not at all, so that many may
write; nobody waits, and what the first one does not read in time is counted as lost.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from plano.observe.entry import Entry

PACKED = 16
"""Entries in a packet."""

LARGEST_PACKET = 96 * 1024
"""Bytes; the system takes about twice as much. Entries of a larger one are told without decision and attempts."""

READ_AT_ONCE = 8
"""Packets between two turns of the loop."""

FORGOTTEN_AFTER_S = 5.0

Totals = tuple[tuple[tuple[str, ...], int | float], ...]
"""Counts since a process began, each by its name and the values of its labels."""


class Told(msgspec.Struct, frozen=True):
    """What a worker tells: its number from 0, its process, its open connections and requests in progress now, entries.

    ``totals``: what it counts for itself; not with every packet.
    """

    worker: int
    process: int
    connections: int
    requests: int
    entries: tuple[Entry, ...]
    totals: Totals = ()


def pair() -> tuple[socket.socket, socket.socket]:
    """Where the first worker reads, and where the others write."""
    kind = getattr(socket, "SOCK_SEQPACKET", socket.SOCK_DGRAM)
    ends = socket.socketpair(socket.AF_UNIX, kind)
    for end in ends:
        end.setblocking(False)
    return ends


class Teller:
    """Tells for one worker. ``now``: its open connections and its requests in progress. ``totals``: what it counts.

    ``lost``: entries that could not be told.
    """

    def __init__(
        self,
        line: socket.socket,
        worker: int,
        now: Callable[[], tuple[int, int]],
        totals: Callable[[], Totals] = tuple,
    ) -> None:
        self._line = line
        self._worker = worker
        self._now = now
        self._totals = totals
        self.lost = 0
        self._encode: Final = msgspec.msgpack.Encoder().encode

    def take(self, entries: Sequence[Entry]) -> None:
        """Tells a batch."""
        for place in range(0, len(entries), PACKED):
            some = tuple(entries[place : place + PACKED])
            packet = self._packet(some)
            if len(packet) <= LARGEST_PACKET:
                self._send(packet, len(some))
                continue
            for one in some:
                short = msgspec.structs.replace(one, decision=None, attempts=None, is_shortened=True)
                self._send(self._packet((short,)), 1)

    def beat(self) -> None:
        """Tells that it lives, how busy it is and what it has counted; called about twice a second."""
        self._send(self._packet((), self._totals()), 0)

    def _packet(self, entries: tuple[Entry, ...], totals: Totals = ()) -> bytes:
        return self._encode(Told(self._worker, os.getpid(), *self._now(), entries, totals))

    def _send(self, packet: bytes, entries: int) -> None:
        try:
            self._line.send(packet)
        except OSError:
            self.lost += entries


class Gatherer:
    """Hands what others told to ``show``, and remembers how busy they are. ``monotonic``: seconds."""

    def __init__(self, show: Callable[[Sequence[Entry]], None], monotonic: Callable[[], float]) -> None:
        self._show = show
        self._monotonic = monotonic
        self._decode: Final = msgspec.msgpack.Decoder(Told).decode
        self._last: dict[int, tuple[float, Told]] = {}
        self._totals: dict[int, Totals] = {}
        self._ended: Counter[tuple[str, ...]] = Counter()
        self.unread = 0

    def read(self, line: socket.socket) -> None:
        """Takes what waits, a little at a time; called when there is something."""
        for _ in range(READ_AT_ONCE):
            try:
                packet = line.recv(2 * LARGEST_PACKET)
            except OSError:
                return
            try:
                told = self._decode(packet)
                self._note(told)
                if told.entries:
                    self._show(told.entries)
            except Exception:
                self.unread += 1

    @property
    def connections(self) -> int:
        """Open ones of the others."""
        return sum(told.connections for told in self._alive())

    @property
    def requests(self) -> int:
        """In progress at the others."""
        return sum(told.requests for told in self._alive())

    @property
    def workers(self) -> int:
        """How many others there are: those that were heard of in the last five seconds."""
        return len(list(self._alive()))

    def totals(self, name: str) -> Iterable[tuple[tuple[str, ...], float]]:
        """What the others have counted under a name, by the values of its labels; those that ended included."""
        whole = Counter(self._ended)
        for totals in self._totals.values():
            whole.update(dict(totals))
        return [(values[1:], number) for values, number in whole.items() if values[0] == name]

    def _note(self, told: Told) -> None:
        before = self._last.get(told.worker)
        if before is not None and before[1].process != told.process:
            # Another process in its place counts from 0; what the first one shows must never fall.
            self._ended.update(dict(self._totals.pop(told.worker, ())))
        self._last[told.worker] = self._monotonic(), told
        if told.totals:
            self._totals[told.worker] = told.totals

    def _alive(self) -> Iterable[Told]:
        since = self._monotonic() - FORGOTTEN_AFTER_S
        return (told for at, told in self._last.values() if at >= since)
