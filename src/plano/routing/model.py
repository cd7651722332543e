"""Asking a router model: one call, within its own deadline, and an intent whatever comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from plano.domain.attempt import Answered, Attempt, Failed, Outcome, Refused, Throttled
from plano.domain.decision import Candidate
from plano.domain.intent import Asked, Intent, Question, RouterDialect, degraded
from plano.domain.model import Model
from plano.domain.request import Call, ChatRequest
from plano.http1.limits import KIB, Limits
from plano.intent.asked.prompts import prompt
from plano.intent.asked.said import Unreadable, read_route
from plano.intent.text import BUDGET_TOKENS, flat, is_blank, shown
from plano.ports import Answer, Clock, Upstream
from plano.signals.breaker import Breaker, Permit
from plano.wire.json_guard import LARGE_BYTES
from plano.wire.router_call import call_of, text_of
from plano.wire.traceparent import TraceContext

DEADLINE_S = 0.3
MOST_AT_ONCE = 256
LIMITS = Limits(answer_body_bytes=64 * KIB)
"""Of the answers: what is larger is broken off, and no answer."""

ANSWERED = "answered"


@dataclass(slots=True)
class RouterModel:
    """A model that says which route a conversation takes.

    ``deadline_s``: from the question to the whole answer. ``context_tokens``: of the conversation it is shown.
    ``template``: see ``plano.intent.asked.prompts.prompt``. ``jitter``: a factor around 1.

    It has a breaker of its own, and keeps a promise (``Retry-After``) as any model does: while either holds it back it
    is not asked. Five failures in a row open the breaker, answers that cannot be read among them: a model that
    only chats would cost every request its time.
    """

    model: Model
    dialect: RouterDialect
    clock: Clock
    jitter: Callable[[], float]
    deadline_s: float = DEADLINE_S
    context_tokens: int = BUDGET_TOKENS
    template: str | None = None
    breaker: Breaker = field(default_factory=Breaker)
    _in_flight: int = 0
    _held_until: float = 0.0

    @property
    def closed(self) -> str | None:
        """Why it is not asked now: ``held``, ``ejected`` or ``busy``; None when it may be."""
        now = self.clock.monotonic()
        if now < self._held_until:
            return "held"
        if self.breaker.is_closed_to(self.model.name, now):
            return "ejected"
        return "busy" if self._in_flight >= MOST_AT_ONCE else None

    async def ask(self, question: Question, upstream: Upstream, trace: TraceContext) -> Intent:
        """The route it says; degraded, with the reason, when there is no usable answer in time. Never raises for it."""
        closed = self.closed
        if closed is not None:
            return degraded(closed)
        began = self.clock.monotonic()
        permit = self.breaker.begin(self.model.name, began)
        self._in_flight += 1
        try:
            made = await self._request(question)
            if made is None:
                self.breaker.left(permit)
                return Intent(None)
            request, text = made
            limit_s = self.deadline_s - (self.clock.monotonic() - began)
            outcome, answer = await upstream.perform(self._attempt(limit_s), _call(request, trace, began))
            trouble, route = _read(outcome, answer, question)
        except BaseException:
            self.breaker.left(permit)
            raise
        finally:
            self._in_flight -= 1
        now = self.clock.monotonic()
        self._note(permit, outcome, trouble, now)
        usage = None if answer is None else answer.usage()
        asked = Asked(self.model.name, now - began, trouble or ANSWERED, usage)
        return Intent(route, text=text, router="degraded" if trouble else "ok", trouble=trouble, asked=asked)

    async def _request(self, question: Question) -> tuple[ChatRequest, str] | None:
        """The request and the text that it shows, None where nothing is to be seen. Large ones are made aside."""
        size = sum([len(turn.text) for turn in question.conversation.turns])
        size += sum([len(route.description) for route in question.routes])
        if size <= LARGE_BYTES:
            return self._made(question)
        return await asyncio.get_running_loop().run_in_executor(None, self._made, question)

    def _made(self, question: Question) -> tuple[ChatRequest, str] | None:
        turns = shown(question.conversation, budget_tokens=self.context_tokens)
        # The mark of a cut is no text either.
        if all(is_blank(turn.text.replace("…", "")) for turn in turns if turn.role == "user"):
            return None
        text = prompt(self.dialect, turns, question.routes, template=self.template)
        return call_of(self.model.upstream_id, text), flat(turns)

    def _attempt(self, limit_s: float) -> Attempt:
        return Attempt(Candidate(self.model, 1), number=1, limit_s=limit_s, is_last=True)

    def _note(self, permit: Permit, outcome: Outcome, trouble: str | None, now: float) -> None:
        hold = outcome.hold if isinstance(outcome, (Throttled, Failed)) else None
        if hold is not None:
            self._held_until = max(self._held_until, now + hold.seconds)
        if trouble is None or isinstance(outcome, Refused):
            self.breaker.succeeded(permit, now)
        elif isinstance(outcome, Answered) or (isinstance(outcome, Failed) and outcome.verdict.counts):
            self.breaker.failed(permit, now, jitter=self.jitter())
        else:
            self.breaker.left(permit)


def _call(request: ChatRequest, trace: TraceContext, began: float) -> Call:
    """The call, with nothing of the caller's own fields: neither keys nor cookies, only the trace."""
    fields = (
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("user-agent", "plano"),
        ("traceparent", trace.header),
    )
    return Call(request, fields, trace.trace_id, received_at=began)


def _read(outcome: Outcome, answer: Answer | None, question: Question) -> tuple[str | None, str | None]:
    """(What is wrong with the answer, None when nothing is; the route, None when there is none)."""
    match outcome:
        case Answered():
            assert answer is not None
            assert isinstance(answer.body, bytes)
            text = text_of(answer.body)
            if text is None:
                return "unreadable", None
            try:
                return None, read_route(text, question.routes)
            except Unreadable:
                return "unreadable", None
        case Throttled():
            return "429", None
        case Failed(ending=ending):
            return str(ending), None
        case Refused(status=status):
            return str(status), None
        case _:
            return "unfit", None
