"""Hosts that stand where model providers and router models would: they keep what they are sent and answer as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. ``fields``: names in lower case."""

    method: str
    path: str
    fields: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to send back. ``pieces``: sent one after the other, chunked; ``cut``: without the last chunk.

    ``wait_s``: seconds before the head. ``hangs``: nothing is ever sent.
    """

    status: int = 200
    body: bytes = b""
    fields: Fields = field(default_factory=lambda: {"content-type": "application/json"})
    pieces: Sequence[bytes | float] | None = None
    cut: bool = False
    wait_s: float = 0.0
    hangs: bool = False


def said(body: Any, status: int = 200, **fields: str) -> Answer:
    """A JSON answer; further fields with underscores for hyphens."""
    more = {name.replace("_", "-"): value for name, value in fields.items()}
    return Answer(status, json.dumps(body).encode(), {"content-type": "application/json", **more})


def streamed(pieces: Sequence[bytes | float], *, cut: bool = False, **fields: str) -> Answer:
    """An event stream; numbers between the pieces are seconds to wait."""
    more = {name.replace("_", "-"): value for name, value in fields.items()}
    return Answer(fields={"content-type": "text/event-stream", **more}, pieces=pieces, cut=cut)


class Host:
    """A server on a free port of loopback. ``script``: answers for the next requests; then ``usual`` answers."""

    def __init__(self, usual: Callable[[Seen], Answer]) -> None:
        self.usual = usual
        self.script: list[Answer | Callable[[Seen], Answer]] = []
        self.calls: list[Seen] = []
        self.closed_at: list[float] = []
        self._quit = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next_answer(self, seen: Seen) -> Answer:
        """The answer to this request."""
        self.calls.append(seen)
        chosen = self.script.pop(0) if self.script else self.usual
        return chosen(seen) if callable(chosen) else chosen

    def wait(self, seconds: float) -> None:
        """Sleeps, unless the host is closed meanwhile."""
        if seconds:
            self._quit.wait(seconds)

    def close(self) -> None:
        """Stops listening."""
        self._quit.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def host(usual: Callable[[Seen], Answer]) -> Iterator[Host]:
    """A host for the length of the block."""
    here = Host(usual)
    try:
        yield here
    finally:
        here.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Host

    def log_message(self, *_: object) -> None:
        """Silence."""

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        answer = self.owner.next_answer(Seen(self.command, self.path, _lowered(self.headers), self.rfile.read(length)))
        if answer.hangs:
            self.owner.wait(60)
            self.close_connection = True
            return
        self.owner.wait(answer.wait_s)
        self.send_response_only(answer.status)
        for name, value in answer.fields.items():
            self.send_header(name, value)
        self._whole(answer) if answer.pieces is None else self._pieces(answer, answer.pieces)

    do_GET = do_POST

    def _whole(self, answer: Answer) -> None:
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _pieces(self, answer: Answer, pieces: Sequence[bytes | float]) -> None:
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for piece in pieces:
                if isinstance(piece, bytes):
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    self.wfile.flush()
                else:
                    self.owner.wait(piece)
            if answer.cut:
                self.close_connection = True
            else:
                self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.owner.closed_at.append(time.monotonic())
            self.close_connection = True


def _lowered(fields: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in fields.items()}
