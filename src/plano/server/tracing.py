"""The traces of a gateway: what sends them on under the configuration of now, and how that goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from plano.config.settings import Settings
from plano.config.urls import parse_url
from plano.observe.entry import Entry
from plano.observe.exposition import LabelledLive
from plano.observe.log import Log
from plano.observe.summed import Summed
from plano.observe.traces import otlp
from plano.observe.traces.beside import Beside
from plano.observe.traces.collector import Collector
from plano.observe.traces.exporter import Counts, Exporter, Outlet
from plano.observe.traces.spans import Spans
from plano.server.process import step_back
from plano.upstream.pool import Pool
from plano.upstream.posting import Posting


class Traces:
    """Sends spans on, or nobody does. ``pool``: of the connections. ``log``: is told of an exporter's first trouble.

    Raises ConfigError when an exporter of OpenTelemetry's SDK cannot be made.
    """

    def __init__(self, settings: Settings, pool: Pool, *, version: str, log: Log) -> None:
        self._pool = pool
        self._version = version
        self._log = log
        self._ending: set[asyncio.Task[None]] = set()
        self.counts = Counts()
        self._settings = settings
        self._exporter = self._exporter_of(settings)

    def take(self, entries: Sequence[Entry]) -> None:
        """Takes a batch. Never waits."""
        if self._exporter is not None:
            self._exporter.take(entries)

    def follow(self, settings: Settings) -> Callable[[], None]:
        """What has it go on under other settings. Raises ConfigError as above; then nothing has changed."""
        if _told(settings) == _told(self._settings):
            return lambda: None
        exporter = self._exporter_of(settings)

        def go_on() -> None:
            self._end()
            self._settings, self._exporter = settings, exporter

        return go_on

    async def finish(self) -> None:
        """Sends what waits, for two seconds at most."""
        self._end()
        if self._ending:
            await asyncio.wait(self._ending)

    def close(self) -> None:
        """Forgets what waits, and takes nothing more."""
        if self._exporter is not None:
            self._exporter.close()
            self._exporter = None
        for task in self._ending:
            task.cancel()

    def _end(self) -> None:
        if self._exporter is not None:
            task = asyncio.get_running_loop().create_task(self._exporter.finish())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            self._exporter = None

    def _exporter_of(self, settings: Settings) -> Exporter | None:
        outlet = self._outlet(settings)
        return None if outlet is None else Exporter(outlet, counts=self.counts, report=self._report)

    def _report(self, trouble: str) -> None:
        self._log.line("traces_failed", reason=trouble, effect="spans are dropped and counted; callers notice nothing")

    def _outlet(self, settings: Settings) -> Outlet | None:
        tracing = settings.tracing
        spans = Spans(
            dict(tracing.attributes), tracing.header_prefixes, shows_counterfactual=_shows_counterfactual(settings)
        )
        if tracing.exporter == "otlp":
            if tracing.receiver is None:
                return None
            url = parse_url(otlp.over_http(tracing.receiver), ("http", "https"))
            posting = Posting(self._pool, url, path=otlp.PATH, media_type=otlp.MEDIA_TYPE)
            return Collector(posting.post, spans, version=self._version)
        if not tracing.span_exporters:
            return None
        from plano.observe.traces.sdk import SpanExporters, exporters_named  # noqa: PLC0415 - installed where it is asked for

        exporters = SpanExporters(exporters_named(tracing.span_exporters), spans, version=self._version)
        return Beside(exporters, settle=step_back)


def _shows_counterfactual(settings: Settings) -> bool:
    """Do spans tell which model a budget of switches has kept away?"""
    budget = settings.routing.budget
    return budget is not None and budget.record_counterfactual


def trace_numbers(counts: Counts, summed: Summed) -> tuple[LabelledLive, ...]:
    """How many traces were taken, and how many were not, of all workers together."""
    return (
        summed.family(
            "plano_traces_sent_total", "Requests whose spans the receiver took.", (), lambda: [((), counts.sent)]
        ),
        summed.family(
            "plano_traces_dropped_total",
            "Requests whose spans it did not take in time.",
            (),
            lambda: [((), counts.dropped)],
        ),
    )


def _told(settings: Settings) -> tuple[object, ...]:
    """What whoever sends spans goes by."""
    return settings.tracing, _shows_counterfactual(settings)
