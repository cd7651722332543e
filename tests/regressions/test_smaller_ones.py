"""Waits, weights, logs, long names, and a mock provider that must not fall over."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import httpx2
import pytest

from plano.assembly import PreferenceReader
from plano.domain.attempt import Answered, Attempt, Hold, Outcome, Throttled
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import SKIPPED
from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.domain.request import Call
from plano.domain.route import NO_ROUTES
from plano.errors import InvalidPreferences
from plano.gateway import Gateway
from plano.observe.log import Log
from plano.policy import Policy
from plano.ports import Answer
from plano.signals.board import Board
from plano.wire import sse
from tests.running import question, running
from tests.upstream.playing import call_of
from tests.waiting import PATIENCE_S

MODEL = Model("p/m", "p", "m", Endpoint(Origin("http", "localhost", 1), "/", "localhost"))


class EarlyClock:
    """Timers that fire half a millisecond early, as those of uvloop do on a busy loop."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.time

    def wall(self) -> float:
        """Seconds."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Comes back a little early."""
        self.time += seconds - 0.0005


class PatientUpstream:
    """Asks for 2 s, then answers; remembers when it was asked."""

    def __init__(self, clock: EarlyClock) -> None:
        self.asked: list[float] = []
        self._clock = clock

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """Throttled first."""
        self.asked.append(self._clock.time)
        if len(self.asked) == 1:
            return Throttled(Hold(2.0)), None
        return Answered(200), Answer(200, (), b"{}")


async def test_a_timer_that_fires_early_does_not_cost_the_retry() -> None:
    """The one retry after a named time happens, and not before that time."""
    clock = EarlyClock()
    policy = Policy(ModelTable({MODEL.name: MODEL}), NO_ROUTES)
    gateway = Gateway(policy, board=Board(), clock=clock, jitter=lambda: 1.0)
    upstream = PatientUpstream(clock)
    call = Call(call_of().request, (), "0" * 31 + "1", received_at=1000.0)
    completion = await gateway.complete(call, Decision(None, "t", (Candidate(MODEL, 1),), SKIPPED), upstream)
    assert [row.ending for row in completion.receipt.tries] == ["429", "200"]
    assert upstream.asked[1] >= 1002.0


@pytest.mark.parametrize("prefer", [False, 0, [], {}])
def test_a_policy_that_is_no_word(prefer: Any) -> None:
    """Only absence, null and the empty string mean the author's order; other values are 400 with their place."""
    reader = PreferenceReader(ModelTable({MODEL.name: MODEL}))
    entry = {"name": "n", "description": "d", "models": ["p/m"], "selection_policy": {"prefer": prefer}}
    with pytest.raises(InvalidPreferences) as caught:
        reader([entry], json.dumps([entry]).encode())
    assert caught.value.param == "routing_preferences[0].selection_policy.prefer"


@pytest.mark.parametrize("mark", ["\u202e", "\x9b", "\x7f", "\u2028"])
@pytest.mark.parametrize("is_terminal", [False, True])
def test_no_mark_reaches_a_log_unescaped(mark: str, is_terminal: bool) -> None:
    """SEC-46: control and direction marks are escaped in every logged value."""
    stream = StringIO()
    stream.isatty = lambda: is_terminal  # type: ignore[method-assign]
    Log(stream).line("request", decision=f"a{mark}b")
    assert mark not in stream.getvalue()


def test_a_long_model_name_of_a_wildcard() -> None:
    """A name the caller made up under a wildcard does not blow up the head of the answer."""
    text = (
        "version: v0.4.0\nmodel_providers:\n  - {model: openai/*, access_key: $OPENAI_API_KEY}\n"
        "  - {model: openai/gpt-4o-mini, access_key: $OPENAI_API_KEY, default: true}\n"
    )
    with running(text) as gateway:
        answer = gateway.decide(question(model="openai/" + "x" * 60_000))
    assert sum(len(name) + len(value) for name, value in answer.headers.raw) < 16_384


def test_a_last_event_of_two_lines() -> None:
    """An event without its blank line: the lines beside ``data`` are not data."""
    assert sse.data_of(b"data: {}\nid: 3\n") == b"{}"


@pytest.mark.parametrize(
    "body", [{"model": "m", "messages": 5}, {"model": "m", "messages": [], "stream": True, "stream_options": [1]}]
)
def test_the_mock_answers_odd_requests(body: dict[str, Any]) -> None:
    """The mock provider answers whatever JSON it is sent: a provider would say 400, and never nothing."""
    with running() as gateway:
        escaped: list[object] = []
        gateway.loop.call_soon_threadsafe(
            gateway.loop.set_exception_handler, lambda _l, context: escaped.append(context)
        )
        url = f"http://127.0.0.1:{gateway.mock.port}/v1/chat/completions"
        with httpx2.Client(trust_env=False, timeout=PATIENCE_S) as client:
            status = client.post(url, json=body).status_code
    assert (status in (200, 400), escaped) == (True, [])
