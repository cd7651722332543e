"""One gateway, many cases: all cases of a fault mode are played at once, each with providers of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any
from unittest.mock import patch

import trustme
import uvloop

from plano.config.load import load_text
from plano.domain.intent import Intent, Question
from plano.domain.model import Dialect, Endpoint, Model, ModelTable, Origin
from plano.domain.secret import Secret
from plano.mock.behaviour import Pace
from plano.mock.ledger import Entry
from plano.mock.provider import MockProvider, Recorded
from plano.observe.log import Log
from plano.server.app import App
from plano.signals import budget
from plano.upstream import answer as upstream_answer
from tests.faults.caller import Got, ask
from tests.faults.cases import CALLER_SECRET, PATHS, PROVIDER_SECRET, Case, Upstream
from tests.faults.modes import Breaks, Place
from tests.faults.timelapse import run_in_timelapse

CONFIG = """
version: v0.4.0
listeners: [{type: model, name: main, port: 0}]
model_providers: [{model: openai/unused, access_key: k, default: true}]
admin: {enabled: false}
"""
SPOKEN: dict[Upstream, tuple[tuple[Dialect, str], ...]] = {
    "openai": ((Dialect.OPENAI_CHAT, "/v1/chat/completions"), (Dialect.OPENAI_RESPONSES, "/v1/responses")),
    "anthropic": ((Dialect.ANTHROPIC_MESSAGES, "/v1/messages"),),
}
"""A caller of responses is translated for the one and not for the other, one of messages the other way round."""

UNREACHABLE = "255.255.255.255"
"""No connection can be opened to the broadcast address: the system says so at once, and nothing is sent."""

LIMIT, LARGER_LIMIT = 128_000, 200_000
"""Tokens of a prompt: the second of two candidates takes more where it is well, the same where it fails alike."""
TOKENS_PER_S = 50.0
LARGEST_BODY_BYTES = 2 * 1024 * 1024
"""What stands for the limit of 64 MiB of a plain answer: sizes are scaled as times are."""
AT_ONCE_BYTES = 8 * 1024 * 1024
"""Cases with large bodies are played one after another, so that a test machine's memory is enough."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one case left behind.

    ``asked``: the answers to the caller's requests, in order. ``entries`` and ``calls``: for each candidate, its rows
    of the ledger and its requests. ``lines``: the log of each trace. ``names``: what was looked up in the meantime.
    """

    asked: tuple[Got, ...]
    entries: tuple[tuple[Entry, ...], ...]
    calls: tuple[tuple[Recorded, ...], ...]
    lines: tuple[tuple[dict[str, Any], ...], ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evening:
    """All cases of a mode, by number, and what was left of the gateway when they were over."""

    seen: dict[int, Seen]
    requests_left: int
    tasks_left: tuple[str, ...]
    log: str


class Router:
    """Every question has the one route there is."""

    def recall(self, question: Question) -> Intent | None:
        return Intent(question.routes[0].name, ((question.routes[0].name, 1.0),), 0.5, 1.0, "")

    def classify(self, question: Question) -> Intent:
        found = self.recall(question)
        assert found is not None
        return found


def play_mode(cases: Iterable[Case]) -> Evening:
    """Plays the cases together, in time-lapse."""
    return run_in_timelapse(lambda loop: _play_all(tuple(cases), loop.asked))


def play_in_real_time(cases: Iterable[Case]) -> Evening:
    """Plays them by the clock of the wall, on the event loop of the product."""
    return uvloop.run(_play_all(tuple(cases), []))


async def _play_all(cases: tuple[Case, ...], names: list[str]) -> Evening:
    log = StringIO()
    with ExitStack() as stack:
        stack.enter_context(patch.object(upstream_answer, "MAX_BODY_BYTES", LARGEST_BODY_BYTES))
        # One budget for the whole gateway: without limit, or the cases of an evening would take it from each other.
        stack.enter_context(patch.object(budget, "FLOOR", len(cases) * 10))
        places = stack.enter_context(_places())
        stages = [_Stage(case, places) for case in cases]
        for stage in stages:
            await stage.open()
        settings = load_text(CONFIG, {})
        models = ModelTable({model.name: model for stage in stages for model in stage.models()})
        app = App(replace(settings, models=models), log=Log(log), classifier=Router())
        await app.start()
        large = asyncio.Semaphore(1 if cases[0].mode.id in ("F13", "F14", "F15", "F48") else len(cases))
        got = await asyncio.gather(*[_ask(stage.case, app.ports[0], large) for stage in stages])
        requests_left = app._capacity.requests
        app.close()
        for stage in stages:
            stage.close()
        tasks = await _tasks_left()
        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        seen = {
            stage.case.number: stage.seen(answers, lines, tuple(names))
            for stage, answers in zip(stages, got, strict=True)
        }
    return Evening(seen, requests_left, tasks, log.getvalue())


async def _ask(case: Case, port: int, large: asyncio.Semaphore) -> tuple[Got, ...]:
    """The request of a case; before it one that only opens a connection, after it one into a hold."""
    breaks = isinstance(case.mode.fate(is_stream=case.is_stream), Breaks)
    turns = 2 if case.mode.asks_twice or case.mode.holds_s is not None else 1
    got = []
    async with large:
        for turn in range(turns):
            fields = {
                "authorization": f"Bearer {CALLER_SECRET}",
                "traceparent": f"00-{case.trace_id(turn)}-00f067aa0ba902b7-01",
                "x-request-id": f"{case.prompt.split()[0]}-{turn}",
            }
            got.append(await ask(port, PATHS[case.api], case.body(), fields, waits_for_close=breaks))
    return tuple(got)


async def _tasks_left() -> tuple[str, ...]:
    own = asyncio.current_task()
    for _ in range(10):
        await asyncio.sleep(0.01)
    return tuple(repr(task) for task in asyncio.all_tasks() if task is not own)


class _Stage:
    """The providers of one case."""

    def __init__(self, case: Case, places: dict[Place, int]) -> None:
        self.case = case
        self._places = places
        self._mocks = [self._mock(place) for place in range(len(case.ids))]

    def _mock(self, place: int) -> MockProvider:
        case = self.case
        # Where a stream must have begun before it breaks, its tokens come one by one.
        breaks = isinstance(case.mode.fate(is_stream=case.is_stream), Breaks)
        mock = MockProvider(pace=Pace(tokens_per_s=TOKENS_PER_S if breaks else 0.0))
        if case.mode.body_bytes:
            mock.receive_buffer_bytes = 64 * 1024
        if case.fails(place):
            words = case.mode.words(is_stream=case.is_stream)
            mock.script(case.ids[place], [words[min(case.position, len(words)) - 1]])
            mock.at_connect = case.mode.connect
        return mock

    async def open(self) -> None:
        for mock in self._mocks:
            await mock.start()

    def close(self) -> None:
        for mock in self._mocks:
            mock.stop()

    def models(self) -> Iterator[Model]:
        """Its candidates, each where it is to be found."""
        (dialect, path), *others = SPOKEN[self.case.upstream]
        for place, (name, model_id) in enumerate(zip(self.case.models, self.case.ids, strict=True)):
            origin = Origin("http", "127.0.0.1", self._mocks[place].port)
            if self.case.fails(place):
                origin = self._origin(self.case.mode.place, origin)
            key = Secret(PROVIDER_SECRET)
            host = f"{origin.host}:{origin.port}"
            endpoint = Endpoint(origin, path, host, dialect=dialect, others=tuple(others), key=key)
            limit = LARGER_LIMIT if place == 1 and self.case.position == 2 else LIMIT
            yield Model(name, self.case.upstream, model_id, endpoint, prompt_limit=limit)

    def _origin(self, place: Place, mock: Origin) -> Origin:
        match place:
            case "mock":
                return mock
            case "unreachable":
                return Origin("http", UNREACHABLE, 80)
            case "missing-name":
                return Origin("http", "missing.invalid", 80)
            case "slow-name":
                return Origin("http", "slow.invalid", 80)
            case "refused" | "black-hole":
                return Origin("http", "127.0.0.1", self._places[place])
            case "bad-tls" | "silent-tls":
                return Origin("https", "127.0.0.1", self._places[place])

    def seen(self, asked: tuple[Got, ...], lines: list[dict[str, Any]], names: tuple[str, ...]) -> Seen:
        traces = [self.case.trace_id(turn) for turn in range(len(asked))]
        return Seen(
            asked=asked,
            entries=tuple(tuple(mock.ledger.entries) for mock in self._mocks),
            calls=tuple(tuple(mock.calls) for mock in self._mocks),
            lines=tuple(tuple(line for line in lines if line.get("trace_id") == trace) for trace in traces),
            names=names,
        )


@contextmanager
def _places() -> Iterator[dict[Place, int]]:
    """Ports where no provider answers: closed, with a full backlog, with a certificate that nobody signed, silent."""
    with ExitStack() as stack:
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=200))
        bad = stack.enter_context(_bad_certificate())
        yield {
            "refused": closed.getsockname()[1],
            "black-hole": full.getsockname()[1],
            "silent-tls": silent.getsockname()[1],
            "bad-tls": bad,
        }


@contextmanager
def _bad_certificate() -> Iterator[int]:
    """The port of a server whose certificate comes from an authority that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    loop = asyncio.get_running_loop()
    sock = socket.create_server(("127.0.0.1", 0))
    task = loop.create_task(loop.create_server(asyncio.Protocol, sock=sock, ssl=context))
    try:
        yield sock.getsockname()[1]
    finally:
        task.result().close()
