"""Sends spans to a receiver, beside the event loop: in batches, and dropped rather than waited for.

A receiver that is slow, gone or refuses costs callers nothing: what it does not take in time is counted and forgotten.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import msgspec

from plano.observe.entry import Entry
from plano.observe.traces import otlp
from plano.observe.traces.span import Value
from plano.observe.traces.spans import Spans
from plano.observe.traces.template import Templates

MAX_WAITING = 64
"""Batches that wait, of at most 64 requests each; 1 KB for each of these, so 4 MB."""

LARGEST_BATCH = 256
LONGEST_DELAY_S = 1.0
PATIENCE_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
"""After a failure nothing is sent for a second, then two, four … up to half a minute."""

LAST_WORDS_S = 2.0


class Destination(msgspec.Struct, frozen=True):
    """Where spans go and what all of them carry. ``url``: scheme, host and port of an OTLP receiver over HTTP.

    ``shows_counterfactual``: as in ``Spans``.
    """

    url: str
    version: str
    common: Mapping[str, Value]
    header_prefixes: tuple[str, ...] = ()
    shows_counterfactual: bool = False


class Exporter:
    """A thread that sends what it is given. ``taken``, ``sent``, ``dropped`` count requests, each with all its spans.

    ``settle``: called in the thread before it begins.
    """

    def __init__(self, destination: Destination, *, settle: Callable[[], None] = lambda: None) -> None:
        self._destination = destination
        self._settle = settle
        self._spans = Templates(
            Spans(
                destination.common,
                destination.header_prefixes,
                shows_counterfactual=destination.shows_counterfactual,
            )
        )
        self._waiting: queue.Queue[Sequence[Entry] | None] = queue.Queue(MAX_WAITING)
        self._closing = threading.Event()
        self._connection: HTTPConnection | None = None
        self._thread: threading.Thread | None = None
        self.taken = 0
        self.sent = 0
        self.dropped = 0

    def take(self, entries: Sequence[Entry]) -> None:
        """Takes the sampled ones of a batch if there is room for it. Never waits."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="plano-traces", daemon=True)
            self._thread.start()
        sampled = [entry for entry in entries if entry.is_sampled and entry.span_id is not None]
        if sampled:
            self.taken += len(sampled)
            try:
                self._waiting.put_nowait(sampled)
            except queue.Full:
                self.dropped += len(sampled)

    def close(self) -> None:
        """Sends what waits, for two seconds at most."""
        self._closing.set()
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put_nowait(None)
            self._thread.join(LAST_WORDS_S)

    def _run(self) -> None:
        self._settle()
        pause = FIRST_PAUSE_S
        while not (self._closing.is_set() and self._waiting.empty()):
            batch = self._batch()
            if not batch:
                continue
            written = self._written(batch)
            if written and self._send(otlp.request(written, version=self._destination.version)):
                self.sent += len(written)
                pause = FIRST_PAUSE_S
            elif written:
                self.dropped += len(written)
                self._closing.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        if self._connection is not None:
            self._connection.close()

    def _batch(self) -> list[Entry]:
        """What has come, after a second at the latest; less when the gateway ends."""
        batch: list[Entry] = []
        due = time.monotonic() + LONGEST_DELAY_S
        with suppress(queue.Empty):
            while len(batch) < LARGEST_BATCH:
                wait_s = 0.0 if self._closing.is_set() else due - time.monotonic()
                entries = self._waiting.get(timeout=max(0.0, wait_s))
                if entries is None:
                    break
                batch += entries
        return batch

    def _written(self, batch: Sequence[Entry]) -> list[bytes]:
        """The spans of each; one that cannot be written costs no other."""
        written = []
        for entry in batch:
            try:
                written.append(self._spans.of(entry))
            except Exception:
                self.dropped += 1
        return written

    def _send(self, body: bytes) -> bool:
        """Did the receiver take it? A connection that it closed meanwhile is replaced, once."""
        for _ in range(2):
            is_fresh = self._connection is None
            try:
                if self._connection is None:
                    self._connection = _connect(self._destination.url)
                self._connection.request("POST", otlp.PATH, body, {"content-type": otlp.MEDIA_TYPE})
                answer = self._connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                if self._connection is not None:
                    self._connection.close()
                self._connection = None
                if is_fresh:
                    return False
            else:
                return 200 <= answer.status < 300
        return False


def _connect(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(parts.netloc.rpartition("@")[2], timeout=PATIENCE_S)
