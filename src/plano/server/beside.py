"""The workers of one gateway, beside each other: the first one shows what all answer, and sums their numbers."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence

from plano.observe.entry import Entry
from plano.observe.gathering import Gatherer, Teller
from plano.observe.journal import Journal
from plano.observe.summed import Summed
from plano.server.capacity import Capacity


class Beside:
    """What this process hears of the workers beside it, or tells the first one; nothing where it is alone.

    ``show``: takes what another worker answered.
    """

    def __init__(self, capacity: Capacity, show: Callable[[Sequence[Entry]], None]) -> None:
        self._capacity = capacity
        self._teller: Teller | None = None
        self.others = Gatherer(show, time.monotonic)
        self.summed = Summed(self.others)

    def stand(self, pair: tuple[socket.socket, socket.socket], worker: int, journal: Journal) -> None:
        """One of several workers with one pair of sockets: the first one, 0, reads, all others write."""
        reads, writes = pair
        if worker == 0:
            asyncio.get_running_loop().add_reader(reads, self.others.read, reads)
        else:
            self._teller = Teller(writes, worker, self._busy, self.summed.told)
            journal.also(self._teller.take)

    @property
    def untold(self) -> int:
        """Entries that were lost between two workers."""
        return self.others.unread if self._teller is None else self._teller.lost

    def beat(self) -> None:
        """Tells the first worker how this one is; called about twice a second."""
        if self._teller is not None:
            self._teller.beat()

    def _busy(self) -> tuple[int, int]:
        return self._capacity.connections, self._capacity.requests
