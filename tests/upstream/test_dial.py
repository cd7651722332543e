"""From a name to a connected transport: which address is tried when, and what becomes of the others."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from plano.domain.model import Origin
from plano.http1.head import ResponseHeads
from plano.http1.limits import Limits
from plano.upstream import dial
from plano.upstream.dial import Address, Dialer, first_connected
from tests.ports import CLOSED_PORT
from tests.upstream.playing import and_stays, black_hole, provider, settle
from tests.waiting import PATIENCE_S

HEADS = ResponseHeads(Limits())
V4, V6 = socket.AF_INET, socket.AF_INET6

Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]


def no_tls() -> ssl.SSLContext:
    """A context for nobody."""
    pytest.fail("no TLS here")


def local(port: int) -> Address:
    """An address on this machine."""
    return V4, ("127.0.0.1", port)


class Names:
    """Stands in for the system's resolver: gives ``found``, or fails; remembers what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *found: Address, fails: bool = False) -> None:
        self.asked: list[tuple[str, int]] = []
        self.fails = fails
        self._found = found
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self._answer)

    async def _answer(self, host: str, port: int, **how: int) -> list[Found]:
        assert how.pop("type") == socket.SOCK_STREAM
        self.asked.append((host, how["flags"]))
        if self.fails:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(family, socket.SOCK_STREAM, 6, "", address) for family, address in self._found]


Play = Callable[[], Awaitable[None]]


class Addresses:
    """Stands in for connecting: each address does what its script says, then gives a socket."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **scripts: Play) -> None:
        self.tried: list[str] = []
        self.at: list[float] = []
        self.made: list[socket.socket] = []
        self._scripts = scripts
        self._news = asyncio.Event()
        monkeypatch.setattr(dial, "_connected", self._connected)

    @property
    def all(self) -> list[Address]:
        """The addresses, in order."""
        return [(V4, (name, 1)) for name in self._scripts]

    async def _connected(self, _family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
        self.tried.append(address[0])
        self.at.append(asyncio.get_running_loop().time())
        self._news.set()
        await self._scripts[address[0]]()
        self.made.append(socket.socket())
        return self.made[-1]

    async def until_tried(self, count: int) -> None:
        """Comes back when so many addresses are being tried."""
        while len(self.tried) < count:
            self._news.clear()
            await self._news.wait()

    def left(self) -> list[socket.socket]:
        """The sockets that are still open."""
        return [sock for sock in self.made if sock.fileno() >= 0]


async def refuses() -> None:
    """Nobody listens."""
    raise ConnectionRefusedError("refused")


async def hangs() -> None:
    """Nobody answers."""
    await asyncio.Event().wait()


async def connects() -> None:
    """Somebody does."""


async def test_connected() -> None:
    """The protocol is connected to the origin, and small writes do not wait for each other."""
    async with provider(and_stays(b"")) as endpoint:
        protocol = await Dialer(no_tls, HEADS).open(endpoint.origin, Kept)
        sock = protocol.transport.get_extra_info("socket")
        assert sock.getpeername() == ("127.0.0.1", endpoint.origin.port)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        protocol.transport.abort()
        await settle()


class Kept(asyncio.Protocol):
    """Keeps its transport."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_refused(host: str) -> None:
    """Nobody listens: OSError, at once."""
    with pytest.raises(OSError):
        await asyncio.wait_for(Dialer(no_tls, HEADS).open(Origin("http", host, CLOSED_PORT), Kept), PATIENCE_S)


