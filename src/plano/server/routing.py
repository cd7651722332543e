"""Asking the routers on the event loop: the embedded one beside it, the model over its connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from plano.clock import SystemClock
from plano.domain.intent import Intent, Question
from plano.routing.model import LIMITS
from plano.routing.routers import Routers
from plano.server.inference import Inference
from plano.upstream.http import HttpUpstream
from plano.wire.traceparent import TraceContext


@dataclass(frozen=True, slots=True)
class Routing:
    """``inference``: the embedded router. ``upstream``: connections to router models, apart from those of others."""

    inference: Inference
    upstream: HttpUpstream

    @classmethod
    def build(cls, routers: Routers, *, ca_file: str | None) -> Self:
        """Ready for the routers of a configuration, and of any later one."""
        return cls(Inference(routers.embedded), HttpUpstream(SystemClock(), limits=LIMITS, ca_file=ca_file))

    def renew(self, routers: Routers) -> None:
        """Another configuration: its embedded router is asked from now on, where it has one."""
        self.inference.classifier = routers.embedded or self.inference.classifier

    def sweep(self, now: float) -> None:
        """Closes connections that have been idle too long. ``now``: the loop's time."""
        self.upstream.pool.sweep(now)

    def close(self) -> None:
        """Closes every connection, and stops the thread after the work in progress."""
        self.upstream.pool.close()
        self.inference.close()

    def recall(self, question: Question, routers: Routers) -> Intent | None:
        """The remembered answer, or None: of a router model nothing is remembered."""
        return self.inference.recall(question) if routers.model is None else None

    async def intent(self, question: Question, routers: Routers, trace: TraceContext) -> Intent:
        """What the routers say. Never raises for a router's sake; cancelling it closes the connection to a model."""
        if routers.model is None:
            return await self._embedded(question)
        steps = routers.steps()
        step = next(steps)
        try:
            while True:
                if step == "embedded":
                    said = await self._embedded(question)
                else:
                    said = await routers.model.ask(question, self.upstream, trace)
                step = steps.send(said)
        except StopIteration as end:
            answer: Intent = end.value
            return answer

    async def _embedded(self, question: Question) -> Intent:
        return self.inference.recall(question) or await self.inference.answer(question)
