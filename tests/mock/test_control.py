"""The remote control of the mock provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from plano.mock.control import Control
from plano.mock.provider import MockProvider


@asynccontextmanager
async def both() -> AsyncIterator[tuple[httpx2.AsyncClient, httpx2.AsyncClient]]:
    """Somebody to call the models, somebody to control them."""
    provider = MockProvider()
    control = Control(provider)
    await provider.start()
    await control.start()
    models, remote = [f"http://127.0.0.1:{port}" for port in (provider.port, control.port)]
    async with (
        httpx2.AsyncClient(base_url=models, trust_env=False) as caller,
        httpx2.AsyncClient(base_url=remote, trust_env=False) as operator,
    ):
        try:
            yield caller, operator
        finally:
            provider.stop()
            control.stop()
            await asyncio.sleep(0.01)


async def test_scripts_and_the_ledger() -> None:
    """What is set counts for the next calls, and each is a row of the ledger until it is forgotten."""
    async with both() as (caller, operator):
        assert (await operator.post("/scripts", json={"m": ["503", "ok"]})).json() == {"scripts": 1}
        statuses = [(await caller.post("/", json={"model": "m"})).status_code for _ in range(2)]
        rows = (await operator.get("/ledger")).json()["entries"]
        await operator.delete("/ledger")
        forgotten = (await operator.get("/ledger")).json()
    assert statuses == [503, 200]
    assert [(row["model"], row["word"], row["end"]) for row in rows] == [
        ("m", "status", "served"),
        ("m", "ok", "served"),
    ]
    assert forgotten == {"entries": []}


async def test_connections_and_pace() -> None:
    """Connections misbehave in turn; the pace is set as a whole."""
    async with both() as (caller, operator):
        await operator.post("/connections", json=["reset-on-accept", None])
        assert (await operator.post("/pace", json={"latency_s": 0.0, "tokens_per_s": 1e6})).status_code == 200
        with pytest.raises(httpx2.TransportError):
            await caller.post("/", json={"model": "m"})
        assert (await caller.post("/", json={"model": "m"})).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/scripts", {"m": ["explode"]}, 400), ("/scripts", [], 400), ("/connections", ["x"], 400), ("/x", {}, 404)],
)
async def test_what_cannot_be_done(path: str, body: object, status: int) -> None:
    """A word that is none, the wrong shape, an unknown path: said, and nothing changes."""
    async with both() as (caller, operator):
        assert (await operator.post(path, json=body)).status_code == status
        assert (await caller.post("/", json={"model": "m"})).status_code == 200
