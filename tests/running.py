"""A real gateway in front of a real mock provider, on their own event loop in a thread: what most tests talk to."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any, TypeVar

import httpx2
import uvloop

from plano.config.load import load_text
from plano.config.settings import Settings
from plano.domain.model import Dialect, Endpoint, Origin
from plano.http1.limits import Limits
from plano.intent.fixed import FixedClassifier
from plano.mock.provider import MockProvider
from plano.observe.log import Log
from plano.server.admin.endpoints import AdminEndpoints
from plano.server.app import App
from plano.server.capacity import Capacity
from plano.signals.breaker import Breaker
from plano.signals.budget import Budget
from plano.upstream.feeds import Fetch
from tests.waiting import PATIENCE_S

A, B, C = "anthropic/claude-sonnet-4-20250514", "openai/gpt-4o", "openai/gpt-4o-mini"
CODE, CHAT = "code generation", "general questions"
KEYS = {"ANTHROPIC_API_KEY": "sk-ant-test-a", "OPENAI_API_KEY": "sk-test-o"}
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
ASK = "write a sorting algorithm in Python"

T = TypeVar("T")


def mission_text() -> str:
    """The configuration of the examples."""
    with open("examples/mission.yaml", encoding="utf-8") as file:
        return file.read()


def question(**more: Any) -> dict[str, Any]:
    """A chat request for C with one user turn; ``more`` replaces or adds members."""
    return {"model": C, "messages": [{"role": "user", "content": ASK}], **more}


NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak plain HTTP: reading the certificates of the system takes each of them 20 ms and more."""


@dataclass
class Running:
    """``url`` of the gateway; ``mock``: what stands behind it; ``classifier``: what it takes routes from."""

    url: str
    mock: MockProvider
    classifier: FixedClassifier
    app: App
    log: StringIO
    loop: asyncio.AbstractEventLoop

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """The answer to a JSON POST; ``body`` as bytes is sent as it is."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": "application/json", **(headers or {})}
        with httpx2.Client(trust_env=False, timeout=PATIENCE_S, verify=NO_CERTIFICATES) as client:
            return keyless(client.post(self.url + path, content=content, headers=sent))

    def decide(self, body: Any, headers: Mapping[str, str] | None = None, query: str = "") -> httpx2.Response:
        """The answer of the decision endpoint."""
        return self.post(f"/routing/v1/chat/completions{query}", body, headers)

    def chat(self, body: Any, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """The answer of the proxy endpoint."""
        return self.post("/v1/chat/completions", body, headers)

    def get(self, path: str) -> httpx2.Response:
        """The answer to a GET."""
        with httpx2.Client(trust_env=False, timeout=PATIENCE_S, verify=NO_CERTIFICATES) as client:
            return keyless(client.get(self.url + path))

    def admin(self, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> httpx2.Response:
        """The answer of the admin listener."""
        with httpx2.Client(trust_env=False, timeout=PATIENCE_S, verify=NO_CERTIFICATES) as client:
            where = f"http://127.0.0.1:{self.app.admin.port}{path}"
            return keyless(client.request(method, where, headers=headers))

    def raw(self, data: bytes) -> bytes:
        """Everything that comes back for bytes sent as they are, until the gateway closes."""
        with self.connect() as peer:
            peer.sendall(data)
            return read_all(peer)

    def connect(self) -> socket.socket:
        """A plain connection to the gateway."""
        return socket.create_connection(("127.0.0.1", self.app.ports[0]), timeout=PATIENCE_S)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of a coroutine on the gateway's loop."""
        return asyncio.run_coroutine_threadsafe(work(), self.loop).result(PATIENCE_S)

    def settings(self, text: str) -> Settings:
        """Other settings for this gateway: its models at its mock provider, as those it was started with."""
        return _behind(_listening(load_text(text, KEYS)), self.mock.port)

    def forget_failures(self) -> None:
        """From now on every model counts as well again."""
        board = self.app._decider.gateway._board
        board.breaker, board.budget = Breaker(), Budget()

    @property
    def sent_models(self) -> list[str]:
        """The models that were called, in order, as the provider was told."""
        return [call.model for call in self.mock.calls]


