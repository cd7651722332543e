"""The admin listener: where it opens, where it must not, and that a full gateway can still be looked at."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import httpx2
import pytest

from plano.config.load import load_text
from plano.config.settings import Admin, Settings
from plano.domain.secret import Secret
from plano.errors import ConfigError
from plano.http1.limits import Limits
from plano.intent.fixed import FixedClassifier
from plano.observe.log import Log
from plano.server.app import App
from plano.server.capacity import Capacity
from tests.ports import free_port
from tests.running import KEYS, mission_text, running
from tests.waiting import PATIENCE_S, until

FREE = Admin(port=0)
TOKEN = Secret("admin-token-0123456789")


def settings(admin: Admin) -> Settings:
    """The examples' configuration on a free port, with this admin listener."""
    found = load_text(mission_text(), KEYS)
    return replace(found, listeners=(replace(found.listeners[0], port=0),), admin=admin)


@asynccontextmanager
async def started(admin: Admin) -> AsyncIterator[App]:
    """A gateway with this admin listener."""
    app = App(settings(admin), log=Log(None), classifier=FixedClassifier())
    try:
        await app.start()
        yield app
    finally:
        app.close()
        await asyncio.sleep(0)


async def get(app: App, host: str = "127.0.0.1", path: str = "/healthz") -> httpx2.Response:
    """The answer of its admin listener."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://{host}:{app.admin.port}{path}")


def test_the_default_is_loopback() -> None:
    """What nobody configured is reached by this machine alone, at the documented port."""
    found = load_text(mission_text(), KEYS).admin
    assert (found.address, found.port, found.enabled, found.is_address_given) == ("127.0.0.1", 12_001, True, False)


@pytest.mark.parametrize(
    ("section", "is_given"),
    [("{port: 1}", True), ("{address: 127.0.0.1}", True), ("{enabled: true}", False), ("{}", False)],
)
def test_an_address_that_stands_in_the_file(section: str, is_given: bool) -> None:
    """Address or port in the file, even with the default's value, is an address that was asked for."""
    assert load_text(f"{mission_text()}\nadmin: {section}\n", KEYS).admin.is_address_given is is_given


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
async def test_on_loopback(address: str) -> None:
    """Every loopback address answers to its own name."""
    async with started(replace(FREE, address=address)) as app:
        host = f"[{address}]" if ":" in address else address
        assert app.admin.where == f"{host}:{app.admin.port}"
        assert (await get(app, host)).status_code == 200


async def test_switched_off() -> None:
    """No listener, and nothing to complain about."""
    async with started(replace(FREE, enabled=False)) as app:
        assert app.admin.port is None
        assert app.admin.trouble is None


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.1.2.3"])
async def test_beyond_loopback_without_a_token(address: str) -> None:
    """The gateway does not start, and says what is missing; the listener of callers is closed again."""
    port = free_port()
    found = settings(replace(FREE, address=address))
    found = replace(found, listeners=(replace(found.listeners[0], port=port),))
    with pytest.raises(ConfigError, match=r"needs a token: set 'admin\.token'"):
        await App(found, log=Log(None), classifier=FixedClassifier()).start()
    await asyncio.sleep(0)
    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_beyond_loopback_with_a_token() -> None:
    """Any name leads there, and only the token opens it."""
    async with started(Admin("0.0.0.0", 0, TOKEN)) as app, httpx2.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{app.admin.port}/metrics"
        headers = {"host": "gateway.example"}
        assert (await client.get(url, headers=headers)).status_code == 401
        headers["authorization"] = f"Bearer {TOKEN.reveal()}"
        assert (await client.get(url, headers=headers)).status_code == 200


async def test_a_default_port_that_is_taken() -> None:
    """Another gateway may have it: this one serves, says so in ``/readyz``, and is ready."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with started(Admin(port=port)) as app, httpx2.AsyncClient(trust_env=False) as client:
            assert app.admin.port is None
            assert app.admin.trouble is not None and f"127.0.0.1:{port}: address already in use" in app.admin.trouble
            answer = await client.get(f"http://127.0.0.1:{app.ports[0]}/readyz")
            assert (answer.status_code, answer.json()["notes"]) == (200, ["no_admin_listener"])


async def test_a_configured_port_that_is_taken() -> None:
    """Whoever asked for it is told, and the gateway does not start."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        admin = Admin(port=taken.getsockname()[1], is_address_given=True)
        app = App(settings(admin), log=Log(None), classifier=FixedClassifier())
        with pytest.raises(ConfigError, match=f"127.0.0.1:{admin.port}: address already in use"):
            await app.start()
    await asyncio.sleep(0)


def test_a_full_gateway_can_be_looked_at() -> None:
    """Where callers find no place any more, the admin listener still answers."""
    with running(capacity=Capacity(connections=0)) as gateway:
        with pytest.raises(httpx2.HTTPError):
            gateway.get("/healthz")
        assert gateway.admin("/metrics").status_code == 200


def test_a_silent_connection_is_closed() -> None:
    """The deadlines of every listener hold here too."""
    with running(limits=Limits(first_byte_s=0.1)) as gateway:
        with socket.create_connection(("127.0.0.1", gateway.app.admin.port or 0), timeout=PATIENCE_S) as peer:
            assert peer.recv(1) == b""

        def is_served() -> bool:
            # One who is slow to speak is closed like the silent one.
            with suppress(httpx2.TransportError):
                return gateway.admin("/healthz").status_code == 200
            return False

        until(is_served)


async def test_it_closes_with_the_gateway() -> None:
    """An open connection ends and no new one is accepted."""
    async with started(FREE) as app:
        port = app.admin.port or 0
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        app.close()
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readuntil(b"never")
        writer.close()
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)