async def test_a_dead_address_does_not_eat_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one address does not answer the next is tried beside it, on real sockets."""
    monkeypatch.setattr(dial, "ATTEMPT_DELAY_S", 0.02)
    with black_hole() as dead:
        async with provider(and_stays(b"")) as endpoint:
            sock = await asyncio.wait_for(first_connected([local(dead), local(endpoint.origin.port)]), PATIENCE_S)
            assert sock.getpeername()[1] == endpoint.origin.port
            sock.close()
            await settle()


async def test_the_stagger(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8305 §5: one address, and each further one only after the delay; what hangs is given up at the end."""
    monkeypatch.setattr(dial, "ATTEMPT_DELAY_S", 0.02)
    go = asyncio.Event()

    async def told() -> None:
        await go.wait()

    played = Addresses(monkeypatch, a=hangs, b=told, c=hangs, d=connects)
    work = asyncio.create_task(first_connected(played.all))
    await settle()
    assert played.tried[0] == "a"
    await played.until_tried(2)
    assert played.at[1] - played.at[0] >= 0.02
    go.set()
    sock = await asyncio.wait_for(work, PATIENCE_S)
    await settle()
    assert played.tried[:2] == ["a", "b"]
    assert played.left() == [sock]
    sock.close()


async def test_a_failure_starts_the_next_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the delay after a refusal."""
    monkeypatch.setattr(dial, "ATTEMPT_DELAY_S", 3600.0)
    played = Addresses(monkeypatch, a=refuses, b=refuses, c=connects, d=connects)
    sock = await asyncio.wait_for(first_connected(played.all), PATIENCE_S)
    assert played.tried == ["a", "b", "c"]
    sock.close()


def test_the_delay() -> None:
    """The one RFC 8305 recommends."""
    assert dial.ATTEMPT_DELAY_S == 0.25


async def test_all_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last error is told; no address at all is one, too."""
    with pytest.raises(ConnectionRefusedError):
        await first_connected(Addresses(monkeypatch, a=refuses, b=refuses).all)
    with pytest.raises(OSError, match="no address"):
        await first_connected([])


async def test_a_late_success_after_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address may still answer after all others have failed."""
    monkeypatch.setattr(dial, "ATTEMPT_DELAY_S", 0.0)
    go = asyncio.Event()

    async def told() -> None:
        await go.wait()

    played = Addresses(monkeypatch, a=told, b=refuses, c=refuses)
    work = asyncio.create_task(first_connected(played.all))
    await played.until_tried(3)
    await settle()
    go.set()
    sock = await asyncio.wait_for(work, PATIENCE_S)
    assert played.left() == [sock]
    sock.close()


async def test_two_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One is used, the other closed."""
    monkeypatch.setattr(dial, "ATTEMPT_DELAY_S", 0.0)
    go = asyncio.Event()

    async def told() -> None:
        await go.wait()

    played = Addresses(monkeypatch, a=told, b=told, c=told)
    work = asyncio.create_task(first_connected(played.all))
    await played.until_tried(3)
    go.set()
    sock = await asyncio.wait_for(work, PATIENCE_S)
    await settle()
    assert len(played.made) == 3
    assert played.left() == [sock]
    sock.close()


@pytest.mark.parametrize("has_connected", [False, True])
async def test_cancelled(monkeypatch: pytest.MonkeyPatch, has_connected: bool) -> None:
    """Nothing stays open, also when a connection was made in the same moment."""
    monkeypatch.setattr(dial, "ATTEMPT_DELAY_S", 0.0)
    go = asyncio.Event()

    async def told() -> None:
        await go.wait()

    played = Addresses(monkeypatch, a=hangs, b=told, c=refuses)
    work = asyncio.create_task(first_connected(played.all))
    await played.until_tried(3)
    await settle()
    if has_connected:
        go.set()
        await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait([work])
    await settle()
    assert (work.cancelled(), len(played.made)) == (True, int(has_connected))
    assert played.left() == []


