"""Attempts are counted before they are sent, and again when it is known what they took."""

from __future__ import annotations

import pytest

from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Answered, Attempt, Outcome, Refused, Throttled, Unfit
from plano.domain.conversation import Conversation
from plano.domain.decision import Candidate
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.request import Call, ChatRequest, Edits, Metered
from plano.domain.usage import Usage
from plano.errors import InvalidRequest, PlanoError
from plano.ports import Answer, Sink
from plano.signals.metering import MeteredUpstream
from plano.signals.token_limits import TokenLimit, TokenLimits

MODEL = Model("p/m", "p", "m", Endpoint(Origin("http", "h", 1), "/", "h"))
METERED = Metered("x-user", "alice", 8)
CALL = Call(ChatRequest("p/m", Conversation(()), None, False, b"{}", Edits((0, 0), None)), (), "0", 0.0)
ATTEMPT = Attempt(Candidate(MODEL, 1), 1, 9.0, is_last=True)


class Now:
    """A clock that stands still."""

    def monotonic(self) -> float:
        """Seconds."""
        return 7.0

    wall = monotonic

    async def sleep(self, seconds: float) -> None:
        """Never called."""


class Body:
    """A stream of which nothing is read here."""

    first_content_at: float | None = None
    ended_at: float | None = None
    warnings: tuple[str, ...] = ()
    passed_on = 0

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """Never called."""
        return b""

    async def pump(self, sink: Sink) -> None:
        """Never called."""


class Fixed:
    """An upstream with one ending; looks at how much is left while the attempt is under way."""

    def __init__(self, limits: TokenLimits, outcome: Outcome, answer: Answer | None = None) -> None:
        self._limits = limits
        self._ending = outcome, answer
        self.left_meanwhile = -1

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """The ending."""
        self.left_meanwhile = left(self._limits)
        return self._ending


def left(limits: TokenLimits) -> int:
    """Tokens that would still be let in."""
    asked = [limits.meter(Metered("x-user", "alice", n), [MODEL]).wait_s("p/m", 7.0) == 0 for n in range(101)]
    return asked.count(True) - 1


async def performed(outcome: Outcome, answer: Answer | None = None) -> tuple[TokenLimits, int, Answer | None]:
    """The limits after an attempt, what was left of them while it was under way, and its answer."""
    limits = TokenLimits([TokenLimit(frozenset({"m"}), "x-user", "alice", 100, 60.0)])
    upstream = Fixed(limits, outcome, answer)
    metered = MeteredUpstream(upstream, limits.meter(METERED, [MODEL]), Now())
    ended, given = await metered.perform(ATTEMPT, CALL)
    assert ended is outcome
    return limits, upstream.left_meanwhile, given


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (Refused(400), 100),
        (Throttled(None), 100),
        (Unfit(InvalidRequest("no words")), 100),
        (outcome_of(judge(503), 503, None), 100),
        (outcome_of(judge("connect"), "connect", None), 100),
        (outcome_of(judge("timeout"), "timeout", None), 92),
        (outcome_of(judge("truncated"), "truncated", None), 92),
        (Answered(200), 92),
    ],
)
async def test_endings(outcome: Outcome, after: int) -> None:
    """While it runs an attempt is counted as estimated; that stays where a provider may bill it."""
    limits, meanwhile, _ = await performed(outcome)
    assert meanwhile == 92
    assert left(limits) == after


async def test_a_whole_answer_is_settled_at_once() -> None:
    """Prompt and answer by the provider's count."""
    limits, _, _ = await performed(Answered(200), Answer(200, (), b"{}", usage=lambda: Usage(20, 5)))
    assert left(limits) == 75


async def test_a_stream_is_settled_when_it_is_closed() -> None:
    """Until then the estimate counts; whoever held the stream before is closed as well."""
    closed: list[bool] = []
    stream = Answer(200, (), Body(), close=lambda: closed.append(True), usage=lambda: Usage(20, 5))
    limits, _, given = await performed(Answered(200), stream)
    assert left(limits) == 92
    assert given is not None
    given.close()
    assert closed == [True]
    assert left(limits) == 75
