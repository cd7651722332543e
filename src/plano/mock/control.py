"""The mock provider's remote control: on a port of its own, so that no caller of the mock models ever meets it.

GET    /ledger       what was served, oldest first
DELETE /ledger       forgets it
POST   /scripts      {"gpt-4o": ["503", "ok"], "mark-1f": ["silence"]}: by model, mark or mark/model
POST   /connections  ["reset-on-accept", null]: one per connection, the last for ever
POST   /pace         {"latency_s": 0.2, "tokens_per_s": 50}
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from plano.http1.head import RequestHead, RequestHeads
from plano.mock.behaviour import ConnectionFault, Pace, Script
from plano.mock.connection import NO_TAB, PlayedConnection, Tab
from plano.mock.framing import whole
from plano.mock.moves import Play, Send
from plano.mock.provider import MockProvider


class Control:
    """Serves on ``start``; ``port`` holds the real one afterwards."""

    def __init__(self, provider: MockProvider) -> None:
        self.heads: RequestHeads = provider.heads
        self.port = 0
        self._provider = provider
        self._server: asyncio.Server | None = None
        self._connections: set[PlayedConnection] = set()
        self._paths: Mapping[tuple[str, str], Callable[[bytes], Any]] = {
            ("GET", "/ledger"): self._ledger,
            ("DELETE", "/ledger"): self._clear,
            ("POST", "/scripts"): self._scripts,
            ("POST", "/connections"): self._at_connect,
            ("POST", "/pace"): self._pace,
        }

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listens."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: PlayedConnection(self, 0), host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Closes everything at once."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.stop()

    # connections call these

    def opened(self, connection: PlayedConnection) -> ConnectionFault | None:
        """Nothing goes wrong here."""
        self._connections.add(connection)
        return None

    def closed(self, connection: PlayedConnection) -> None:
        """It is gone."""
        self._connections.discard(connection)

    def respond(self, head: RequestHead, body: bytes, number: int) -> tuple[Play, Tab]:
        """The answer to one command."""
        command = self._paths.get((head.method, head.path))
        if command is None:
            return iter((Send(whole(404, b'{"error": "there is no such command"}')),)), NO_TAB
        try:
            done = command(body)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError) as error:
            return iter((Send(whole(400, msgspec.json.encode({"error": str(error)}))),)), NO_TAB
        return iter((Send(whole(200, msgspec.json.encode(done))),)), NO_TAB

    def _ledger(self, _body: bytes) -> dict[str, Any]:
        return {"entries": [entry.members() for entry in self._provider.ledger.entries]}

    def _clear(self, _body: bytes) -> dict[str, Any]:
        self._provider.ledger.clear()
        return {}

    def _scripts(self, body: bytes) -> dict[str, Any]:
        scripts = {key: Script(words) for key, words in _SCRIPTS.decode(body).items()}
        self._provider.scripts.update(scripts)
        return {"scripts": len(scripts)}

    def _at_connect(self, body: bytes) -> dict[str, Any]:
        self._provider.at_connect = _FAULTS.decode(body)
        return {"connections": len(self._provider.at_connect)}

    def _pace(self, body: bytes) -> dict[str, Any]:
        self._provider.pace = _PACE.decode(body)
        return {}


_SCRIPTS = msgspec.json.Decoder(dict[str, tuple[str, ...]])
_FAULTS = msgspec.json.Decoder(tuple[ConnectionFault | None, ...])
_PACE = msgspec.json.Decoder(Pace)
