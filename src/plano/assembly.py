"""From settings to a gateway that decides: the parts that the server, the client and the command line share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from plano import clock as system
from plano.catalog import shipped
from plano.catalog.kept import KeptPrices
from plano.catalog.shipped import Catalog
from plano.config.settings import Numbers, Settings
from plano.domain.conversation import Conversation, Turn
from plano.domain.decision import Decision
from plano.domain.intent import Question
from plano.domain.model import Dialect, Model, ModelTable
from plano.domain.request import ChatRequest, Wishes
from plano.domain.route import RouteTable
from plano.domain.session import Session
from plano.gateway import Gateway
from plano.observe.traces.sampling import is_sampled
from plano.policy import Policy
from plano.ports import Classifier, Clock
from plano.ranking.switching import Terms
from plano.routing.routers import Routers
from plano.signals.board import Board
from plano.signals.facts import CatalogFacts
from plano.signals.latencies import ReportedLatencies
from plano.signals.prices import PriceList, PriceSource
from plano.signals.token_limits import TokenLimit, TokenLimits
from plano.wire import decision as decision_wire
from plano.wire import preferences, traceparent
from plano.wire.dialects.toolbox import KnownTools
from plano.wire.dialects.translate import check_count, check_request
from plano.wire.frames import PlainReader
from plano.wire.requests import parse_request

REMEMBERED_LISTS = 256

SPANS_S = {"second": 1.0, "minute": 60.0, "hour": 3_600.0, "day": 86_400.0}


class PreferenceReader:
    """Reads inline lists; one that was seen before costs a look-up. Bounded in number, and each by the size limit.

    Safe in any thread: large bodies are read in one of their own. ``known``: the routes of an inline list that was read
    before, by its bytes; None for any other.
    """

    def __init__(self, models: ModelTable) -> None:
        self._models = models
        self._seen: dict[bytes, RouteTable] = {}
        self.known = self._seen.get

    def __call__(self, value: Any, raw: bytes) -> RouteTable:
        """The routes of an inline list. Raises InvalidPreferences."""
        known = self._seen.get(raw)
        if known is None:
            known = preferences.parse_preferences(value, raw, self._models)
            if len(self._seen) >= REMEMBERED_LISTS:
                # Which one was used last is not kept: that would cost every request more than this.
                self._seen.clear()
            self._seen[raw] = known
        return known


@dataclass(frozen=True, slots=True)
class Decider:
    """A gateway with what it needs to decide: routers, a reader of inline preferences, a board of live numbers.

    ``classifier``: the routers for a thread without an event loop. ``known_tools``: lists of tools that were checked.
    ``plain``: reads the bodies that most requests have.
    """

    gateway: Gateway
    classifier: Classifier
    routers: Routers
    read_preferences: PreferenceReader
    clock: Clock
    board: Board
    known_tools: KnownTools = field(default_factory=KnownTools)
    plain: PlainReader = field(default_factory=PlainReader)

    @classmethod
    def build(cls, settings: Settings, *, classifier: Classifier | None = None, clock: Clock | None = None) -> Self:
        """The decider of ``settings``; ``classifier`` takes the place of the embedded router, which is loaded else.

        Sources of prices are not asked, but what an earlier run kept of them counts.
        """
        used = clock or system.SystemClock()
        catalog = shipped.load()
        models = settings.models.changed(lambda model: _with_limits(model, catalog))
        listener = settings.listeners[0]
        failover = replace(settings.failover, deadline_s=listener.timeout_s, max_retries=listener.max_retries)
        policy = Policy(
            models,
            settings.routes,
            failover,
            exploration=settings.routing.exploration,
            switching=switching_of(settings),
        )
        routers = Routers.build(settings, used, embedded=classifier)
        board = board_of(settings, catalog, wall=used.wall())
        if settings.numbers.cost_sources:
            kept = KeptPrices(settings.overrides.state_dir, used.wall)
            take_up_kept(settings.numbers, kept, board, used.monotonic())
        return cls(
            gateway=Gateway(policy, board=board, clock=used, jitter=system.jitter),
            classifier=routers.blocking(ca_file=settings.overrides.ca_path),
            routers=routers,
            read_preferences=PreferenceReader(settings.models),
            clock=used,
            board=board,
        )

    def warm(self) -> None:
        """Encodes the configured routes, so that the first request does not wait for them."""
        embedded, routes = self.routers.embedded, self.gateway.policy.routes.routes
        if embedded is not None and routes:
            embedded.classify(Question(Conversation((Turn("user", "hello"),)), routes))

    def parse(self, body: bytes, dialect: Dialect = Dialect.OPENAI_CHAT) -> ChatRequest:
        """The request of a body. Raises CallerError."""
        plain = self.plain.read(body, dialect, self.read_preferences.known)
        return parse_request(body, dialect, self.read_preferences) if plain is None else plain

    def parse_whole(self, body: bytes, dialect: Dialect) -> ChatRequest:
        """As ``parse``, of a body that will be sent to a model: wrong parts that deciding never looks at are found.

        The same mistakes have the same answer whichever dialect that model speaks. Raises CallerError.
        """
        plain = self.plain.read(body, dialect, self.read_preferences.known)
        if plain is not None:
            return plain
        request = parse_request(body, dialect, self.read_preferences)
        check_request(body, dialect, known=self.known_tools)
        return request

    def parse_count(self, body: bytes, dialect: Dialect) -> ChatRequest:
        """As ``parse_whole``, of a body whose tokens shall be counted. Raises CallerError."""
        request = self.parse(body, dialect)
        check_count(body, known=self.known_tools)
        return request

    def decide(self, request: ChatRequest, wishes: Wishes) -> Decision:
        """The decision, with the classifier asked in this thread. Raises ModelNotFound."""
        steps = self.gateway.decide(request, wishes)
        try:
            question = next(steps)
            steps.send(self.classifier.recall(question) or self.classifier.classify(question))
        except StopIteration as end:
            decision: Decision = end.value
            return decision
        raise AssertionError("a decision asks one question")

    def decide_body(
        self, body: bytes, trace_id: str, headers: Mapping[str, str], *, explain: bool = False
    ) -> dict[str, Any]:
        """The members of the decision for a request body; ``headers`` have lower-case names. Raises CallerError."""
        decision = self.decide(self.parse(body), wishes(trace_id, headers))
        return decision_wire.as_members(decision, explain=explain)


def _with_limits(model: Model, catalog: Catalog) -> Model:
    """The model with the limits that the catalog knows, where nothing else said them."""
    found = catalog.find(f"{model.provider}/{model.upstream_id}")
    if found is None:
        return model
    known = found.entry.capabilities
    return replace(
        model,
        prompt_limit=model.prompt_limit or known.prompt_limit,
        max_output_tokens=model.max_output_tokens or known.max_output_tokens,
        thinks=known.reasoning if model.thinks is None else model.thinks,
    )


def board_of(settings: Settings, catalog: Catalog, *, wall: float) -> Board:
    """The board of a configuration. ``wall``: seconds since the epoch."""
    source = settings.numbers.latency_source
    reported = None if source is None else ReportedLatencies("prometheus", source.ttl_s, f"{source.url} {source.query}")
    facts = CatalogFacts(catalog, catalog_ids(settings.models))
    return Board(price_list(settings, catalog, wall=wall), reported, facts, limits_of(settings))


def limits_of(settings: Settings) -> TokenLimits:
    """The limits on tokens of a configuration. An alias counts as the model it stands for."""
    aliases = settings.models.aliases
    return TokenLimits(
        TokenLimit(
            models=frozenset({aliases.get(each.model, each.model)}),
            header=each.header,
            value=each.value,
            tokens=each.tokens,
            span_s=SPANS_S[each.unit],
        )
        for each in settings.rate_limits
    )


def take_up_kept(numbers: Numbers, kept: KeptPrices, board: Board, now: float) -> int:
    """For how many sources of prices something was kept by an earlier run; ``board`` shows it from now on.

    ``now``: monotonic seconds.
    """
    taken = 0
    for place, source in enumerate(numbers.cost_sources):
        found = kept.read(source.url)
        if found is not None:
            prices, age_s = found
            board.prices.hear(place, prices, at=now - age_s)
            taken += 1
    board.photograph(now)
    return taken


def price_list(settings: Settings, catalog: Catalog, *, wall: float) -> PriceList:
    """The prices of a configuration before any of its sources has spoken. ``wall``: seconds since the epoch."""
    numbers = settings.numbers
    return PriceList(
        catalog=catalog,
        fills_gaps=numbers.uses_catalog,
        configured=numbers.prices,
        sources=[PriceSource(one.name, one.ttl_s, dict(one.aliases), one.url) for one in numbers.cost_sources],
        ids=catalog_ids(settings.models),
        wall=wall,
    )


def catalog_ids(models: ModelTable) -> dict[str, str]:
    """What each declared model is called in catalogs and price lists: ``provider/model``."""
    return {name: f"{one.provider}/{one.upstream_id}" for name, one in models.models.items()}


def switching_of(settings: Settings) -> Terms | None:
    """What switching within a session may cost, None where nothing limits it: then a session stays with its model."""
    budget = settings.routing.budget
    if budget is None:
        return None
    return Terms(budget.max_switch_spend_pct, budget.cache_read_discount, budget.replenish_on_rebind)


def wishes(trace_id: str, headers: Mapping[str, str], session: Session | None = None) -> Wishes:
    """What the header fields ask for; names are lower-case. ``session``: the one they name, looked up."""
    routing = headers.get("x-plano-routing")
    share = headers.get("x-plano-max-switch-spend-pct") if session is not None else None
    return Wishes(trace_id, routing is not None and is_off(routing), session, share)


def is_off(value: str) -> bool:
    """Does the value of a header field switch something off?"""
    return value.strip().lower() == "off"


def trace_of(header: str | None, sampled_share: float = 1.0) -> traceparent.TraceContext:
    """The caller's trace, or a new one; with a new span of ours.

    ``sampled_share``: of the new ones, how many (0..1) say that they are recorded; the caller's says so itself.
    """
    trace_id, span_id = system.new_ids()
    given = None if header is None else traceparent.parse(header, span_id)
    if given is not None:
        return given
    return traceparent.TraceContext(
        trace_id, span_id, is_sampled=sampled_share >= 1.0 or is_sampled(trace_id, sampled_share)
    )
