"""The part of the schema that says how requests are routed, ranked and kept on one model."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from plano.config.kinds import Choice, Duration, Key, Number, Text, UrlText, Whole
from plano.config.section import FlagValue, HeaderName, Line, Seconds, Section
from plano.domain.intent import RouterDialect
from plano.domain.limits import MAX_DESCRIPTION_BYTES, MAX_MODELS_PER_ROUTE, MAX_NAME_BYTES
from plano.domain.route import PREFER_VALUES, Prefer

MAX_EXAMPLES = 64
MAX_PROMPT_BYTES = 16_384
ROUTER_DIALECTS: tuple[str, ...] = get_args(RouterDialect)
SESSION_STORE_SCHEMES = ("redis", "rediss", "valkey", "valkeys")
_MONTH_S = 2_678_400
_Weight = Annotated[float, Number(0, 1_000_000)]


class Weights(Section):
    """How much each side counts for `balanced`; only their ratio matters."""

    cost: _Weight = Field(default=0.5, description="Weight of the price.", examples=[0.7])
    latency: _Weight = Field(default=0.5, description="Weight of the time to the first token.", examples=[0.3])


class Policy(Section):
    """How the models of a route are ranked."""

    prefer: Annotated[Prefer, Choice(PREFER_VALUES, when_empty="none")] = Field(
        default="none", description="`none` keeps the order of `models`.", examples=["cheapest"]
    )
    weights: Weights = Field(default_factory=Weights, description="Used by `prefer: balanced`.")
    max_usd_per_mtok: Annotated[float, Number(0, 1_000_000, is_above=True)] | None = Field(
        default=None, description="Ceiling of input + output price, USD per million tokens.", examples=[20]
    )
    max_ttft_s: Annotated[float, Number(0, 3600, is_above=True)] | None = Field(
        default=None, description="Ceiling of the expected time to the first token, seconds.", examples=[1.5]
    )


class RoutingPreference(Section):
    """A route: what the caller may want, and who may serve it."""

    name: Annotated[str, Text(MAX_NAME_BYTES)] = Field(
        description=f"Name of the route, unique, at most {MAX_NAME_BYTES} bytes.", examples=["code generation"]
    )
    description: Annotated[str, Text(MAX_DESCRIPTION_BYTES)] = Field(
        description="What the caller wants when this route is right, in plain language; at most "
        f"{MAX_DESCRIPTION_BYTES} bytes. The built-in router knows routes for nothing in particular "
        "(`general questions`, `small talk`) and for what the others leave (`anything else`).",
        examples=["generating new code snippets or boilerplate"],
    )
    models: list[Line] = Field(
        min_length=1,
        max_length=MAX_MODELS_PER_ROUTE,
        description="Candidates in the author's order: declared names, aliases, unique bare ids, or models covered by "
        "a wildcard.",
        examples=[["openai/gpt-4o", "openai/gpt-4o-mini"]],
    )
    selection_policy: Policy = Field(default_factory=Policy, description="How the candidates are ranked.")
    examples: list[Annotated[str, Text(MAX_DESCRIPTION_BYTES)]] = Field(
        default_factory=list,
        max_length=MAX_EXAMPLES,
        description="Requests that belong to the route.",
        examples=[["write a sorting algorithm in Python"]],
    )
    buffer_streams: FlagValue | None = Field(
        default=None, description="As `failover.buffer_streams`, for this route.", examples=[True]
    )


class FirstToken(Section):
    """How long the first content of a stream may take before the next candidate is asked."""

    least: Seconds = Field(
        default=10.0, description="Every model is given that long, however fast it was so far.", examples=["5s"]
    )
    most: Seconds = Field(
        default=30.0,
        description="Longest wait. Below it the limit is three times what 99 of 100 streams of the model took.",
        examples=["10s"],
    )
    reasoning: Seconds = Field(
        default=120.0, description="Longest wait where the model thinks before it answers.", examples=["180s"]
    )


class Hedging(Section):
    """A second model is asked beside one that is late; the first content wins, the other is cancelled."""

    most_percent: Annotated[float, Number(0, 50)] = Field(
        default=5.0, description="Share of the requests that may be asked twice.", examples=[2]
    )
    max_usd: Annotated[float, Number(0, 1_000, is_above=True)] | None = Field(
        default=None,
        description="What the second attempt may be expected to cost; one of unknown cost is then not made.",
        examples=[0.01],
    )


class Failover(Section):
    """How a request goes on when a model fails or is slow; deadline and retries stand at the listener."""

    buffer_streams: FlagValue = Field(
        default=False,
        description="Hold streams back until they are whole, so that one that breaks off is answered by the next "
        "candidate? The caller sees nothing before.",
    )
    first_token: FirstToken = Field(
        default_factory=FirstToken,
        description="How long the first content of a stream may take while another candidate is left.",
    )
    hedging: Hedging | None = Field(default=None, description="Ask a second model beside a late one; off unless given.")


class RoutingTest(Section):
    """What has to hold before a configuration is taken: which way a prompt goes."""

    prompt: Annotated[str, Text(MAX_DESCRIPTION_BYTES)] = Field(
        description="What the user says.", examples=["write a sorting algorithm in Python"]
    )
    route: Line | None = Field(default=None, description="Name of the route that must match.", examples=["code"])
    no_route: FlagValue = Field(default=False, description="Must no route match?")
    first_model: Line | None = Field(
        default=None, description="Model that must be ranked first.", examples=["openai/gpt-4o"]
    )


class Router(Section):
    """Who says which route a conversation takes."""

    type: Annotated[Literal["embedded", "http", "cascade"], Choice(("embedded", "http", "cascade"))] | None = Field(
        default=None,
        description="`embedded` is the built-in router; `http` a model at a declared provider; `cascade` asks the "
        "model only where the built-in router is unsure. Unless given `http` where a model is named, else `embedded`.",
        examples=["cascade"],
    )
    model: Line | None = Field(
        default=None,
        description="Declared model that decides the route; `overrides.llm_routing_model` unless given.",
        examples=["plano/Arch-Router-1.5B"],
    )
    dialect: Annotated[RouterDialect, Choice(ROUTER_DIALECTS)] | None = Field(
        default=None,
        description="Form of its prompt and answer; unless given `arch-router` where the model's name holds that, else "
        "`plano-orchestrator`.",
        examples=["arch-router"],
    )
    prompt: Annotated[str, Text(MAX_PROMPT_BYTES)] | None = Field(
        default=None,
        description="Other words for its prompt, with the places `{routes}` and `{conversation}`; at most "
        f"{MAX_PROMPT_BYTES} bytes.",
    )
    deadline: Annotated[float, Duration(60.0)] = Field(
        default=0.3,
        description="Longest time for its answer, connecting included; then there is no route.",
        examples=["2s"],
    )
    threshold: Annotated[float, Number(0, 1)] | None = Field(
        default=None,
        description="Probability from which the built-in router takes a route; the one it ships with unless given. "
        "`plano eval` suggests one for your own prompts.",
        examples=[0.5],
    )
    unsure_from: Annotated[float, Number(0, 1)] = Field(
        default=0.2,
        description="Least probability of the best route at which a cascade asks the model.",
        examples=[0.2],
    )
    unsure_to: Annotated[float, Number(0, 1)] = Field(
        default=0.6, description="Probability from which a cascade takes the built-in router's word.", examples=[0.6]
    )
    max_escalation_percent: Annotated[float, Number(0, 100)] = Field(
        default=25.0,
        description="Share of the decisions that a cascade may ask the model, percent; 20 more may come at once.",
        examples=[25],
    )


class SessionCache(Section):
    """Where sessions are kept."""

    type: Annotated[Literal["memory", "redis"], Choice(("memory", "redis"))] = Field(
        default="memory", description="`memory` is this process; `redis` is shared.", examples=["redis"]
    )
    url: Annotated[str, UrlText(SESSION_STORE_SCHEMES, allow_userinfo=True)] | None = Field(
        default=None,
        description="Address of the shared store, needed with `redis`.",
        examples=["redis://127.0.0.1:6379"],
    )
    secret: Annotated[str, Key(16)] | None = Field(
        default=None,
        description="What keys and records in the shared store are protected with, at least 16 characters; the same in "
        "every gateway that shares it. Derived from `url` unless given.",
        examples=["$PLANO_SESSION_SECRET"],
    )
    tenant_header: HeaderName | None = Field(
        default=None,
        description="Header whose value labels sessions inside the caller's own tenant.",
        examples=["x-tenant"],
    )


class RoutingBudget(Section):
    """What switching models within a session may cost."""

    max_switch_spend_pct: Annotated[float, Number(0, 100)] = Field(
        description="Ceiling of the spend on switches, percent of what the session would have cost without.",
        examples=[25],
    )
    replenish_on_rebind: FlagValue = Field(
        default=True, description="Does a session that went cold start with a new budget?"
    )
    cache_read_discount: Annotated[float, Number(0, 1)] = Field(
        default=0.1,
        description="Price of a cached token relative to an input token, where the price list does not say.",
    )
    record_counterfactual: FlagValue = Field(
        default=False, description="Record on the span which model would have been taken without the budget."
    )


class Routing(Section):
    """The router, sessions and switching."""

    router: Router = Field(default_factory=Router, description="Who says which route a conversation takes.")
    session_ttl_seconds: Annotated[int, Whole(1, _MONTH_S)] = Field(
        default=600, description="Seconds after its last request that a session stays on its model.", examples=[600]
    )
    session_max_entries: Annotated[int, Whole(1, 10_000)] = Field(
        default=10_000, description="Sessions kept in memory; the least recently used one leaves.", examples=[10_000]
    )
    session_cache: SessionCache = Field(default_factory=SessionCache, description="Where sessions are kept.")
    routing_budget: RoutingBudget | None = Field(
        default=None, description="Allows switches within a session, as far as the budget pays for them."
    )
    exploration_percent: Annotated[float, Number(0, 20)] = Field(
        default=2.0,
        description="Share of the requests of a route that go first to a model whose latency is not fresh, where "
        "`prefer` is `fastest` or `balanced`.",
        examples=[1],
    )
    route_on_user_only: FlagValue = Field(
        default=False, description="Route only requests that open a user turn; others replay the session's decision."
    )
    llm_provider: Line | None = Field(default=None, description="Without effect.")
    model: Line | None = Field(default=None, description="Without effect.")


class PromptCaching(Section):
    """Markers for the prompt caches of providers."""

    enabled: FlagValue = Field(
        default=False, description="Are sessions and markers made for prompt caching?", examples=[True]
    )
    session_affinity: FlagValue = Field(
        default=True, description="Do conversations without a session id get an implicit one?"
    )
    inject_cache_control: FlagValue = Field(default=True, description="Are markers added where the caller set none?")
    min_prefix_tokens: Annotated[int, Whole(0, 10_000_000)] = Field(
        default=1024, description="Tokens that the prefix needs before a marker is added; below 1024 it counts as 1024."
    )
    session_ttl_seconds: Annotated[int, Whole(1, _MONTH_S)] | None = Field(
        default=None, description="Life of implicit sessions in seconds; `routing.session_ttl_seconds` unless given."
    )


class Callers(Section):
    """Who may use the gateway."""

    keys: dict[Line, Annotated[str, Key(16)]] = Field(
        min_length=1,
        max_length=10_000,
        description="Name of the caller → key, at least 16 characters, sent as `Authorization: Bearer …` or "
        "`x-api-key`. Each key is a tenant of its own.",
        examples=[{"team-search": "$PLANO_KEY_SEARCH"}],
    )
