"""The listener of the admin endpoints, with places of its own, so that a full gateway can still be looked at."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace

from plano.config.settings import Admin
from plano.config.urls import is_loopback
from plano.errors import ConfigError
from plano.http1.limits import Limits
from plano.server.answering.exchange import Application
from plano.server.capacity import Capacity
from plano.server.connections.connection import HttpConnection, Wire

CONNECTIONS = 64
BODY_BYTES = 2 * 1024 * 1024
"""Only the playground takes a body."""


class AdminListener:
    """``trouble``: why it does not listen though it should, None when it does."""

    def __init__(self, admin: Admin, application: Application, limits: Limits, *, date: Callable[[], str]) -> None:
        self._admin = admin
        capacity = Capacity(connections=CONNECTIONS)
        limits = replace(limits, body_bytes=BODY_BYTES)
        self._wire = Wire(application, limits, capacity, now=time.monotonic, date=date)
        self._server: asyncio.Server | None = None
        self.trouble: str | None = None

    @property
    def port(self) -> int | None:
        """What 0 became; None while it does not listen."""
        return None if self._server is None else int(self._server.sockets[0].getsockname()[1])

    @property
    def where(self) -> str:
        """Host and port, as they stand in a URL."""
        host = self._admin.address
        return f"{f'[{host}]' if ':' in host else host}:{self.port or self._admin.port}"

    async def start(self) -> None:
        """Listens, if it is enabled.

        Raises ConfigError when its address can be reached from elsewhere and there is no token, or when it is taken
        and stands in the configuration. The default address may be another gateway's: that is no reason not to serve.
        """
        admin = self._admin
        if not admin.enabled:
            return
        if admin.token is None and not is_loopback(admin.address):
            raise ConfigError(f"an admin listener on {admin.address} needs a token: set 'admin.token'")
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: HttpConnection(self._wire, loop), admin.address, admin.port, reuse_address=True
            )
        except OSError as error:
            said = os.strerror(error.errno).lower() if error.errno else "the address cannot be used"
            self.trouble = f"the admin listener cannot listen on {self.where}: {said}"
            if admin.is_address_given:
                raise ConfigError(self.trouble) from None

    def sweep(self) -> None:
        """Applies the deadlines of every connection; called about twice a second."""
        self._wire.sweep()

    def close(self) -> None:
        """Closes everything at once."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._wire.connections):
            connection.abort()
