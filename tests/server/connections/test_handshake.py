"""TLS on listeners, before the first request: whoever never ends a handshake costs little, and not for long."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from plano.config.load import load_text
from plano.http1.limits import Limits
from plano.intent.fixed import FixedClassifier
from plano.observe.log import Log
from plano.server.app import App
from plano.server.capacity import Capacity
from tests.running import KEYS, Running, mission_text, running
from tests.waiting import PATIENCE_S, until

HEALTH = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True)
class Site:
    """``text``: a configuration whose listener has a certificate. ``context``: of callers who trust it."""

    text: str
    context: ssl.SSLContext


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The configuration of the examples with a certificate for localhost."""
    folder = tmp_path_factory.mktemp("handshake")
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Site(_with_certificate(mission_text(), folder), context)


def _with_certificate(text: str, folder: Path) -> str:
    listener = f"{{port: 0, tls_certificate: {folder / 'cert.pem'}, tls_key: {folder / 'key.pem'}}}"
    return f"{text}\nlisteners: [{listener}]\nadmin: {{port: 0}}\n"


class Caller:
    """TLS by hand over a plain socket: what is sent, and when, is the test's to say."""

    def __init__(self, site: Site, peer: socket.socket) -> None:
        self.peer = peer
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = site.context.wrap_bio(self._in, self._out, server_hostname="localhost")

    def hello(self) -> bytes:
        """The first bytes of the handshake."""
        with pytest.raises(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self._out.read()

    def shake(self, *, with_it: bytes = b"") -> None:
        """The whole handshake; ``with_it`` goes out in the same write as its last bytes."""
        self.peer.sendall(self.hello())
        while True:
            self._take()
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self.peer.sendall(self._out.read())
                continue
            break
        if with_it:
            self._tls.write(with_it)
        self.peer.sendall(self._out.read())

    def read(self) -> bytes:
        """What the other side says until it closes its half of TLS. Its goodbye is not answered."""
        said = b""
        while True:
            try:
                data = self._tls.read(65536)
            except ssl.SSLWantReadError:
                self._take()
            else:
                if not data:
                    return said
                said += data

    def _take(self) -> None:
        data = self.peer.recv(65536)
        assert data, "the connection was closed"
        self._in.write(data)


@pytest.fixture
def secured(site: Site) -> Iterator[Running]:
    """A gateway with a certificate that does not wait long for a goodbye."""
    with running(site.text, limits=Limits(linger_s=0.2)) as gateway:
        yield gateway


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_handshake_has_the_time_of_a_first_byte(site: Site, is_begun: bool) -> None:
    """Whoever says nothing, or begins and stops, is closed: a minute was waited before, six times the limit."""
    with running(site.text, limits=Limits(first_byte_s=0.2)) as gateway:
        with gateway.connect() as peer:
            if is_begun:
                peer.sendall(Caller(site, peer).hello()[:20])
            assert peer.recv(100) == b""
        until(lambda: gateway.app._capacity.connections == 0)


def test_connections_are_counted_before_their_handshake(site: Site) -> None:
    """A silent one takes the only place; the next one is closed at once, and served when the place is free again."""
    capacity = Capacity(connections=1)
    with running(site.text, capacity=capacity) as gateway:
        with gateway.connect():
            until(lambda: capacity.connections == 1)
            with gateway.connect() as second:
                assert second.recv(100) == b""
        until(lambda: capacity.connections == 0)
        with gateway.connect() as third:
            caller = Caller(site, third)
            caller.shake(with_it=HEALTH)
            assert b"200 OK" in caller.read()
        until(lambda: capacity.connections == 0)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", b"\x16\x03\x01\x00\x05hello"])
def test_what_is_no_handshake_is_closed(secured: Running, said: bytes) -> None:
    """No answer in the clear, and nothing stays counted."""
    with secured.connect() as peer:
        peer.sendall(said)
        answered = peer.recv(1000)
    assert not answered.startswith(b"HTTP/")
    until(lambda: secured.app._capacity.connections == 0)


def test_a_goodbye_that_is_not_answered(secured: Running, site: Site) -> None:
    """After the last answer the connection ends, whether or not the caller says goodbye: half a minute before."""
    with secured.connect() as peer:
        caller = Caller(site, peer)
        caller.shake(with_it=HEALTH)
        assert b"200 OK" in caller.read()
        assert peer.recv(100) == b""


def test_a_request_in_the_last_bytes_of_the_handshake(secured: Running, site: Site) -> None:
    """It is served like any other."""
    with secured.connect() as peer:
        caller = Caller(site, peer)
        caller.shake(with_it=HEALTH)
        assert caller.read().startswith(b"HTTP/1.1 200 OK")


async def test_such_a_request_on_asyncios_own_loop(site: Site) -> None:
    """There its bytes are handed on before the end of the handshake is known."""
    settings = load_text(site.text, KEYS)
    app = App(settings, log=Log(None), classifier=FixedClassifier())
    await app.start()

    def asked() -> bytes:
        with socket.create_connection(("127.0.0.1", app.ports[0]), timeout=PATIENCE_S) as peer:
            caller = Caller(site, peer)
            caller.shake(with_it=HEALTH)
            return caller.read()

    try:
        assert (await asyncio.to_thread(asked)).startswith(b"HTTP/1.1 200 OK")
    finally:
        app.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize("is_late", [False, True])
async def test_closing_again_and_aborting_on_asyncios_own_loop(site: Site, is_late: bool) -> None:
    """Its TLS transport forgets its protocol at a second close() and then fails in abort() (CPython 3.11, sslproto)."""
    app = App(load_text(site.text, KEYS), log=Log(None), classifier=FixedClassifier())
    await app.start()
    with socket.create_connection(("127.0.0.1", app.ports[0]), timeout=PATIENCE_S) as peer:
        await asyncio.to_thread(Caller(site, peer).shake)
        while not (found := tuple(app._wires[0].connections)):  # noqa: ASYNC110  the loop is what is waited for
            await asyncio.sleep(0.001)
        (connection,) = found
        connection.drain()
        if is_late:
            connection.check_deadline(app._wires[0].now() + 1000.0)
        else:
            connection.drain()
        app.close()
        await asyncio.sleep(0)


def test_a_caller_that_leaves_in_its_handshake(secured: Running, site: Site) -> None:
    """Nothing stays of it."""
    with secured.connect() as peer:
        peer.sendall(Caller(site, peer).hello())
        peer.recv(1)
    until(lambda: secured.app._capacity.connections == 0)
    assert not secured.app._wires[0].connections


def test_no_descriptor_is_left(secured: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is closed, nothing stays counted, and the next one is served."""

    def fails(_number: int) -> int:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr("plano.server.connections.handshake.os.dup", fails)
        with secured.connect() as peer:
            assert peer.recv(100) == b""
        until(lambda: secured.app._capacity.connections == 0)


def test_closing_ends_handshakes(site: Site) -> None:
    """A gateway that stops does not leave anybody in the middle of one."""
    capacity = Capacity()
    with running(site.text, capacity=capacity) as gateway, gateway.connect() as peer:
        until(lambda: capacity.connections == 1)
        gateway.loop.call_soon_threadsafe(gateway.app.close)
        assert peer.recv(100) == b""
        until(lambda: capacity.connections == 0)
