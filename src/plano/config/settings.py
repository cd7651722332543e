"""The configuration as settled: what it means, frozen. How it is written and what is wrong with it lives elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plano.config.findings import Finding
from plano.config.proxies import Proxies
from plano.config.urls import is_loopback
from plano.domain.catalog import Price
from plano.domain.failover import Failover
from plano.domain.intent import RouterDialect
from plano.domain.model import ModelTable
from plano.domain.route import RouteTable
from plano.domain.secret import Secret

PRICE_TTL_S = 7 * 86_400.0
LATENCY_TTL_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Listener:
    """An address at which models are served.

    ``port``: 0 takes a free one. ``timeout_s``: deadline of a request with all its attempts. ``max_retries``: on the
    same model, before the next one. ``open``: anyone who reaches it may use it. ``tls_certificate``, ``tls_key``: PEM
    files, None for plain HTTP.
    """

    name: str
    address: str = "127.0.0.1"
    port: int = 12_000
    timeout_s: float = 300.0
    max_retries: int = 0
    open: bool = False
    tls_certificate: str | None = None
    tls_key: str | None = None


@dataclass(frozen=True, slots=True)
class Admin:
    """The admin listener.

    ``token``: None when loopback alone protects it. ``is_address_given``: address or port stand in the file, so that a
    gateway which cannot listen there must not start.
    """

    address: str = "127.0.0.1"
    port: int = 12_001
    token: Secret | None = None
    enabled: bool = True
    is_address_given: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who may use the gateway: a tenant."""

    name: str
    key: Secret


@dataclass(frozen=True, slots=True)
class Overrides:
    """Connections, and what is kept.

    ``connect_timeout_s``: name, TCP and TLS together. ``ca_path``: file of certificate authorities, None for the
    system's. ``uses_proxies``: those that the environment names,
    which are ``proxies``. ``state_dir``: folder for what outlives a restart,
    None keeps nothing.
    """

    connect_timeout_s: float = 5.0
    ca_path: str | None = None
    uses_proxies: bool = False
    proxies: Proxies | None = None
    state_dir: str | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one process takes on at once.

    ``connections``: of callers; ``per_address``: of one of their addresses. ``requests``: in progress; ``waiting``:
    further ones that wait for a place. ``to_one_upstream``: connections to one origin.
    """

    connections: int = 10_000
    per_address: int = 1_000
    requests: int = 2_000
    waiting: int = 200
    to_one_upstream: int = 1_024


@dataclass(frozen=True, slots=True)
class Router:
    """Who says which route a conversation takes.

    ``kind``: the embedded router, a model over HTTP, or the embedded one first and the model where that is unsure.
    ``model``: name of the declared model, None for ``embedded``. ``dialect``: of its prompt, None for the one that its
    name tells. ``prompt``: other words than those of the dialect. ``deadline_s``: of one call. ``context_tokens``: of
    the conversation that the model is shown. ``unsure``: least and first greater probability at which a cascade asks
    it. ``max_share``: of all decisions (0..1) that may be asked it. ``threshold``: of the embedded router, None for the
    one that it ships with.
    """

    kind: Literal["embedded", "http", "cascade"] = "embedded"
    model: str | None = None
    dialect: RouterDialect | None = None
    prompt: str | None = None
    deadline_s: float = 0.3
    context_tokens: int = 8192
    unsure: tuple[float, float] = (0.2, 0.6)
    max_share: float = 0.25
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What switching models within a session may cost. ``max_switch_spend_pct``: 0..100."""

    max_switch_spend_pct: float
    replenish_on_rebind: bool = True
    cache_read_discount: float = 0.1
    record_counterfactual: bool = False


@dataclass(frozen=True, slots=True)
class Routing:
    """The router, sessions and exploration.

    ``session_ttl_s``: seconds since the last request. ``store_url``: None keeps sessions in memory. ``store_secret``:
    what a shared store is made unreadable with, None derives it from the address. ``exploration``: share of requests
    (0..1) that measure a model whose latency is not fresh.
    """

    session_ttl_s: int = 600
    session_max_entries: int = 10_000
    store_url: Secret | None = None
    store_secret: Secret | None = None
    tenant_header: str | None = None
    budget: Budget | None = None
    route_on_user_only: bool = False
    exploration: float = 0.02
    router: Router = Router()


@dataclass(frozen=True, slots=True)
class PromptCaching:
    """Sessions that keep prompt caches warm. ``session_ttl_s``: life of implicit ones.

    Markers are a matter of the models, see ``Model.cache_from_tokens``.
    """

    enabled: bool = False
    session_affinity: bool = True
    session_ttl_s: int = 600


