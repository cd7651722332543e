"""``scripts/bench leaving [--each N] [--random N]``: callers that leave, and how soon nothing is done for them.

In every phase of a request: from the moment the caller is gone to the moment the gateway gives up, and, where an
upstream is at work, to the moment it sees its connection close. Then callers that leave at random moments, and what is
left of them. Callers, gateway and provider share one event loop over real sockets.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvloop

# The providers and the router of the fault tests are used here as well.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chaos_bench.traffic import Chance, one
from tests.faults.theatre import CONFIG, SPOKEN, Router

from plano.config.load import load_text
from plano.domain.intent import Intent, Question
from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.domain.secret import Secret
from plano.mock.behaviour import Pace
from plano.mock.provider import MockProvider
from plano.observe.log import Log
from plano.observe.record import Record
from plano.server.app import App
from plano.signals.budget import Budget

AT_ONCE = 10
SETTLE_S = 0.05
"""In which a request comes to where it waits, once its provider has it if it gets that far."""

THOUGHT_S = 0.1

PHASES = {"routing": "ok", "connecting": "ok", "waiting": "silence", "streaming": "stall-after-3", "backing off": "503"}
"""What the provider does in each."""


class SlowRouter(Router):
    """Thinks for ever about prompts that ask for it."""

    def recall(self, question: Question) -> Intent | None:
        """None where it must think first."""
        return None if "think" in question.conversation.turns[-1].text else super().recall(question)

    def classify(self, question: Question) -> Intent:
        """Late."""
        time.sleep(THOUGHT_S)
        found = super().recall(question)
        assert found is not None
        return found


class Stage:
    """A gateway, its provider, and the moments at which requests were given up, by trace."""

    def __init__(self, mock: MockProvider, black_hole: int) -> None:
        self.mock = mock
        (dialect, path), *_ = SPOKEN["openai"]
        # Each caller of a batch has a model of its own: what one meets must not close it to the others.
        places = {"openai/far": black_hole, **{f"openai/up-{place}": mock.port for place in range(AT_ONCE)}}
        models = {
            name: Model(
                name, "openai", name.replace("/", "-"),
                Endpoint(Origin("http", "127.0.0.1", port), path, "x", dialect=dialect, key=Secret("k")),
            )
            for name, port in places.items()
        }  # fmt: skip
        settings = replace(load_text(CONFIG, {}), models=ModelTable(models))
        self.names = frozenset(models)
        self.app = App(settings, log=Log(None), classifier=SlowRouter())
        self.given_up: dict[str, float] = {}
        add = self.app._journal.add

        def noted(record: Record) -> None:
            self.given_up[record.trace_id] = time.monotonic()
            add(record)

        self.app._journal.add = noted  # type: ignore[method-assign]

    async def leaver(self, phase: str, number: int) -> tuple[str, float]:
        """The trace of a caller that has left in that phase, and when it did."""
        trace_id = f"{number + 1:032x}"
        model = "openai/far" if phase == "connecting" else f"openai/up-{number % AT_ONCE}"
        said = "think about it" if phase == "routing" else "say something of some ten words please"
        route = {"name": "code", "description": "code", "models": [model]}
        turns = [{"role": "user", "content": f"mark-{number:x} {said}"}]
        body = json.dumps({"model": model, "stream": True, "routing_preferences": [route], "messages": turns}).encode()
        self.mock.script(f"mark-{number:x}", [PHASES[phase]])
        _, writer = await asyncio.open_connection("127.0.0.1", self.app.ports[0])
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"traceparent: 00-{trace_id}-00f067aa0ba902b7-01\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await self._reached(phase, trace_id)
        # Half of them leave in order, the others cut the connection.
        left_at = time.monotonic()
        writer.transport.abort() if number % 2 else writer.close()
        self.mock.scripts.pop(f"mark-{number:x}")
        return trace_id, left_at

    async def _reached(self, phase: str, trace_id: str) -> None:
        """Comes back when the request is in that phase."""
        if phase not in ("routing", "connecting"):
            for _ in range(1_000):
                if any(trace_id in call.fields["traceparent"] for call in self.mock.calls):
                    break
                await asyncio.sleep(0.005)
        await asyncio.sleep(SETTLE_S)

    def remains(self) -> dict[str, int]:
        """What must be nothing once all callers have gone."""
        capacity, pool = self.app._capacity, self.app._upstream.pool
        lanes = pool._lanes.values()
        return {
            "requests": capacity.requests,
            "callers' connections": capacity.connections,
            "bytes of bodies": capacity.body_bytes,
            "bytes withheld": self.app._upstream.room.taken,
            "upstream connections in use": sum(lane.size - len(lane._idle) for lane in lanes),
            "upstream connections being opened": sum(lane._opening for lane in lanes),
            "waiting for one": sum(len(lane._waiting) for lane in lanes),
            "probes": sum(each.probe_since is not None for each in self.app._decider.board.breaker.patients.values()),
        }


async def phases(stage: Stage, each: int) -> dict[str, dict[str, Any]]:
    """For each phase the milliseconds until the gateway gave up, and until the provider saw it."""
    found: dict[str, dict[str, Any]] = {}
    number = 0
    for phase in PHASES:
        gave_up: list[float] = []
        closed: list[float] = []
        for _ in range(0, each, AT_ONCE):
            stage.mock.ledger.entries.clear()
            stage.mock.calls.clear()
            left = await asyncio.gather(*[stage.leaver(phase, number + place) for place in range(AT_ONCE)])
            number += AT_ONCE
            await asyncio.sleep(AT_ONCE * THOUGHT_S if phase == "routing" else 4 * SETTLE_S)
            seen = {entry.trace_id: entry.ended for entry in stage.mock.ledger.entries if entry.end == "left"}
            gave_up += [stage.given_up[trace] - at for trace, at in left if trace in stage.given_up]
            closed += [seen[trace] - at for trace, at in left if trace in seen]
            # Each batch meets a provider that nobody has complained of.
            stage.app._decider.board.breaker.forget(stage.names)
            stage.app._decider.board.budget = Budget()
        found[phase] = {"gave up": _spread(gave_up), "upstream closed": _spread(closed)}
    return found


def _spread(seconds: list[float]) -> dict[str, float]:
    ranked = sorted(1000 * each for each in seconds)
    if not ranked:
        return {"count": 0}
    tail = ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]
    return {"count": len(ranked), "p50_ms": ranked[len(ranked) // 2], "p99_ms": tail, "max_ms": ranked[-1]}


async def at_random(stage: Stage, callers: int) -> None:
    """Callers that leave at random moments of the first tenth of a second, whatever the provider does."""
    chance, places = Chance(1), asyncio.Semaphore(64)

    async def leave(number: int) -> None:
        async with places:
            stage.mock.script(f"mark-{number:x}", chance.words(3))
            await one(stage.app.ports[0], number, ["openai/up-0"], chance.form(), chance.moment())
            stage.mock.scripts.pop(f"mark-{number:x}", None)

    await asyncio.gather(*[leave(number) for number in range(callers)])


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port at which nobody takes connections: its queue is full."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()[1]


async def measured(each: int, callers: int) -> tuple[dict[str, Any], dict[str, int]]:
    """The times of every phase, and what was left in the end."""
    mock = MockProvider(pace=Pace(tokens_per_s=200.0))
    await mock.start()
    with black_hole() as port:
        stage = Stage(mock, port)
        await stage.app.start()
        found = await phases(stage, each)
        await at_random(stage, callers)
        await asyncio.sleep(2.0)
        remains = stage.remains()
        stage.app.close()
    mock.stop()
    await asyncio.sleep(0.1)
    own = asyncio.current_task()
    return found, remains | {"tasks": sum(task is not own for task in asyncio.all_tasks())}


def main() -> int:
    """Prints both; 0 when all that left are gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=1_000, help="callers in each phase")
    parser.add_argument("--random", type=int, default=10_000, help="callers that leave at random")
    given = parser.parse_args()
    began = time.monotonic()
    found, remains = uvloop.run(measured(given.each, given.random))
    for phase, times in found.items():
        print(f"{phase:12} gave up {_said(times['gave up'])}   upstream closed {_said(times['upstream closed'])}")
    print(f"{given.random} at random moments; left of them: {remains}; {time.monotonic() - began:.0f} s")
    return 1 if any(remains.values()) else 0


def _said(times: dict[str, float]) -> str:
    if not times["count"]:
        return "-"
    return f"{times['count']:5.0f}: p50 {times['p50_ms']:.2f} ms, p99 {times['p99_ms']:.2f}, max {times['max_ms']:.2f}"


if __name__ == "__main__":
    sys.exit(main())
