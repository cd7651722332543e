"""What is counted: every family of metrics, its name, and how records become numbers.

Names follow https://prometheus.io/docs/practices/naming and, where they fit, those of the gateway whose files Plano
reads. Nothing a caller sends adds series without bound: each label has a fixed number of values (see ``Labels``), and
all families together have at most 5,000 series.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from plano.domain.attempt import NoAnswer, Receipt, Skipped
from plano.domain.decision import Decision
from plano.observe.exposition import Counter, Facts, Family, Histogram, Live, render
from plano.observe.label import Labels
from plano.observe.record import Record

MAX_ROUTES = 128
MAX_MODELS = 100
MAX_CODES = 64
MAX_STATUSES = 24
MAX_ENDINGS = 30
MAX_STAGES = 8

_NO_ROUTE = ""
"""What a series says where no route matched: to Prometheus an empty value is no label."""

_STATUSES = (200, 400, 401, 402, 403, 404, 405, 408, 413, 414, 415, 417, 422, 429, 431, 500, 502, 503, 504, 529)
_ENDINGS = (*get_args(NoAnswer), "client_closed", *map(str, _STATUSES))
_SKIPPED = frozenset(get_args(Skipped))
_STAGES = ("parse", "route", "rank", "connect", "ttft")

# From a stage of a tenth of a millisecond to an answer of two minutes.
_BOUNDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0),
)


class Metrics:
    """The numbers of one gateway.

    ``paths``: those that are told apart. ``routes``, ``models``: the declared names, which have a place before any
    other. ``live``: what is read when it is asked for.
    """

    def __init__(
        self,
        *,
        version: str,
        paths: Sequence[str] = (),
        routes: Iterable[str] = (),
        models: Iterable[str] = (),
        live: Sequence[Live] = (),
    ) -> None:
        self._paths = Labels(paths, limit=len(paths))
        self._routes = Labels(routes, limit=MAX_ROUTES)
        self._models = Labels(models, limit=MAX_MODELS)
        self._codes = Labels(limit=MAX_CODES)
        self._statuses = Labels(map(str, _STATUSES), limit=MAX_STATUSES)
        self._endings = Labels(_ENDINGS, limit=MAX_ENDINGS)
        self._stages = Labels(_STAGES, limit=MAX_STAGES)
        self._count()
        self.families: tuple[Family, ...] = (
            Facts("plano_build_info", "The version that runs.", (("version", version),)),
            *live,
            *(self._requests, self._seconds, self._errors, self._decisions, self._selected),
            *(self._attempts, self._skipped, self._fallbacks, self._stage_seconds),
        )

    def take(self, records: Sequence[Record]) -> None:
        """Counts a batch of answered requests."""
        for record in records:
            path = self._paths.of(record.path or "")
            self._requests.add((path, self._statuses.of(str(record.status))))
            self._seconds.observe((path,), record.seconds)
            if record.code is not None:
                self._errors.add((self._codes.of(record.code),))
            for stage, seconds in record.stages:
                self._stage_seconds.observe((self._stages.of(stage),), seconds)
            if record.decision is not None:
                self._take_decision(record.decision, record.receipt)

    def render(self) -> bytes:
        """All numbers, in the text format of ``exposition.CONTENT_TYPE``."""
        return render(self.families)

    def _take_decision(self, decision: Decision, receipt: Receipt | None) -> None:
        route = _NO_ROUTE if decision.route is None else self._routes.of(decision.route)
        selected = decision.models[0]
        self._decisions.add((route, decision.intent.router))
        self._selected.add((self._models.of(selected),))
        if receipt is None or not receipt.tries:
            return
        for each in receipt.tries:
            if each.ending in _SKIPPED:
                self._skipped.add((self._models.of(each.model), each.ending))
            else:
                self._attempts.add((self._models.of(each.model), self._endings.of(each.ending)))
        if receipt.tries[-1].model != selected:
            self._fallbacks.add((route,))

    def _count(self) -> None:
        """Begins to count: one attribute for each family."""
        self._requests = Counter(
            "plano_http_requests_total", "Answered requests by path and status.", ("path", "status")
        )
        self._seconds = Histogram(
            "plano_http_request_duration_seconds",
            "Seconds from the head of a request to the last byte of its answer.",
            ("path",),
            bounds=_BOUNDS,
        )
        self._errors = Counter("plano_http_errors_total", "Requests answered with an error of this code.", ("code",))
        self._decisions = Counter(
            "plano_router_decisions_total",
            "Decisions by route (empty: none matched) and state of the router: ok, degraded, skipped.",
            ("route", "router"),
        )
        self._selected = Counter(
            "plano_router_selected_models_total", "Decisions by the model that was ranked first.", ("model",)
        )
        self._attempts = Counter(
            "plano_llm_upstream_requests_total",
            "Attempts by model and ending: the status of the answer, or why there was none.",
            ("model", "ending"),
        )
        self._skipped = Counter(
            "plano_llm_skipped_candidates_total", "Candidates passed over without an attempt.", ("model", "reason")
        )
        self._fallbacks = Counter(
            "plano_llm_fallbacks_total", "Requests that went on to another model than the first.", ("route",)
        )
        self._stage_seconds = Histogram(
            "plano_stage_duration_seconds", "Seconds spent in each stage of a request.", ("stage",), bounds=_BOUNDS
        )
