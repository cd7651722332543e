"""The routers of one configuration, and asking them where no event loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from plano import clock as system
from plano.config.settings import Router, Settings
from plano.domain.intent import Intent, Question
from plano.intent.asked.prompts import dialect_of
from plano.intent.cascade import Band, Cascade, Share, Step, Steps, embedded_alone, model_alone
from plano.intent.embedded import EmbeddedClassifier
from plano.intent.threshold import Thresholded
from plano.ports import Classifier, Clock
from plano.routing.model import LIMITS, RouterModel
from plano.wire.traceparent import TraceContext


@dataclass(frozen=True, slots=True)
class Routers:
    """Who may be asked: ``embedded`` is None where the model decides every route, ``model`` where none is configured.

    ``cascade``: None where there is only one of them.
    """

    embedded: Classifier | None
    model: RouterModel | None = None
    cascade: Cascade | None = None

    @classmethod
    def build(cls, settings: Settings, clock: Clock, *, embedded: Classifier | None = None) -> Routers:
        """The routers of ``settings``; loads the embedded one where it is asked and ``embedded`` is not given."""
        router = settings.routing.router
        if router.kind != "http":
            embedded = _at(router.threshold, embedded)
        if router.kind == "embedded":
            return cls(embedded)
        model = _model(router, settings, clock)
        if router.kind == "http":
            return cls(None, model)
        return cls(embedded, model, Cascade(Band(*router.unsure), Share(router.max_share)))

    def steps(self) -> Steps:
        """One question: who is asked, in which order."""
        if self.cascade is not None:
            return self.cascade.steps()
        return embedded_alone() if self.model is None else model_alone()

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of them now: the model is not asked, and why."""
        closed = None if self.model is None else self.model.closed
        return [] if self.model is None or closed is None else [f"router_model {self.model.model.name} {closed}"]

    def blocking(self, *, ca_file: str | None = None) -> Classifier:
        """The same routers for a thread without an event loop: the command line, tests, a client in its own process."""
        if self.model is None:
            assert self.embedded is not None
            return self.embedded
        return BlockingRouters(self, self.model, ca_file=ca_file)


class BlockingRouters:
    """A Classifier that leads the conversation with the routers itself. Each question to the model has its own loop.

    ``ca_file``: file of certificate authorities, None for the system's.
    """

    def __init__(self, routers: Routers, model: RouterModel, *, ca_file: str | None) -> None:
        self._routers = routers
        self._model = model
        self._ca_file = ca_file

    def recall(self, question: Question) -> Intent | None:
        """Nothing: what a model said is not remembered."""
        return None

    def classify(self, question: Question) -> Intent:
        """The answer. Never raises for a router's sake, but for an embedded one that is defective."""
        ask: dict[Step, Callable[[Question], Intent]] = {"embedded": self._ask_embedded, "model": self._ask_model}
        steps = self._routers.steps()
        step = next(steps)
        try:
            while True:
                step = steps.send(ask[step](question))
        except StopIteration as end:
            answer: Intent = end.value
            return answer

    def _ask_embedded(self, question: Question) -> Intent:
        embedded = self._routers.embedded
        assert embedded is not None
        return embedded.recall(question) or embedded.classify(question)

    def _ask_model(self, question: Question) -> Intent:
        # A thread of its own: the caller's may have a loop that runs.
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(asyncio.run, self._asked(question)).result()

    async def _asked(self, question: Question) -> Intent:
        # Loaded where a model is asked: a client in its own process imports nothing of connections otherwise.
        http: Any = import_module("plano.upstream.http")
        upstream = http.HttpUpstream(self._model.clock, limits=LIMITS, ca_file=self._ca_file)
        try:
            return await self._model.ask(question, upstream, TraceContext(*system.new_ids()))
        finally:
            upstream.pool.close()
            await asyncio.sleep(0)  # the transport's last call


def _at(threshold: float | None, given: Classifier | None) -> Classifier:
    """The embedded router with the configured threshold. ``given``: one that is loaded, under any threshold."""
    embedded = given.inner if isinstance(given, Thresholded) else given or EmbeddedClassifier.load()
    return embedded if threshold is None else Thresholded(embedded, threshold)


def _model(router: Router, settings: Settings, clock: Clock) -> RouterModel:
    assert router.model is not None
    model = settings.models.resolve(router.model)
    return RouterModel(
        model,
        router.dialect or dialect_of(model.upstream_id),
        clock,
        system.jitter,
        deadline_s=router.deadline_s,
        context_tokens=router.context_tokens,
        template=router.prompt,
    )