def keyless(answer: httpx2.Response) -> httpx2.Response:
    """An answer, in which no key of a provider stands."""
    search_for_keys({"fields": repr(answer.headers.raw), "body": answer.text})
    return answer


def search_for_keys(outputs: Mapping[str, str]) -> None:
    """Fails where a key of a provider stands in what a gateway put out."""
    found = [(name, output) for name, text in outputs.items() for output in KEYS.values() if output in text]
    assert not found, found


async def _put_out(app: App, log: StringIO) -> dict[str, str]:
    """Everything that a gateway shows of what it did, by what it is."""
    shown = app.admin._wire.application
    assert isinstance(shown, AdminEndpoints)
    app._journal.flush()
    return {
        "log": log.getvalue(),
        "metrics": shown.metrics.render().decode(),
        "records": b"".join(shown.records.latest(1000)).decode(),
        "state": shown.watch.state().decode(),
        "configuration": shown.about().decode(),
    }


def raw_post(body: bytes, *, path: str = "/v1/chat/completions", more: str = "") -> bytes:
    """The bytes of a POST; ``more``: further field lines with their line ends."""
    fields = f"host: localhost\r\ncontent-type: application/json\r\n{more}content-length: {len(body)}\r\n"
    return f"POST {path} HTTP/1.1\r\n{fields}\r\n".encode() + body


def read_all(peer: socket.socket) -> bytes:
    """What arrives until the peer closes; one that is silent instead fails the test."""
    received = b""
    with suppress(ConnectionResetError):
        while data := peer.recv(65536):
            received += data
    return received


@contextmanager
def running(
    text: str | None = None,
    *,
    limits: Limits | None = None,
    capacity: Capacity | None = None,
    default: str | None = CODE,
    at_mock: bool = True,
    fetch: Fetch | None = None,
) -> Iterator[Running]:
    """A gateway under the configuration ``text`` (default the examples'), every model served by the mock provider.

    Its classifier answers ``default`` unless told otherwise, every model speaks chat completions. ``at_mock``: False
    leaves the models as ``text`` says they are. ``fetch``: plays the sources of prices and latencies.

    When it ends, the keys it had are searched for in everything that it put out: so they are in every test.
    """
    settings = load_text(text if text is not None else mission_text(), KEYS)
    classifier, log = FixedClassifier(default=default), StringIO()
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> tuple[App, MockProvider]:
        mock = MockProvider()
        await mock.start()
        there = _listening(settings)
        if at_mock:
            there = _behind(there, mock.port)
        app = App(there, log=Log(log), limits=limits, capacity=capacity, classifier=classifier, fetch=fetch)
        # A busy machine is no broken router; the deadline has tests of its own.
        app._routing.inference.deadline_s = 20.0
        await app.start()
        return app, mock

    async def stop(app: App, mock: MockProvider) -> None:
        app.close()
        mock.stop()
        await asyncio.sleep(0)

    app, mock = asyncio.run_coroutine_threadsafe(start(), loop).result(PATIENCE_S)
    classifier.questions.clear()
    try:
        yield Running(f"http://127.0.0.1:{app.ports[0]}", mock, classifier, app, log, loop)
        search_for_keys(asyncio.run_coroutine_threadsafe(_put_out(app, log), loop).result(PATIENCE_S))
    finally:
        asyncio.run_coroutine_threadsafe(stop(app, mock), loop).result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


def _behind(settings: Settings, port: int) -> Settings:
    """The settings with every model at the mock provider; each keeps its key."""
    origin = Origin("http", "127.0.0.1", port)

    def at_mock(endpoint: Endpoint) -> Endpoint:
        there = replace(endpoint, origin=origin, host_header=f"127.0.0.1:{port}")
        return replace(there, path="/v1/chat/completions", dialect=Dialect.OPENAI_CHAT, others=())

    table = settings.models
    models = replace(
        table, models={name: replace(model, endpoint=at_mock(model.endpoint)) for name, model in table.models.items()}
    )
    return replace(settings, models=models)


def _listening(settings: Settings) -> Settings:
    """The settings with free ports to listen on."""
    admin = replace(settings.admin, port=0)
    return replace(settings, listeners=(replace(settings.listeners[0], port=0),), admin=admin)