@pytest.mark.parametrize(
    ("found", "tried"),
    [
        ("6a 6b 6c 4a", "6a 4a 6b 6c"),
        ("4a 4b 6a 6b", "4a 6a 4b 6b"),
        ("6a 4a 6b 4b 4c", "6a 4a 6b 4b 4c"),
        ("4a", "4a"),
        ("6a 6b", "6a 6b"),
    ],
)
async def test_families_by_turns(monkeypatch: pytest.MonkeyPatch, found: str, tried: str) -> None:
    """RFC 8305 §4: the family the system prefers goes first, and a dead one costs one delay, not many."""
    addresses: list[Address] = [(V6 if word[0] == "6" else V4, (word, 1)) for word in found.split()]
    Names(monkeypatch, *addresses)
    sorted_ = await Dialer(no_tls, HEADS)._addresses(Origin("http", "some.example", 1))
    assert [address[0] for _, address in sorted_] == tried.split()


@pytest.mark.parametrize(
    ("host", "flags"),
    [
        ("some.example", [socket.AI_ADDRCONFIG]),
        ("127.0.0.1", []),
        ("::1", []),
        ("127.1", [socket.AI_ADDRCONFIG]),
        ("localhost", [0]),
        ("LocalHost.", [0]),
        ("model.localhost", [0]),
        ("localhost.example", [socket.AI_ADDRCONFIG]),
    ],
)
async def test_what_the_resolver_is_asked(monkeypatch: pytest.MonkeyPatch, host: str, flags: list[int]) -> None:
    """An address is no name; for a name only families are wanted that this machine has.

    It always has those of itself: a server that listens at ::1 alone could not be found as localhost where nothing
    else has an IPv6 address.
    """
    names = Names(monkeypatch, local(1))
    found = await Dialer(no_tls, HEADS)._addresses(Origin("http", host, 1))
    assert names.asked == [(host, each) for each in flags]
    if not flags:
        assert [address[:2] for _, address in found] == [(host, 1)]


async def test_an_unknown_name_is_not_asked_for_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For five seconds the answer is known; each name has its own, and what is over is forgotten."""
    assert dial.UNKNOWN_NAME_S == 5.0
    names = Names(monkeypatch, local(1), fails=True)
    dialer = Dialer(no_tls, HEADS)
    for host in ("a.example", "a.example", "b.example", "a.example"):
        with pytest.raises(OSError):
            await dialer._addresses(Origin("http", host, 1))
    assert [host for host, _ in names.asked] == ["a.example", "b.example"]
    dialer._unknown = dict.fromkeys(dialer._unknown, asyncio.get_running_loop().time() - 0.001)
    with pytest.raises(OSError):
        await dialer._addresses(Origin("http", "a.example", 1))
    assert len(names.asked) == 3
    assert list(dialer._unknown) == ["a.example"]
    dialer._unknown = dict.fromkeys(dialer._unknown, 0.0)
    names.fails = False
    assert await dialer._addresses(Origin("http", "a.example", 1)) == [local(1)]


async def test_tls_is_for_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is checked against the host of the origin; without TLS there is no context and no name."""
    seen: list[tuple[object, object]] = []
    sockets: list[socket.socket] = []

    async def create(protocol: object, *, sock: socket.socket, ssl: object, server_hostname: str | None) -> None:
        seen.append((ssl, server_hostname))
        sockets.append(sock)
        raise OSError("no handshake")

    context = ssl.create_default_context()
    async with provider(and_stays(b"")) as endpoint:
        Names(monkeypatch, local(endpoint.origin.port))
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", create)
        for scheme, tls in (("https", lambda: context), ("http", no_tls)):
            with pytest.raises(OSError, match="no handshake"):
                await Dialer(tls, HEADS).open(Origin(scheme, "some.example", 1), Kept)  # type: ignore[arg-type]
        await settle()
    assert seen == [(context, "some.example"), (None, None)]
    assert [sock.fileno() for sock in sockets] == [-1, -1]


async def test_tls_to_one_who_speaks_none() -> None:
    """A plain answer to a handshake is an error of the connection, and leaves nothing open."""

    async def plain_text(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with provider(plain_text) as endpoint:
        there = Origin("https", "127.0.0.1", endpoint.origin.port)
        with pytest.raises(OSError):
            await Dialer(ssl.create_default_context, HEADS).open(there, Kept)
