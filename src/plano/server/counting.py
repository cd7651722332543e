"""The number of tokens of a request: counted by the provider where it counts, estimated where nobody does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from plano.domain.attempt import Attempt
from plano.domain.decision import Candidate
from plano.domain.model import Endpoint, Model
from plano.domain.request import Call
from plano.gateway import Gateway
from plano.intent.memory import Memory
from plano.ports import Answer, Upstream
from plano.wire import json_guard

LIMIT_S = 10.0
REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts for the request's own model: whoever asks wants to know about that one."""

    upstream: Upstream
    _counters: Memory[Endpoint, Endpoint] = field(default_factory=lambda: Memory(REMEMBERED))

    async def count(self, call: Call, gateway: Gateway) -> Answer:
        """The answer for the caller: the provider's own, else ``input_tokens`` marked as ``estimated``.

        ``gateway``: whose models count; a reload puts another one in its place.

        Raises ModelNotFound.
        """
        model = gateway.policy.models.resolve(call.request.model)
        counter = self._counter(model)
        if counter is not None:
            candidate = Candidate(replace(model, endpoint=counter), 1)
            _, answer = await self.upstream.perform(Attempt(candidate, 1, LIMIT_S, is_last=True), call)
            if answer is not None:
                return answer
        tokens = gateway.estimated_tokens(model, call.request)
        return Answer(200, (), json_guard.dumps({"input_tokens": tokens, "estimated": True}))

    def _counter(self, model: Model) -> Endpoint | None:
        """The same object for the same endpoint: connections are found by it."""
        known = self._counters.get(model.endpoint)
        if known is None:
            known = model.endpoint.counter
            if known is not None:
                self._counters.put(model.endpoint, known)
        return known
