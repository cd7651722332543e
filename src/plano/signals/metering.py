"""An upstream whose attempts are counted in the limits on tokens."""

from __future__ import annotations

from msgspec.structs import replace

from plano.domain.attempt import Attempt, Failed, Outcome, Refused, Throttled, Unfit
from plano.domain.request import Call
from plano.ports import Answer, Clock, Upstream
from plano.signals.token_limits import Meter

_UNREACHED = frozenset({"connect", "connect_timeout", "busy"})


class MeteredUpstream:
    """``plano.ports.Upstream`` for one request: what its attempts take is in ``meter`` before anything is sent.

    Nobody can therefore pass a limit by asking many times at once. An attempt that a provider may bill stays counted.
    """

    def __init__(self, upstream: Upstream, meter: Meter, clock: Clock) -> None:
        self._upstream = upstream
        self._meter = meter
        self._clock = clock

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """As the upstream does; a stream is counted as its provider did once it is closed."""
        charge = self._meter.charge(attempt.candidate.model.name, self._clock.monotonic())
        outcome, answer = await self._upstream.perform(attempt, call)
        if is_free(outcome):
            charge.give_back()
        elif answer is not None and isinstance(answer.body, bytes):
            charge.settle(answer.usage(), self._clock.monotonic())
        elif answer is not None:
            whole = answer

            def close() -> None:
                charge.settle(whole.usage(), self._clock.monotonic())
                whole.close()

            answer = replace(answer, close=close)
        return outcome, answer


def is_free(outcome: Outcome) -> bool:
    """Did the provider certainly not work for it? It refused, answered with an error, or was never reached."""
    if isinstance(outcome, Failed):
        return isinstance(outcome.ending, int) or outcome.ending in _UNREACHED
    return isinstance(outcome, (Refused, Throttled, Unfit))