@dataclass(frozen=True, slots=True)
class CostSource:
    """Where prices come from.

    ``name``: how readings call it. ``format``: whose the document is. ``refresh_s``: None fetches once. ``ttl_s``: age
    from which a price is unknown.
    ``aliases``: (name in the document, model name).
    """

    name: str
    format: str
    url: str
    refresh_s: int | None = None
    ttl_s: float = PRICE_TTL_S
    aliases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LatencySource:
    """Where latencies come from: a Prometheus server at ``url``. ``refresh_s`` and ``ttl_s`` as those of prices."""

    url: str
    query: str
    refresh_s: int | None = None
    ttl_s: float = LATENCY_TTL_S


@dataclass(frozen=True, slots=True)
class Numbers:
    """What models cost and how fast they are, and who says so.

    ``prices``: those of the file, by model name. ``uses_catalog``: is the shipped price list asked last?
    """

    prices: Mapping[str, Price] = field(default_factory=dict)
    cost_sources: tuple[CostSource, ...] = ()
    latency_source: LatencySource | None = None
    uses_catalog: bool = True


@dataclass(frozen=True, slots=True)
class RoutingTest:
    """A prompt and where it must go.

    ``route``: None where any may match, or, with ``no_route``, none. ``first_model``: None where any may be first.
    """

    prompt: str
    route: str | None = None
    no_route: bool = False
    first_model: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit on tokens of request text to ``model`` (as written) when request header ``header`` is ``value``."""

    model: str
    header: str
    value: str
    tokens: int
    unit: Literal["second", "minute", "hour", "day"]


@dataclass(frozen=True, slots=True)
class Exporter:
    """Another receiver of spans."""

    type: Literal["posthog"]
    url: str
    api_key: Secret
    distinct_id_header: str | None = None
    capture_messages: bool = False


@dataclass(frozen=True, slots=True)
class Tracing:
    """Spans. ``sampling_pct``: 0..100. ``receiver``: OTLP address, None sends nothing. ``exporters``: enabled ones.

    ``exporter``: who sends, Plano itself to ``receiver`` or OpenTelemetry's SDK; ``span_exporters``: the SDK's, by the
    names of their entry points.
    """

    sampling_pct: float = 100.0
    receiver: str | None = None
    header_prefixes: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    exporters: tuple[Exporter, ...] = ()
    exporter: Literal["otlp", "sdk"] = "otlp"
    span_exporters: tuple[str, ...] = ()

    @property
    def sampled_share(self) -> float:
        """Of the traces that begin here, how many (0..1) are recorded."""
        return self.sampling_pct / 100


@dataclass(frozen=True, slots=True)
class Observability:
    """``record_content``: the router's text is kept. ``records_file``: where records are appended, None for nowhere."""

    record_content: bool = False
    records_file: str | None = None


@dataclass(frozen=True, slots=True)
class StateStorage:
    """Where stored responses are kept. ``path``: file of the sqlite store."""

    type: Literal["memory", "sqlite"]
    path: str | None = None


@dataclass(frozen=True, slots=True)
class EffectiveValue:
    """One value as ``plano config show`` prints it. ``origin``: ``file:line``, with ``env NAME``, or ``default``."""

    path: tuple[str | int, ...]
    shown: str | int | float | bool | None
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration.

    ``failover``: deadline and retries are those of the listener. ``warnings``: what to say at start. ``values``: every
    value and where it comes from, without secrets.
    """

    version: str
    listeners: tuple[Listener, ...]
    models: ModelTable
    routes: RouteTable
    callers: tuple[Caller, ...] = ()
    admin: Admin = Admin()
    overrides: Overrides = Overrides()
    bounds: Bounds = Bounds()
    routing: Routing = Routing()
    prompt_caching: PromptCaching = PromptCaching()
    tests: tuple[RoutingTest, ...] = ()
    numbers: Numbers = Numbers()
    failover: Failover = field(default_factory=Failover)
    rate_limits: tuple[RateLimit, ...] = ()
    tracing: Tracing = Tracing()
    observability: Observability = Observability()
    state_storage: StateStorage | None = None
    warnings: tuple[Finding, ...] = ()
    values: tuple[EffectiveValue, ...] = field(default=(), repr=False)

    @property
    def open_listeners(self) -> tuple[Listener, ...]:
        """Those that anyone who reaches them may use, beyond this machine."""
        return tuple(
            each for each in self.listeners if each.open and not self.callers and not is_loopback(each.address)
        )
