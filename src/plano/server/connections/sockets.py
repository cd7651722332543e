"""What the kernel is told about a caller's connection; on transports without a socket, nothing."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Final

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER for no time at all (socket(7)): what has not left yet is dropped, the peer gets a reset."""


def hold_little(transport: asyncio.Transport, size: int) -> None:
    """From now on the kernel takes no more once ``size`` bytes wait that have not been sent (tcp(7)).

    Otherwise it takes megabytes for a caller that reads nothing. A fast one loses nothing: what is on its way does not
    count.
    """
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is not None:
        _set(transport, socket.IPPROTO_TCP, option, size)


def reset(transport: asyncio.Transport) -> None:
    """Closes at once, so that what was sent cannot pass for all there is, and nothing of it stays with the kernel."""
    _set(transport, socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()


def _set(transport: asyncio.Transport, level: int, option: int, value: int | bytes) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(level, option, value)
