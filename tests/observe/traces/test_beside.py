"""An outlet that blocks, in a thread: the loop goes on, and hears what became of each batch."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from plano.observe.entry import Entry
from plano.observe.traces.beside import Beside
from plano.observe.traces.exporter import Delivery
from tests.waiting import came

from .samples import whole


class Blocking:
    """Waits for ``go_on``, then raises ``trouble`` if there is one."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.go_on = threading.Event()
        self.threads: list[threading.Thread] = []
        self.is_closed = False

    def send(self, batch: Sequence[Entry]) -> Delivery:
        """Takes a batch."""
        self.threads.append(threading.current_thread())
        self.go_on.wait(20)
        if self.trouble is not None:
            raise self.trouble
        return Delivery(len(batch))

    def close(self) -> None:
        """Is over."""
        self.is_closed = True


async def test_the_loop_goes_on() -> None:
    """While it blocks; all batches are handed on in one thread, which was settled before and ends with it."""
    outlet, settled = Blocking(), list[threading.Thread]()
    beside = Beside(outlet, settle=lambda: settled.append(threading.current_thread()))
    sending = asyncio.create_task(beside.send([whole()] * 3))
    async with asyncio.timeout(20):
        while not outlet.threads:  # noqa: ASYNC110 - a thread sets no event of the loop
            await asyncio.sleep(0.001)
        assert not sending.done()
        outlet.go_on.set()
        assert await sending == Delivery(3)
        assert await beside.send([whole()]) == Delivery(1)
        await beside.close()
    assert outlet.is_closed
    assert settled == [outlet.threads[0]]
    assert outlet.threads[0] is outlet.threads[1] is not threading.current_thread()
    outlet.threads[0].join(20)
    assert not outlet.threads[0].is_alive()


async def test_what_it_raises() -> None:
    """Is raised where the batch was handed on."""
    outlet = Blocking(OSError("disk"))
    outlet.go_on.set()
    beside = Beside(outlet)
    with pytest.raises(OSError, match="disk"):
        await beside.send([whole()])
    await beside.close()


async def test_one_that_hangs() -> None:
    """Can be given up, and holds up neither the loop nor the end of the process."""
    outlet = Blocking()
    beside = Beside(outlet)
    sending = asyncio.create_task(beside.send([whole()]))
    await came(lambda: outlet.threads)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await beside.close()
    assert all(thread.daemon for thread in outlet.threads)
    outlet.go_on.set()


async def test_nothing_was_sent() -> None:
    """Then there is no thread, and nothing to close."""
    outlet = Blocking()
    await Beside(outlet).close()
    assert not outlet.is_closed
