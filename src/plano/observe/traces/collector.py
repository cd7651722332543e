"""Sends spans to a receiver of OTLP over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from plano.observe.entry import Entry
from plano.observe.traces import otlp
from plano.observe.traces.exporter import Delivery
from plano.observe.traces.spans import Spans
from plano.observe.traces.template import Templates

PATIENCE_S = 5.0


class Collector:
    """``url``: scheme, host and port of the receiver. ``version``: of the gateway, an attribute of all spans."""

    def __init__(self, url: str, spans: Spans, *, version: str) -> None:
        self._url = url
        self._templates = Templates(spans)
        self._version = version
        self._connection: HTTPConnection | None = None

    def send(self, batch: Sequence[Entry]) -> Delivery:
        """Sends the spans of these requests, as one body. A connection that was closed meanwhile is replaced, once."""
        written = self._written(batch)
        body = otlp.request(written, version=self._version)
        trouble: str | None = None
        while written:
            is_fresh = self._connection is None
            try:
                trouble = self._answer(body)
                break
            except (OSError, HTTPException) as error:
                self.close()
                trouble = type(error).__name__
                if is_fresh:
                    break
        return Delivery(len(written) if trouble is None else 0, trouble)

    def close(self) -> None:
        """Closes the connection; another one is made when there is more to send."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _written(self, batch: Sequence[Entry]) -> list[bytes]:
        written = []
        for entry in batch:
            try:
                written.append(self._templates.of(entry))
            except Exception:  # noqa: S112 - what is not taken is counted as dropped
                continue
        return written

    def _answer(self, body: bytes) -> str | None:
        """What is wrong with the receiver's answer, None when it took the spans."""
        if self._connection is None:
            self._connection = _connect(self._url)
        self._connection.request("POST", otlp.PATH, body, {"content-type": otlp.MEDIA_TYPE})
        answer = self._connection.getresponse()
        answer.read()
        return None if 200 <= answer.status < 300 else str(answer.status)


def _connect(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(parts.netloc.rpartition("@")[2], timeout=PATIENCE_S)
