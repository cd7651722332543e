"""``decide`` and ``complete``, driven step by step with time, chance and the outside as arguments."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Answered, Attempt, Failed, Hold, Outcome, Receipt, Refused, Throttled
from plano.domain.decision import Decision
from plano.domain.failover import Failover
from plano.domain.intent import Intent, Question, degraded
from plano.domain.model import Dialect, Endpoint, Model, ModelTable, Origin
from plano.domain.request import Call, ChatRequest, Wishes
from plano.domain.route import NO_ROUTES, Route, RouteTable
from plano.errors import ChainFailed, Draining, ModelNotFound, PlanoError, StreamBroken
from plano.gateway import Completion, Gateway
from plano.policy import Policy
from plano.ports import Answer, Sink, Upstream
from plano.signals.board import Board
from plano.signals.budget import FLOOR
from plano.wire.requests import parse_request

HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")
MODELS = ModelTable({name: Model(name, "p", name[2:], HERE) for name in ("p/a", "p/b", "p/own")})
ROUTES = RouteTable((Route("code", "writes code", ("p/a", "p/b")), Route("talk", "talks", ("p/b",))))
CODE = Intent("code")
WISHES = Wishes("0" * 31 + "1")


class FakeClock:
    """Time goes on only by sleeping, and by ``work`` of the upstream."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds."""
        return self.time

    def wall(self) -> float:
        """Seconds."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Moves on, and a little more, as real timers do."""
        self.slept.append(seconds)
        self.time += seconds + 0.001


class Scripted:
    """An upstream that ends attempts as told, by model; remembers them."""

    def __init__(self, clock: FakeClock, **endings: list[Outcome]) -> None:
        self._clock = clock
        self._endings = endings
        self.attempts: list[Attempt] = []

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """The next ending of that model, half a second later."""
        self.attempts.append(attempt)
        self._clock.time += 0.5
        outcome = self._endings[attempt.candidate.model.upstream_id].pop(0)
        answered = isinstance(outcome, Answered | Refused)
        return outcome, Answer(200, (), attempt.candidate.model.name.encode()) if answered else None


def made(clock: FakeClock | None = None, *, deadline_s: float = 300.0) -> tuple[Gateway, Board, FakeClock]:
    """A gateway, its board and its clock."""
    used, board = clock or FakeClock(), Board()
    return (
        Gateway(Policy(MODELS, ROUTES, Failover(deadline_s)), board=board, clock=used, jitter=lambda: 1.0),
        board,
        used,
    )


def request_for(model: str = "p/own", *, text: str = "hi", preferences: RouteTable | None = None) -> ChatRequest:
    """A request with one user turn."""
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": text}]}
    if preferences is not None:
        body["routing_preferences"] = []
    return parse_request(json.dumps(body).encode(), Dialect.OPENAI_CHAT, lambda _value, _raw: preferences or NO_ROUTES)


def decided(gateway: Gateway, request: ChatRequest, intent: Intent | None, wishes: Wishes = WISHES) -> Decision:
    """The decision; ``intent`` None: nobody may be asked."""
    steps = gateway.decide(request, wishes)
    try:
        question = next(steps)
        assert intent is not None, "the classifier was asked"
        assert isinstance(question, Question)
        steps.send(intent)
    except StopIteration as end:
        decision: Decision = end.value
        return decision
    raise AssertionError("a second question")


async def completed(
    gateway: Gateway, upstream: Upstream, intent: Intent = CODE, *, received_at: float = 1000.0
) -> Completion:
    """A request decided and served."""
    request = request_for()
    call = Call(request, (), WISHES.trace_id, received_at=received_at)
    return await gateway.complete(call, decided(gateway, request, intent), upstream)


def test_a_matched_route_gives_its_models() -> None:
    """The route's models in its order; the request's own model is not among them."""
    gateway, _, _ = made()
    decision = decided(gateway, request_for(), Intent("code"))
    assert (decision.route, decision.models, decision.trace_id) == ("code", ("p/a", "p/b"), WISHES.trace_id)


@pytest.mark.parametrize("intent", [Intent(None), degraded("late"), Intent("no such route")])
def test_no_route_gives_the_own_model(intent: Intent) -> None:
    """No match, a broken router, or a name that is none: the request's own model."""
    gateway, _, _ = made()
    decision = decided(gateway, request_for(), intent)
    assert (decision.route, decision.models, decision.intent) == (None, ("p/own",), intent)


