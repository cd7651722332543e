"""The mock provider on real sockets: speaks the dialect of the path, and misbehaves on request.

What a call does is chosen by a script, found under the mark in its prompt (``mark-`` and letters or digits) with the
model (``mark-1f/gpt-4o``), the mark, the model; a model whose last part names a behaviour (``mock/429-retry-after-7``)
shows that behaviour; all others follow ``everyone``.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from plano.http1.head import RequestHead, RequestHeads
from plano.http1.limits import Limits
from plano.mock.behaviour import ConnectionFault, Fault, Pace, Script, is_behaviour, parse_fault
from plano.mock.connection import NO_TAB, PlayedConnection, Tab
from plano.mock.framing import whole
from plano.mock.ledger import End, Entry, Ledger
from plano.mock.moves import Play, Send, Wait
from plano.mock.plays import Stage, play
from plano.mock.said import answer
from plano.mock.voices.table import voice_at

MAX_RECORDED = 10_000
_MARK = re.compile(rb"mark-[0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as it arrived. ``model``: as sent upstream."""

    path: str
    fields: Mapping[str, str]
    body: bytes
    model: str


class _Tab:
    """``Tab`` of one attempt: becomes an entry of the ledger. ``entry``: as at the beginning."""

    __slots__ = ("_entry", "_provider", "_tokens")

    def __init__(self, provider: MockProvider, entry: Entry) -> None:
        self._provider = provider
        self._entry = entry
        self._tokens = 0

    def served(self, tokens: int) -> None:
        self._tokens += tokens

    def close(self, end: End) -> None:
        provider = self._provider
        provider.left += end == "left"
        ended = {"tokens": self._tokens, "end": end, "ended": time.monotonic()}
        provider.ledger.entries.append(Entry(**(self._entry.members() | ended)))


@dataclass(slots=True)
class MockProvider:
    """Serves on ``start``; ``calls`` holds the latest requests, ``left`` counts callers who went before the end.

    ``scripts``: by model id, mark, or both, the words of ``plano.mock.behaviour``, one per call. ``everyone``: for all
    others. ``at_connect``: what goes wrong with each connection, the last for ever. ``receive_buffer_bytes``: how much
    the system takes of a caller when nobody reads, None for its default.
    """

    pace: Pace = field(default_factory=Pace)
    scripts: dict[str, Script] = field(default_factory=dict)
    everyone: Script = field(default_factory=Script)
    at_connect: Sequence[ConnectionFault | None] = ()
    receive_buffer_bytes: int | None = None
    calls: deque[Recorded] = field(default_factory=lambda: deque(maxlen=MAX_RECORDED))
    ledger: Ledger = field(default_factory=Ledger)
    left: int = 0
    port: int = 0
    accepted: int = 0
    heads: RequestHeads = field(default_factory=lambda: RequestHeads(Limits()))
    connections: set[PlayedConnection] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, tls: Any = None) -> None:
        """Listens; ``port`` holds the real one afterwards. ``tls``: an ``ssl.SSLContext``."""
        loop = asyncio.get_running_loop()
        sock = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # What is accepted takes it over. Without it the second of two short writes waits for the peer's delayed
        # acknowledgement, 40 ms; uvloop always sets it, asyncio only where a socket names its protocol.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.receive_buffer_bytes is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer_bytes)
        self._server = await loop.create_server(self._connection, sock=sock, ssl=tls)
        self.port = sock.getsockname()[1]

    def stop(self) -> None:
        """Closes everything at once."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.stop()

    def script(self, key: str, words: Sequence[str]) -> None:
        """From now on what ``key`` names (a model, a mark, or ``mark/model``) does ``words``, the last for ever."""
        self.scripts[key] = Script(tuple(words))

    def fault_for(self, model: str, mark: str | None = None) -> Fault | None:
        """What this call must do wrong, None to answer."""
        for key in (model,) if mark is None else (f"{mark}/{model}", mark, model):
            script = self.scripts.get(key)
            if script is not None:
                return script.step()
        return parse_fault(model.rpartition("/")[2]) if is_behaviour(model) else self.everyone.step()

    # connections call these

    def opened(self, connection: PlayedConnection) -> ConnectionFault | None:
        """Counts it; what goes wrong with it."""
        self.connections.add(connection)
        faults = self.at_connect
        return faults[min(connection.number, len(faults)) - 1] if faults else None

    def closed(self, connection: PlayedConnection) -> None:
        """It is gone."""
        self.connections.discard(connection)

    def respond(self, head: RequestHead, body: bytes, number: int) -> tuple[Play, Tab]:
        """The play for one request, and its account."""
        request, voice = _object(body), voice_at(head.target)
        if request is None:
            complaint = voice.complaint(400, "The mock provider could not read the request.")
            return iter((Send(whole(400, voice.error(complaint))),)), NO_TAB
        model = str(request.get("model", ""))
        self.calls.append(Recorded(head.target, head.fields, body, model))
        found = _MARK.search(body)
        mark = found.group().decode() if found is not None else None
        trace_id = _trace_id(head.fields)
        attempt = self.ledger.number(trace_id)
        fault = self.fault_for(model, mark)
        said = answer(request, body, attempt=attempt)
        now = time.monotonic()
        entry = Entry(
            trace_id=trace_id,
            request_id=head.fields.get("x-request-id"),
            mark=mark,
            model=model,
            number=attempt,
            word="ok" if fault is None else fault.kind,
            prompt_tokens=said.prompt_tokens,
            tokens=0,
            end="served",
            connection=number,
            began=now,
            ended=now,
        )
        return _paced(play(fault, Stage(said, voice, self.pace)), self.pace), _Tab(self, entry)

    def _connection(self) -> PlayedConnection:
        self.accepted += 1
        return PlayedConnection(self, self.accepted)


def _paced(moves: Play, pace: Pace) -> Play:
    if pace.latency_s > 0:
        yield Wait(pace.latency_s)
    yield from moves


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        request = msgspec.json.decode(body) if body else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return request if isinstance(request, dict) else None


def _trace_id(fields: Mapping[str, str]) -> str | None:
    parts = fields.get("traceparent", "").split("-")
    return parts[1] if len(parts) == 4 else None
