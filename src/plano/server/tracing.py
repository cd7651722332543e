"""The traces of a configuration: what sends them on, and the numbers that tell how that goes."""

from __future__ import annotations

from plano.config.settings import Settings
from plano.observe.exposition import Live
from plano.observe.traces.exporter import Destination, Exporter
from plano.observe.traces.otlp import over_http
from plano.server.process import step_back


def exporter_of(settings: Settings, *, version: str) -> Exporter | None:
    """What sends spans on; None where the configuration names no receiver."""
    tracing, budget = settings.tracing, settings.routing.budget
    if tracing.receiver is None:
        return None
    to = Destination(
        over_http(tracing.receiver),
        version,
        dict(tracing.attributes),
        tracing.header_prefixes,
        shows_counterfactual=budget is not None and budget.record_counterfactual,
    )
    return Exporter(to, settle=step_back)


def trace_numbers(exporter: Exporter | None) -> tuple[Live, ...]:
    """How many traces the receiver took, and how many it did not."""
    return (
        Live(
            "plano_traces_sent_total",
            "Requests whose spans the receiver took.",
            lambda: 0 if exporter is None else exporter.sent,
            kind="counter",
        ),
        Live(
            "plano_traces_dropped_total",
            "Requests whose spans it did not take in time.",
            lambda: 0 if exporter is None else exporter.dropped,
            kind="counter",
        ),
    )
