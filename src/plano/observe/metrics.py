"""What is counted: every family of metrics, its name, and how records become numbers.

Names follow https://prometheus.io/docs/practices/naming and, where they fit, those of the gateway whose files Plano
reads. Nothing a caller sends adds series without bound: each label has a fixed number of values (see ``Labels``), and
all families together have at most 10,000 series.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from plano.domain.attempt import NoAnswer
from plano.domain.usage import Usage
from plano.observe.alike import Alike, Choice
from plano.observe.entry import Explained
from plano.observe.exposition import Counter, Facts, Family, Histogram, LabelValues, render
from plano.observe.label import Labels

MAX_ROUTES = 128
MAX_MODELS = 100
MAX_CODES = 64
MAX_STATUSES = 24
MAX_ENDINGS = 36
MAX_ROUTER_MODELS = 4
MAX_TROUBLES = 40
MAX_STAGES = 8

_NO_ROUTE = ""
"""What a series says where no route matched: to Prometheus an empty value is no label."""

_STATUSES = (200, 400, 401, 402, 403, 404, 405, 408, 413, 414, 415, 417, 422, 429, 431, 500, 502, 503, 504, 529)
_ENDINGS = (*get_args(NoAnswer), "client_closed", "internal_error", "outpaced", *map(str, _STATUSES))
_STAGES = ("parse", "route", "rank", "connect", "ttft")
_TOKENS = ("prompt", "completion", "cache_read", "cache_write", "reasoning")

# From a stage of a tenth of a millisecond to an answer of two minutes.
_BOUNDS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0),
)
_MODEL_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


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
        live: Sequence[Family] = (),
    ) -> None:
        self._paths = Labels(paths, limit=len(paths))
        self._routes = Labels(routes, limit=MAX_ROUTES)
        self._models = Labels(models, limit=MAX_MODELS)
        self._codes = Labels(limit=MAX_CODES)
        self._statuses = Labels(map(str, _STATUSES), limit=MAX_STATUSES)
        self._router_models = Labels(limit=MAX_ROUTER_MODELS)
        self._troubles_of = Labels(limit=MAX_TROUBLES)
        self._endings = Labels(_ENDINGS, limit=MAX_ENDINGS)
        self._stages = Labels(_STAGES, limit=MAX_STAGES)
        self._count()
        self.families: tuple[Family, ...] = (
            Facts("plano_build_info", "The version that runs.", (("version", version),)),
            *live,
            *(self._requests, self._seconds, self._errors, self._decisions, self._selected),
            *(self._unasked, self._escalations, self._troubles),
            *(self._routed, self._routed_seconds, self._routed_tokens),
            *(self._attempts, self._skipped, self._fallbacks, self._stage_seconds),
            *(self._attempt_seconds, self._first_tokens, self._tokens, self._uncounted, self._usd),
        )

    def take(self, groups: Iterable[Alike]) -> None:
        """Counts answered requests."""
        for group in groups:
            one, count = group.one, len(group.entries)
            path = (self._paths.of(one.path or ""),)
            self._requests.add((*path, self._statuses.of(str(one.status))), count)
            self._seconds.observe(path, group.seconds)
            if one.code is not None:
                self._errors.add((self._codes.of(one.code),), count)
            by_stage = zip(*[each.stages.values() for each in group.entries], strict=True)
            for stage, seconds in zip(one.stages, by_stage, strict=True):
                self._stage_seconds.observe((self._stages.of(stage),), seconds)
            if group.choice is not None:
                self._take_choice(group.choice, group)
                self._take_routers(
                    [
                        made
                        for each in group.entries
                        if (made := each.decision) is not None
                        and (made.asked or made.escalation or made.trouble or made.router == "skipped")
                    ]
                )
            if one.served_by is not None:
                self._take_answers(group, (self._models.of(one.served_by),))

    def declare(self, routes: Iterable[str], models: Iterable[str]) -> None:
        """From now on these names are declared."""
        self._routes.declare(routes)
        self._models.declare(models)

    def render(self) -> bytes:
        """All numbers, in the text format of ``exposition.CONTENT_TYPE``."""
        return render(self.families)

    def _take_choice(self, choice: Choice, group: Alike) -> None:
        route, count = _NO_ROUTE if choice.route is None else self._routes.of(choice.route), len(group.entries)
        self._decisions.add((route, choice.router, "true" if choice.router == "degraded" else "false"), count)
        self._selected.add((self._models.of(choice.first),), count)
        if group.fell_back:
            self._fallbacks.add((route,), count)
        for (name, ending), seconds in zip(group.chain, group.attempts_s, strict=True):
            model = self._models.of(name)
            if seconds:
                self._attempts.add((model, self._endings.of(ending)), count)
                self._attempt_seconds.observe((model,), seconds)
            else:
                self._skipped.add((model, ending), count)

    def _take_routers(self, decided: Iterable[Explained]) -> None:
        """What happened beside the embedded router, where anything did."""
        for made in decided:
            if made.asked is not None:
                model = self._router_models.of(made.asked.model)
                self._routed.add((model, self._troubles_of.of(made.asked.ending)))
                self._routed_seconds.observe((model,), [made.asked.seconds])
                self._take_router_tokens(model, made.asked.usage)
            if made.router == "skipped":
                self._unasked.add((_why_skipped(made),))
            if made.escalation:
                self._escalations.add((made.escalation,))
            if made.trouble:
                self._troubles.add((self._troubles_of.of(made.trouble),))

    def _take_router_tokens(self, model: str, usage: Usage | None) -> None:
        counted = usage or Usage()
        for kind, tokens in (("prompt", counted.input_tokens), ("completion", counted.output_tokens)):
            if tokens:
                self._routed_tokens.add((model, kind), tokens)

    def _take_answers(self, group: Alike, model: LabelValues) -> None:
        """What the answers of one model used and cost. Unknown is no number: it is counted apart."""
        if group.first_tokens_s:
            self._first_tokens.observe(model, group.first_tokens_s)
        counted = 0 if group.is_estimated else group.counted
        if counted < len(group.entries):
            self._uncounted.add(model, len(group.entries) - counted)
        if group.is_estimated:
            return
        if group.costs_usd:
            self._usd.add(model, sum(group.costs_usd))
        for kind, tokens in zip(_TOKENS, group.tokens, strict=True):
            if tokens:
                self._tokens.add((*model, kind), tokens)

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
            "Decisions by route (empty: none matched) and state of the router: ok, degraded, skipped. "
            "Fallback: the requested model, because the router could not say.",
            ("route", "router", "fallback"),
        )
        self._selected = Counter(
            "plano_router_selected_models_total", "Decisions by the model that was ranked first.", ("model",)
        )
        self._count_routers()
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
        self._count_answers()

    def _count_routers(self) -> None:
        self._routed = Counter(
            "plano_router_model_requests_total",
            "Questions to a router model by ending: answered, or why it gave no usable answer.",
            ("model", "ending"),
        )
        self._routed_seconds = Histogram(
            "plano_router_model_duration_seconds",
            "Seconds until the answer of a router model was read, or given up.",
            ("model",),
            bounds=_BOUNDS,
        )
        self._routed_tokens = Counter(
            "plano_router_model_tokens_total",
            "Tokens of questions to a router model, as its provider counted them: prompt, completion.",
            ("model", "kind"),
        )
        self._unasked = Counter(
            "plano_router_skips_total",
            "Decisions for which the router was not asked: not_user_turn (no user speaks, the last route goes on), "
            "session (it stays with its model), nothing_to_route (no routes, no words, or routing off).",
            ("reason",),
        )
        self._escalations = Counter(
            "plano_router_escalations_total",
            "Decisions of a cascade: not_needed, asked (the model), over_share and held_back (it would have been).",
            ("escalation",),
        )
        self._troubles = Counter(
            "plano_router_degraded_total", "Decisions whose router was in trouble, by its kind.", ("trouble",)
        )

    def _count_answers(self) -> None:
        self._attempt_seconds = Histogram(
            "plano_llm_upstream_duration_seconds",
            "Seconds until it was known how an attempt ended; of a stream, until its first content.",
            ("model",),
            bounds=_MODEL_BOUNDS,
        )
        self._first_tokens = Histogram(
            "plano_llm_time_to_first_token_seconds",
            "Seconds from the head of a request to the first content of its streamed answer.",
            ("model",),
            bounds=_MODEL_BOUNDS,
        )
        self._tokens = Counter(
            "plano_llm_tokens_total",
            "Tokens as providers counted them: prompt, completion, and of these cache_read, cache_write, reasoning.",
            ("model", "kind"),
        )
        self._uncounted = Counter(
            "plano_llm_tokens_usage_missing_total", "Answers whose provider did not say how many tokens.", ("model",)
        )
        self._usd = Counter(
            "plano_llm_cost_usd_total", "Cost of the answers whose tokens and prices are known, in USD.", ("model",)
        )


def _why_skipped(decision: Explained) -> str:
    session = decision.session
    if session is None or not session.is_pinned:
        return "nothing_to_route"
    return "not_user_turn" if session.is_replay else "session"
