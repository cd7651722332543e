"""The first seconds of a connection: where a listener has a certificate, its handshake comes before its requests."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from typing import cast

from plano.server.connections.connection import HttpConnection, Wire
from plano.server.connections.presence import peer_of


def connections(
    wire: Wire, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None
) -> Callable[[], asyncio.Protocol]:
    """What makes the protocol of each connection that a listener accepts. ``tls``: None for one without."""
    if tls is None:
        return lambda: HttpConnection(wire, loop)
    return lambda: Handshake(wire, loop, tls)


class Handshake(asyncio.Protocol):
    """A connection before it is encrypted: counted from its first moment, and closed when that takes too long.

    A server that is handed the certificate itself tells nobody of a connection before its handshake is over: those who
    never end one would not be counted, and be waited for a minute.
    """

    def __init__(self, wire: Wire, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext) -> None:
        self._wire = wire
        self._loop = loop
        self._tls = tls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        raw, peer = cast("asyncio.Transport", transport), peer_of(transport)  # uvloop has a class of its own
        if self._wire.capacity.enter(peer):
            try:
                # Once this returns the transport reads, and what belongs to TLS is lost: it is left, its socket kept.
                sock = socket.socket(fileno=os.dup(raw.get_extra_info("socket").fileno()))
            except OSError:
                self._wire.capacity.leave(peer)
            else:
                sock.setblocking(False)
                task = self._loop.create_task(self._secure(sock, peer))
                self._wire.opening.add(task)
                task.add_done_callback(self._wire.opening.discard)
        raw.abort()

    async def _secure(self, sock: socket.socket, peer: str) -> None:
        limits = self._wire.heads.limits
        # Its time for the first byte begins here.
        connection = HttpConnection(self._wire, self._loop, is_counted=True)
        try:
            await self._loop.connect_accepted_socket(
                lambda: connection,
                sock,
                ssl=self._tls,
                ssl_handshake_timeout=limits.first_byte_s,
                ssl_shutdown_timeout=limits.linger_s,
            )
        except OSError:
            # It is nobody's request yet: there is nothing to tell and nobody to tell it to.
            pass
        finally:
            if not connection.has_begun:
                sock.close()
                self._wire.capacity.leave(peer)
