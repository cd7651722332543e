"""The gateway inside another server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from plano.config.load import load_text
from plano.domain.model import Endpoint, Origin
from plano.intent.fixed import FixedClassifier
from plano.mock.provider import MockProvider
from plano.server.asgi import AsgiGateway
from tests.observe.traces.receiver import receiving
from tests.running import CODE, KEYS, A, B, mission_text, question


@pytest.fixture
async def mock() -> AsyncIterator[MockProvider]:
    """A provider."""
    provider = MockProvider()
    await provider.start()
    yield provider
    provider.stop()
    await asyncio.sleep(0)


@pytest.fixture
async def gateway(mock: MockProvider) -> AsyncIterator[AsgiGateway]:
    """A gateway in front of it."""
    settings = load_text(mission_text(), KEYS)
    table = settings.models
    endpoint = Endpoint(Origin("http", "127.0.0.1", mock.port), "/v1/chat/completions", "x")
    models = replace(table, models={name: replace(model, endpoint=endpoint) for name, model in table.models.items()})
    gateway = AsgiGateway(replace(settings, models=models), classifier=FixedClassifier(default=CODE))
    yield gateway
    gateway._app.close()
    await asyncio.sleep(0)


async def call(
    gateway: AsgiGateway, path: str, body: bytes | None, *, method: str = "POST", stays: bool = True
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, header fields and body of the answer; a caller who does not stay leaves after its request."""
    sent: list[Any] = []
    inbox = [
        {"type": "http.request", "body": part, "more_body": True} for part in ((body or b"")[:5], (body or b"")[5:])
    ]
    inbox.append({"type": "http.request", "body": b"", "more_body": False})
    if not stays:
        inbox.append({"type": "http.disconnect"})

    async def receive() -> Any:
        return inbox.pop(0) if inbox else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    fields = [(b"Host", b"localhost"), (b"Content-Type", b"application/json")]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": fields}
    await gateway(scope, receive, send)
    if not sent:
        return 0, {}, b""
    pieces = [message["body"] for message in sent[1:]]
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(pieces)


async def test_decision_and_answer(gateway: AsgiGateway) -> None:
    """The same endpoints, fields and bytes."""
    body = json.dumps(question()).encode()
    status, _, decision = await call(gateway, "/routing/v1/chat/completions", body)
    assert (status, json.loads(decision)["models"]) == (200, [A, B])
    status, fields, answer = await call(gateway, "/v1/chat/completions", body)
    assert (status, fields[b"x-plano-attempts"]) == (200, f"{A}=200".encode())
    assert fields[b"content-length"] == str(len(answer)).encode()


async def test_stream(gateway: AsgiGateway) -> None:
    """A stream arrives whole."""
    _, fields, body = await call(gateway, "/v1/chat/completions", json.dumps(question(stream=True)).encode())
    assert fields[b"content-type"] == b"text/event-stream"
    assert body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/nope", 404), ("GET", "/v1/chat/completions", 405), ("GET", "/healthz", 200), ("HEAD", "/healthz", 200)],
)
async def test_paths(gateway: AsgiGateway, method: str, path: str, status: int) -> None:
    """The table of paths is the same."""
    answered, _, body = await call(gateway, path, None, method=method)
    assert (answered, bool(body)) == (status, method != "HEAD")


async def test_caller_leaving_stops_the_work(gateway: AsgiGateway, mock: MockProvider) -> None:
    """A disconnect cancels the attempt: nothing is answered, the provider sees its caller go."""
    mock.script("claude-sonnet-4-20250514", ["silence"])
    status, _, _ = await call(gateway, "/v1/chat/completions", json.dumps(question()).encode(), stays=False)
    assert status == 0


async def test_caller_leaving_before_its_body_is_whole(gateway: AsgiGateway) -> None:
    """Nobody is answered, the server that mounts the gateway is told of no defect, and the request is kept."""
    inbox = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        pytest.fail(f"nobody is there for {message}")

    fields = [(b"Host", b"localhost"), (b"Content-Type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "query_string": b"", "headers": fields}
    await gateway(scope, receive, send)
    gateway._app._journal.flush()
    (kept,) = map(json.loads, gateway._app._records.latest(9))
    assert (kept["status"], kept["code"]) == (499, "client_closed")


async def test_lifespan(gateway: AsgiGateway) -> None:
    """Start and stop by the lifespan protocol."""
    inbox, sent = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], []

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await gateway({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_last_words(mock: MockProvider) -> None:
    """Spans that wait when the server that mounts it ends are still sent."""
    with receiving() as receiver:
        text = f"{mission_text()}tracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n"
        gateway = AsgiGateway(load_text(text, KEYS), classifier=FixedClassifier(default=CODE))
        inbox = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive() -> Any:
            if len(inbox) == 1:
                await call(gateway, "/routing/v1/chat/completions", json.dumps(question()).encode())
            return inbox.pop(0)

        async def send(message: Any) -> None:
            assert message["type"].endswith(".complete")

        await gateway({"type": "lifespan"}, receive, send)
        assert len(await asyncio.to_thread(receiver.spans, 3)) == 3
