"""The traces of a configuration: what sends them on, and the numbers that tell how that goes."""

from __future__ import annotations

from plano.config.settings import Settings
from plano.observe.exposition import Live
from plano.observe.log import Log
from plano.observe.traces.collector import Collector
from plano.observe.traces.exporter import Exporter, Outlet
from plano.observe.traces.otlp import over_http
from plano.observe.traces.spans import Spans
from plano.server.process import step_back


def exporter_of(settings: Settings, *, version: str, log: Log) -> Exporter | None:
    """What sends spans on; None where the configuration names nobody. ``log``: is told of the first trouble.

    Raises ConfigError when an exporter of OpenTelemetry's SDK cannot be made.
    """
    outlet = _outlet(settings, version)

    def report(trouble: str) -> None:
        log.line("traces_failed", reason=trouble, effect="spans are dropped and counted; callers notice nothing")

    return None if outlet is None else Exporter(outlet, settle=step_back, report=report)


def trace_numbers(exporter: Exporter | None) -> tuple[Live, ...]:
    """How many traces were taken, and how many were not."""
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


def _outlet(settings: Settings, version: str) -> Outlet | None:
    tracing, budget = settings.tracing, settings.routing.budget
    spans = Spans(
        dict(tracing.attributes),
        tracing.header_prefixes,
        shows_counterfactual=budget is not None and budget.record_counterfactual,
    )
    if tracing.exporter == "otlp":
        return None if tracing.receiver is None else Collector(over_http(tracing.receiver), spans, version=version)
    if not tracing.span_exporters:
        return None
    from plano.observe.traces.sdk import SpanExporters, exporters_named  # noqa: PLC0415 - installed where it is asked for

    return SpanExporters(exporters_named(tracing.span_exporters), spans, version=version)
