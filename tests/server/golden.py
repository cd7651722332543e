"""A provider that speaks three dialects and has one good answer in each: a text, and a call of a tool."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plano.domain.model import Dialect
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, answer_of
from tests.wire.dialects.streams import STREAMS

PATHS = {"/v1/chat/completions": CHAT, "/v1/messages": MESSAGES, "/v1/responses": RESPONSES}

CONFIG = """\
version: v0.4.0
model_providers:
  - model: one/chat
    base_url: http://127.0.0.1:{port}
    access_key: key-of-the-chat-host
  - model: two/messages
    base_url: http://127.0.0.1:{port}
    provider_interface: anthropic
    access_key: key-of-the-messages-host
  - model: three/responses
    base_url: http://127.0.0.1:{port}
    provider_interface: openai_responses
    access_key: key-of-the-responses-host
"""
MODELS = {CHAT: "one/chat", MESSAGES: "two/messages", RESPONSES: "three/responses"}


@dataclass
class Golden:
    """``received``: path, fields and body of each request. ``instead``: status and body of every answer, if given."""

    port: int = 0
    received: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    instead: tuple[int, bytes] | None = None
    cut_at: int | None = None

    @property
    def config(self) -> str:
        """A configuration with one model for each dialect."""
        return CONFIG.format(port=self.port)

    @property
    def bodies(self) -> list[Any]:
        """What was asked."""
        return [body for _, _, body in self.received]


@contextmanager
def golden(stream: Callable[[Any, Dialect], bytes] | None = None) -> Iterator[Golden]:
    """A provider while it runs. ``stream``: makes its streams of requests; the golden ones unless given."""
    one = Golden()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            body = json.loads(raw)
            one.received.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            dialect = PATHS.get(self.path.partition("?")[0])
            status, answer, is_stream = _answered(one, dialect, body)
            if stream is not None and is_stream and dialect is not None:
                answer = stream(body, dialect)
            self.send_response(status)
            self.send_header("content-type", "text/event-stream" if is_stream else "application/json")
            if is_stream:
                self.send_header("connection", "close")
            else:
                self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            self.close_connection = is_stream

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _answered(one: Golden, dialect: Dialect | None, body: Any) -> tuple[int, bytes, bool]:
    """Status, body, and whether it is a stream."""
    if one.instead is not None:
        return *one.instead, False
    if dialect is None:
        return 404, b'{"error":{"message":"no such path"}}', False
    if body.get("stream"):
        return 200, STREAMS[dialect][: one.cut_at], True
    return 200, answer_of(dialect), False
