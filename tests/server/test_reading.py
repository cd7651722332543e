"""Large bodies are read beside the loop, and answered like any other."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from plano.errors import InvalidJson
from plano.server.reading import Reading
from plano.wire.json_guard import LARGE_BYTES
from tests.running import A, B, Running, question


async def test_the_loop_goes_on() -> None:
    """While a body is read, everything else happens."""
    gate = threading.Event()

    def slow(body: bytes) -> None:
        gate.wait(10)
        raise InvalidJson(f"{len(body)} bytes")

    reading = Reading()
    waiting = asyncio.create_task(reading.do(slow, b"xyz"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    with pytest.raises(InvalidJson, match="3 bytes"):
        await waiting
    reading.close()


def test_a_large_body_is_answered_like_a_small_one(gateway: Running) -> None:
    """The same decision; the provider gets the caller's bytes; a mistake has its place."""
    large = [{"role": "user", "content": "x" * (LARGE_BYTES + 10)}]
    small = [{"role": "user", "content": "x"}]
    assert gateway.decide(question(messages=large)).json()["models"] == [A, B]
    assert gateway.decide(question(messages=small)).json()["models"] == [A, B]
    assert gateway.chat(question(messages=large)).status_code == 200
    assert json.loads(gateway.mock.calls[-1].body)["messages"] == large
    wrong = gateway.decide(question(messages=[*large, {"role": 7}]))
    assert (wrong.status_code, wrong.json()["error"]["param"]) == (400, "messages[1].role")
