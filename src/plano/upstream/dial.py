"""From an origin to a connected transport: names, addresses, TLS.

Addresses of both families are tried the way RFC 8305 ("happy eyeballs") says, as uvloop would try them one after the
other and let a dead IPv6 route eat the whole connect timeout.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from itertools import chain, zip_longest
from typing import TypeVar

from plano.domain.model import Origin, Proxy
from plano.http1.head import ResponseHeads
from plano.upstream.tunnel import open_tunnel

ATTEMPT_DELAY_S = 0.25
"""RFC 8305 §5: the recommended wait before the next address is tried beside the ones before."""

UNKNOWN_NAME_S = 5.0

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]
ProtocolT = TypeVar("ProtocolT", bound=asyncio.Protocol)


class Dialer:
    """Opens connections. ``tls``: the context for https origins, made when needed first. ``heads``: reads a proxy's.

    A name that could not be found is not looked up again for 5 s.
    """

    def __init__(self, tls: Callable[[], ssl.SSLContext], heads: ResponseHeads) -> None:
        self._tls = tls
        self._heads = heads
        self._unknown: dict[str, float] = {}

    async def open(self, origin: Origin, protocol: Callable[[], ProtocolT], *, proxy: Proxy | None = None) -> ProtocolT:
        """A connected protocol. Raises OSError (ssl.SSLError is one) or UnicodeError; sets no time limit.

        ``proxy``: stands on the way: plain requests are sent to it, TLS goes through a tunnel.
        """
        loop = asyncio.get_running_loop()
        tls = self._tls() if origin.scheme == "https" else None
        sock = await first_connected(await self._addresses(origin if proxy is None else proxy.origin))
        try:
            if proxy is not None and tls is not None:
                await open_tunnel(sock, origin, proxy, self._heads)
            _, connected = await loop.create_connection(
                protocol, sock=sock, ssl=tls, server_hostname=origin.host if tls is not None else None
            )
        except BaseException:
            sock.close()
            raise
        return connected

    async def _addresses(self, origin: Origin) -> list[Address]:
        """Addresses of the host, families by turns, the one the system prefers first (RFC 8305 §4)."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._unknown.get(origin.host, 0.0) > now:
            raise OSError("the name could not be found a moment ago")
        numeric = _as_address(origin)
        if numeric is not None:
            return [numeric]
        try:
            found = await loop.getaddrinfo(
                origin.host, origin.port, type=socket.SOCK_STREAM, flags=_families_wanted(origin.host)
            )
        except socket.gaierror:
            self._unknown = {name: until for name, until in self._unknown.items() if until > now}
            self._unknown[origin.host] = now + UNKNOWN_NAME_S
            raise
        preferred = found[0][0]
        first = [(family, address) for family, _, _, _, address in found if family == preferred]
        other = [(family, address) for family, _, _, _, address in found if family != preferred]
        turns = chain.from_iterable(zip_longest(first, other))
        return [one for one in turns if one is not None]  # type: ignore[misc]  # AF_INET and AF_INET6 only


async def first_connected(addresses: list[Address]) -> socket.socket:
    """A socket connected to the first address that answers. Raises OSError, the last one, when none does."""
    waiting = list(reversed(addresses))
    running: set[asyncio.Task[socket.socket]] = set()
    error: BaseException = OSError("the name has no address")
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_connected(*waiting.pop())))
            delay = ATTEMPT_DELAY_S if waiting else None
            done, running = await asyncio.wait(running, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                failed = task.exception()
                if failed is None:
                    running |= done - {task}
                    return task.result()
                error = failed
    finally:
        for task in running:
            task.add_done_callback(_close_late)
            task.cancel()
    raise error


async def _connected(
    family: socket.AddressFamily, address: tuple[str, int] | tuple[str, int, int, int]
) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    """One that connected though another was faster."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def _families_wanted(host: str) -> int:
    """Those this machine has; of itself all: addresses of loopback do not count when it is asked what it has.

    ``localhost`` and the names below it: RFC 6761 §6.3.
    """
    return 0 if host.lower().rstrip(".").rpartition(".")[2] == "localhost" else socket.AI_ADDRCONFIG


def _as_address(origin: Origin) -> Address | None:
    """The address that the host is, None for a name: no thread is asked for what stands there already."""
    try:
        version = ip_address(origin.host).version
    except ValueError:
        return None
    if version == 4:
        return socket.AF_INET, (origin.host, origin.port)
    return socket.AF_INET6, (origin.host, origin.port, 0, 0)
