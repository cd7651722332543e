"""The clock that jumps: over waiting, and over nothing that is on its way."""

from __future__ import annotations

import asyncio
import selectors
import socket
import time
from typing import Any

import pytest

from tests.faults.timelapse import GRACE_S, run_in_timelapse


def test_waiting_takes_no_time() -> None:
    """An hour passes by every clock of the test, and none of it by that of the wall."""
    began = time.perf_counter()
    passed = run_in_timelapse(lambda loop: _slept(loop, 3600.0))
    assert passed >= 3600.0
    assert time.perf_counter() - began < 1800.0


def test_work_takes_no_time() -> None:
    """A slow machine uses up nobody's limit: connecting ran into 5 s where others had the processor for so long."""

    async def work() -> float:
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(0.05):
            time.sleep(0.1)  # noqa: ASYNC251 - the whole process stands still
            await asyncio.sleep(0)
        return asyncio.get_running_loop().time() - began

    assert 0.0 < run_in_timelapse(lambda _loop: work()) < 0.05


async def _slept(loop: asyncio.AbstractEventLoop, seconds: float) -> float:
    began = loop.time()
    await asyncio.sleep(seconds)
    return loop.time() - began


def test_a_late_network_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a busy machine holds back for longer than the grace used to be jumped over: a limit of 5 s ran out."""
    select, held = selectors.DefaultSelector.select, 3

    def late(selector: selectors.DefaultSelector, timeout: float | None = None) -> Any:
        nonlocal held
        ready = select(selector, timeout)
        if timeout == 0 or not ready or held == 0:
            return [] if held else ready
        held -= 1
        time.sleep(4 * GRACE_S)
        return []

    async def heard() -> bytes:
        ours, theirs = socket.socketpair()
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours)
            monkeypatch.setattr(selectors.DefaultSelector, "select", late)
            theirs.send(b"x")
            async with asyncio.timeout(5.0):
                found = await reader.read(1)
            writer.close()
            await writer.wait_closed()
            return found

    assert run_in_timelapse(lambda _loop: heard()) == b"x"
