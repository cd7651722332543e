"""Ports of loopback for what listens later, or never."""

from __future__ import annotations

import random
import socket

CLOSED_PORT = 1
"""Nobody listens there: it is reserved for a service that no system has, and the system gives it to nobody."""

LOWEST, BEYOND = 20_000, 32_768
"""Whoever asks a system for any port gets one beyond these, a caller's connection included."""


def free_port() -> int:
    """A port that nobody listens on, and that nobody is given until a test listens there."""
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(LOWEST, BEYOND)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