@pytest.mark.parametrize(
    ("request_", "wishes", "unasked"),
    [
        (request_for(text=" "), WISHES, "no_user_turn"),
        (request_for(preferences=NO_ROUTES), WISHES, "no_routes"),
        (request_for(), Wishes("t", routing_off=True), "routing_off"),
    ],
)
def test_nobody_is_asked_without_need(request_: ChatRequest, wishes: Wishes, unasked: str) -> None:
    """Nothing said, nothing to choose from, or routing off: skipped, and which of them it was."""
    gateway, _, _ = made()
    decision = decided(gateway, request_, None, wishes)
    assert decision.models == ("p/own",)
    assert (decision.intent.router, decision.intent.unasked) == ("skipped", unasked)


def test_inline_routes_replace_the_configured_ones() -> None:
    """The question holds the request's own routes and no others."""
    gateway, _, _ = made()
    inline = RouteTable((Route("mine", "d", ("p/b",)),))
    question = next(gateway.decide(request_for(preferences=inline), WISHES))
    assert question.routes == inline.routes


def test_an_unknown_own_model_is_found_out_first() -> None:
    """It is the fallback of every decision: 404 before the router is asked."""
    gateway, _, _ = made()
    with pytest.raises(ModelNotFound):
        next(gateway.decide(request_for("p/nope"), WISHES))


async def test_first_good_answer_is_handed_back() -> None:
    """A failed, B answered: B's answer, both in the account."""
    gateway, _, clock = made()
    upstream = Scripted(clock, a=[outcome_of(judge(503), 503, None)], b=[Answered(200)])
    completion = await completed(gateway, upstream)
    assert str(completion.receipt) == "p/a=503, p/b=200"
    assert completion.answer is not None
    assert completion.answer.body == b"p/b"
    assert clock.slept == []


async def test_a_promise_is_kept_by_later_requests() -> None:
    """A hold named by 429 or 503 keeps every later decision away from that model until it is over."""
    gateway, _, clock = made()
    for outcome in (Throttled(Hold(30.0)), Failed(503, judge(503), Hold(30.0))):
        await completed(gateway, Scripted(clock, a=[outcome], b=[Answered(200)]), received_at=clock.time)
        assert decided(gateway, request_for(), Intent("code")).models == ("p/b",)
        clock.time += 31
        assert decided(gateway, request_for(), Intent("code")).models == ("p/a", "p/b")


async def test_a_429_without_a_time_holds_longer_each_time() -> None:
    """1 s, then 2 s; an answer in between makes the next one short again."""
    gateway, board, clock = made()
    holds = []
    for first in (Throttled(None), Throttled(None), Answered(200), Throttled(None)):
        await completed(gateway, Scripted(clock, a=[first], b=[Answered(200)]), received_at=clock.time)
        free_in_s = board.free_in_s("p/a", clock.time - (0.0 if isinstance(first, Answered) else 0.5))
        holds.append(round(free_in_s, 6))
        clock.time += 100
    assert holds == [1.0, 2.0, 0.0, 1.0]


async def test_the_last_one_is_asked_again_after_its_time() -> None:
    """One candidate, 429 naming 2 s: one pause of that length, one more attempt."""
    gateway, _, clock = made()
    upstream = Scripted(clock, b=[Throttled(Hold(2.0)), Answered(200)])
    completion = await completed(gateway, upstream, Intent("talk"))
    assert str(completion.receipt) == "p/b=429, p/b=200"
    assert clock.slept == [2.0]


async def test_a_failed_chain_has_no_answer() -> None:
    """Nobody answered: no answer, an error with the account."""
    gateway, _, clock = made()
    timeout: Outcome = outcome_of(judge("timeout"), "timeout", None)
    completion = await completed(gateway, Scripted(clock, a=[timeout], b=[timeout]))
    assert completion.answer is None
    assert completion.receipt.error is not None
    assert completion.receipt.error.code == "upstream_timeout"


async def test_a_refusal_ends_it() -> None:
    """The caller's own mistake is handed back, nobody else is asked."""
    gateway, _, clock = made()
    upstream = Scripted(clock, a=[Refused(400)])
    completion = await completed(gateway, upstream)
    assert (str(completion.receipt), completion.answer is not None) == ("p/a=400", True)


async def test_the_deadline_counts_from_the_arrival() -> None:
    """What routing took is gone: the first attempt gets half of the rest, and after the end nobody is asked."""
    gateway, _, clock = made(deadline_s=10.0)
    clock.time = 1004.0
    upstream = Scripted(clock, a=[outcome_of(judge(500), 500, None)], b=[Answered(200)])
    await completed(gateway, upstream, received_at=1000.0)
    assert [attempt.limit_s for attempt in upstream.attempts] == [3.0, 5.5]
    late = await completed(gateway, Scripted(clock), received_at=clock.time - 10.0)
    assert late.receipt.error is not None
    assert late.receipt.error.code == "deadline_exceeded"


