"""Who a caller is, and is it still there? Nobody is told of the leaving of one whose bytes are not being read."""

from __future__ import annotations

import asyncio
import socket

_CLOSED, _CLOSE_WAIT = 7, 8
"""States of a connection as Linux numbers them (net/tcp_states.h)."""


def has_left(transport: asyncio.Transport | None) -> bool:
    """Did the peer end or reset the connection? Asked of the kernel (tcp(7), TCP_INFO); False where it does not say."""
    sock = None if transport is None else transport.get_extra_info("socket")
    option = getattr(socket, "TCP_INFO", None)
    if sock is None or option is None:
        return False
    try:
        state = sock.getsockopt(socket.IPPROTO_TCP, option, 1)
    except OSError:
        return False
    return state[0] in (_CLOSED, _CLOSE_WAIT)


def peer_of(transport: asyncio.BaseTransport) -> str:
    """The address of the peer, empty where it is not known."""
    address = transport.get_extra_info("peername")
    return str(address[0]) if address else ""
