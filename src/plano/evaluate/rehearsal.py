"""The tests of a configuration, tried on the gateway that it would become; no model is called but one that routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plano.assembly import Decider, wishes
from plano.config.settings import RoutingTest
from plano.errors import PlanoError
from plano.wire import json_guard

TRACE_ID = "0" * 31 + "1"
LONGEST_SHOWN = 60


def failures(decider: Decider, tests: Iterable[RoutingTest]) -> Iterator[str]:
    """One line for each test that fails: the prompt, what was wanted, what came."""
    for test in tests:
        try:
            said = _failure(decider, test)
        except PlanoError as error:
            said = error.message
        if said is not None:
            shown = test.prompt if len(test.prompt) <= LONGEST_SHOWN else f"{test.prompt[:LONGEST_SHOWN]}…"
            yield f"{shown!r}: {said}"


def _failure(decider: Decider, test: RoutingTest) -> str | None:
    table = decider.gateway.policy.models
    model = table.default or next(iter(table.models), None) or f"{next(iter(table.wildcards))}/any"
    body = json_guard.dumps({"model": model, "messages": [{"role": "user", "content": test.prompt}]})
    decision = decider.decide(decider.parse(body), wishes(TRACE_ID, {}))
    if (test.no_route and decision.route is not None) or (test.route is not None and decision.route != test.route):
        trouble = decision.intent.trouble
        because = "" if trouble is None else f": the router gave no usable answer ({trouble})"
        wanted = "no route" if test.no_route else f"route {test.route!r}"
        return f"wanted {wanted}, got {decision.route or 'none'!r}{because}"
    if test.first_model is not None and decision.models[0] != test.first_model:
        return f"wanted {test.first_model!r} first, got {', '.join(decision.models)}"
    return None