class Flowing:
    """An upstream whose answers are streams; what becomes of them is told afterwards."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """A stream that has begun."""
        self.attempts.append(attempt.candidate.model.name)
        return Answered(200), Answer(200, (), _NoStream())


class _NoStream:
    usage = None
    passed_on = 0
    first_content_at: float | None = None
    ended_at: float | None = None
    warnings: tuple[str, ...] = ()

    async def pump(self, sink: Sink) -> None:
        """Nothing."""

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """Nothing."""
        return b""


def broken(code: str = "upstream_truncated", *, counts: bool = True) -> StreamBroken:
    """What ends a stream."""
    return StreamBroken("m", status=502, code=code, counts=counts)


async def streamed(gateway: Gateway) -> Completion:
    """A stream of the request's own model that has begun."""
    return await completed(gateway, Flowing(), Intent(None))


async def test_streams_that_break_off_count() -> None:
    """Five in a row eject, as failures before the first byte do; what is tried as a last resort draws on the budget.

    Once that is spent, the next request is told at once, and by when.
    """
    gateway, board, _ = made()
    for _ in range(5 + FLOOR):
        gateway.ended(await streamed(gateway), broken())
    assert board.closed("p/own", 1000.0) == "ejected"
    done = await streamed(gateway)
    assert isinstance(done.receipt.error, ChainFailed)
    assert (done.receipt.error.status, done.receipt.error.code) == (503, "no_candidate_available")
    assert done.receipt.error.retry_after_s == 5.0


async def test_streams_that_say_nothing_about_their_model() -> None:
    """The caller left, the gateway shuts down, a code that is nobody's failure: a probe stays undecided."""
    gateway, board, clock = made()
    for _ in range(5):
        gateway.ended(await streamed(gateway), broken())
    clock.time += 5.0
    endings: list[tuple[PlanoError | None, bool]] = [
        (None, True),
        (Draining("m"), False),
        (broken("context_length_exceeded", counts=False), False),
    ]
    for error, has_left in endings:
        probe = await streamed(gateway)
        assert board.closed("p/own", clock.time) == "ejected"
        gateway.ended(probe, error, has_left=has_left)
        assert board.closed("p/own", clock.time) is None
    gateway.ended(await streamed(gateway), None)
    assert board.breaker.ejected == {}


async def test_a_stream_that_is_throttled_in_the_middle() -> None:
    """The model is held as by a 429, and not counted as broken."""
    gateway, board, clock = made()
    gateway.ended(await streamed(gateway), broken("upstream_rate_limited", counts=False))
    assert board.closed("p/own", clock.time) == "held"
    assert board.breaker.is_healthy("p/own", clock.time)


async def test_an_attempt_that_is_cancelled_frees_the_probe() -> None:
    """The next request may find out."""

    class Cancelled:
        async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
            raise asyncio.CancelledError

    gateway, board, clock = made()
    for _ in range(5):
        gateway.ended(await streamed(gateway), broken())
    clock.time += 5.0
    with pytest.raises(asyncio.CancelledError):
        await completed(gateway, Cancelled(), Intent(None))
    assert board.closed("p/own", clock.time) is None


async def test_what_was_tried_before_a_defect() -> None:
    """It is told as what it is, and not as a caller who left."""
    gateway, _, clock = made()

    class Defective(Scripted):
        async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
            if self.attempts:
                raise KeyError("x")
            return await super().perform(attempt, call)

    request = request_for()
    told: list[Receipt] = []
    upstream = Defective(clock, a=[outcome_of(judge(500), 500, None)])
    call = Call(request, (), WISHES.trace_id, received_at=1000.0)
    with pytest.raises(KeyError):
        await gateway.complete(call, decided(gateway, request, CODE), upstream, left=told.append)
    assert [str(receipt) for receipt in told] == ["p/a=500, p/b=internal_error"]


@pytest.mark.parametrize("during", ["attempt", "pause"])
async def test_what_was_tried_for_a_caller_who_left(during: str) -> None:
    """It is told, though nobody gets an answer: a provider may bill for it."""
    gateway, _, clock = made()

    class Leaving(Scripted):
        async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
            if during == "attempt" and self.attempts:
                raise asyncio.CancelledError
            return await super().perform(attempt, call)

    async def cancelled(seconds: float) -> None:
        raise asyncio.CancelledError

    if during == "pause":
        clock.sleep = cancelled  # type: ignore[method-assign]
    broken_down = outcome_of(judge(500), 500, None)
    upstream = Leaving(clock, a=[broken_down], b=[broken_down])
    request = request_for()
    told: list[Receipt] = []
    call = Call(request, (), WISHES.trace_id, received_at=1000.0)
    with pytest.raises(asyncio.CancelledError):
        await gateway.complete(call, decided(gateway, request, CODE), upstream, left=told.append)
    assert [str(receipt) for receipt in told] == [
        "p/a=500, p/b=client_closed" if during == "attempt" else "p/a=500, p/b=500"
    ]
