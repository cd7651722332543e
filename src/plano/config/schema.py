"""Everything a configuration may hold, as pydantic models: the one place that knows keys, defaults and limits.

Values arrive as text (see ``kinds``). What hangs together across keys is checked in ``checks``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from plano.config.kinds import HOST_AND_PORT, Address, Choice, Key, Number, Text, UrlText, Whole
from plano.config.provider_schema import ModelAlias, ModelProvider
from plano.config.routing_schema import (
    Callers,
    Failover,
    PromptCaching,
    Routing,
    RoutingPreference,
    RoutingTest,
)
from plano.config.section import FlagValue, HeaderName, KeyText, Line, Seconds, Section
from plano.config.sources_schema import CostSource, LatencySource, ModelPricing
from plano.domain.limits import MAX_ROUTES

_Port = Annotated[int, Whole(0, 65_535)]
_Count = Annotated[int, Whole(1, 1_000_000)]
_OTHER_LISTENERS = tuple(
    (kind, f"listeners of type '{kind}' are not supported: Plano serves models") for kind in ("agent", "prompt")
)
_POSTGRES = "the store 'postgres' is not supported yet; use memory or sqlite"


class Listener(Section):
    """An address at which models are served."""

    type: Annotated[Literal["model"], Choice(("model",), refused=_OTHER_LISTENERS)] = Field(
        default="model", description="Only model listeners are served."
    )
    name: Line | None = Field(
        default=None, description="Name in logs; `listener-1` and so on unless given.", examples=["public"]
    )
    address: Annotated[str, Address()] = Field(
        default="127.0.0.1",
        description="IP address to listen at, or `localhost`. Beyond loopback it needs `callers` or `open: true`.",
        examples=["::1"],
    )
    port: _Port = Field(default=12_000, description="Port to listen at; 0 takes a free one.", examples=[12_000])
    timeout: Seconds = Field(
        default=300.0, description="Deadline of a request with all its attempts.", examples=["300s"]
    )
    max_retries: Annotated[int, Whole(0, 10)] = Field(
        default=0, description="Retries on the same model before the next one is tried.", examples=[1]
    )
    open: FlagValue = Field(
        default=False,
        description="May anyone who reaches the address use it? Only behind something else that protects it.",
    )
    tls_certificate: Line | None = Field(
        default=None,
        description="File with the certificate chain (PEM): the listener then speaks TLS.",
        examples=["/etc/plano/tls.crt"],
    )
    tls_key: Line | None = Field(
        default=None,
        description="File with the private key (PEM) of `tls_certificate`.",
        examples=["/etc/plano/tls.key"],
    )


class LegacyListener(Section):
    """One half of the old form of `listeners`."""

    address: Annotated[str, Address()] = Field(default="127.0.0.1", description="IP address to listen at.")
    port: _Port = Field(default=12_000, description="Port to listen at.")
    message_format: Annotated[Literal["openai"], Choice(("openai",))] = Field(
        default="openai", description="Without effect."
    )
    timeout: Seconds = Field(
        default=300.0, description="Deadline of a request with all its attempts.", examples=["30s"]
    )


class LegacyListeners(Section):
    """The old form of `listeners`: a mapping of two."""

    egress_traffic: LegacyListener | None = Field(default=None, description="Becomes a model listener.")
    ingress_traffic: LegacyListener | None = Field(
        default=None, description="Without effect: there is nothing but models to serve."
    )


def _form(value: object) -> str:
    return "mapping" if isinstance(value, (dict, LegacyListeners)) else "list"


Listeners = Annotated[
    Annotated[list[Listener], Tag("list")] | Annotated[LegacyListeners, Tag("mapping")], Discriminator(_form)
]
MetricsSource = Annotated[CostSource | LatencySource, Field(discriminator="type")]


class Admin(Section):
    """The listener of the metrics and the admin interface."""

    enabled: FlagValue = Field(default=True, description="Is it opened?")
    address: Annotated[str, Address()] = Field(
        default="127.0.0.1", description="Address; beyond loopback it needs `token`."
    )
    port: _Port = Field(
        default=12_001,
        description="Port to listen at; 0 takes a free one. A port that is given and taken stops the start.",
        examples=[12_001],
    )
    token: Annotated[str, Key(16)] | None = Field(
        default=None, description="Token that opens it, at least 16 characters.", examples=["$PLANO_ADMIN_TOKEN"]
    )


class Overrides(Section):
    """Settings of the router and of connections."""

    llm_routing_model: Line | None = Field(
        default=None,
        description="Declared model that decides the route; `routing.router` says when it is asked.",
        examples=["plano/Plano-Orchestrator"],
    )
    agent_orchestration_model: Line | None = Field(
        default=None, description="Used where `llm_routing_model` is absent."
    )
    orchestrator_model_context_length: Annotated[int, Whole(1, 10_000_000)] = Field(
        default=8192, description="Tokens of conversation that such a model is shown, 211 for the words around it."
    )
    upstream_connect_timeout: Seconds = Field(
        default=5.0, description="Longest time for name, TCP and TLS of an upstream connection.", examples=["5s"]
    )
    upstream_tls_ca_path: Annotated[str, Text(is_one_line=True)] | None = Field(
        default=None, description="File of certificate authorities for upstreams; the system's unless given."
    )
    upstream_proxy_from_environment: FlagValue = Field(
        default=False,
        description="Reach upstreams through the proxies of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`.",
    )
    state_dir: Annotated[str, Text(is_one_line=True)] | None = Field(
        default=None,
        description="Folder for what should outlive a restart, such as the last good prices; unless given "
        "`$PLANO_STATE_DIR`, `$XDG_STATE_HOME/plano` or `~/.local/state/plano`.",
        examples=["/var/lib/plano"],
    )
    disable_signals: FlagValue = Field(
        default=False, description="Without effect: no signals about conversations are derived from answers."
    )


class Limits(Section):
    """How much each worker takes on at once; callers beyond it are refused at once."""

    connections: _Count = Field(
        default=10_000,
        description="Connections of callers, over all listeners. Never more than half of the files that the system "
        "lets a process open, as each request may need a second one.",
        examples=[20_000],
    )
    connections_per_address: _Count = Field(
        default=1_000, description="Those of one address, loopback excepted.", examples=[10_000]
    )
    requests: _Count = Field(
        default=2_000, description="Requests in progress; a stream is one until it ends.", examples=[20_000]
    )
    waiting_requests: Annotated[int, Whole(0, 1_000_000)] = Field(
        default=200, description="Requests that wait for one of these places, at most 1 s."
    )
    upstream_connections: _Count = Field(
        default=1_024,
        description="Connections to one upstream: to one scheme, host and port, whatever the models. 200 more requests "
        "wait for one, at most 1 s.",
        examples=[20_000],
    )


class Selector(Section):
    """Whose requests a limit counts."""

    key: HeaderName = Field(
        description="Request header that is looked at, where the request names it in `x-arch-ratelimit-selector`.",
        examples=["x-user"],
    )
    value: Annotated[str, Text(is_one_line=True)] = Field(description="Value that it must have.", examples=["alice"])


class TokenLimit(Section):
    """How much is allowed."""

    tokens: Annotated[int, Whole(1, 1_000_000_000_000)] = Field(
        description="Tokens of prompts and answers.", examples=[100_000]
    )
    unit: Annotated[Literal["second", "minute", "hour", "day"], Choice(("second", "minute", "hour", "day"))] = Field(
        description="In any span of that length.", examples=["minute"]
    )


class RateLimit(Section):
    """A limit on the tokens sent to a model."""

    model: Line = Field(
        description="Declared model, by name, alias, or bare id; a bare id means that model at every provider.",
        examples=["gpt-4o"],
    )
    selector: Selector = Field(description="Whose requests count.")
    limit: TokenLimit = Field(description="How much is allowed.")


class SpanAttributes(Section):
    """What is added to every span."""

    header_prefixes: list[HeaderName] = Field(
        default_factory=list,
        description="Request headers with these prefixes become attributes.",
        examples=[["x-acme-"]],
    )
    static: dict[Line, Line] = Field(default_factory=dict, description="Fixed attributes.", examples=[{"env": "prod"}])


class Exporter(Section):
    """Another place that spans are sent to."""

    type: Annotated[Literal["posthog"], Choice(("posthog",))] = Field(description="Kind of the receiver.")
    url: Annotated[str, UrlText()] = Field(
        description="Address of the receiver.", examples=["https://eu.i.posthog.com"]
    )
    api_key: KeyText = Field(description="Key of the receiver.", examples=["$POSTHOG_KEY"])
    distinct_id_header: HeaderName | None = Field(default=None, description="Request header that identifies the user.")
    enabled: FlagValue = Field(default=True, description="Is it used?")
    capture_messages: FlagValue = Field(default=False, description="Is the text of messages sent as well?")


class Tracing(Section):
    """Spans and where they go."""

    random_sampling: Annotated[float, Number(0, 100)] = Field(
        default=100.0, description="Share of requests traced, percent."
    )
    trace_arch_internal: FlagValue = Field(
        default=False, description="Without effect: each request's steps always are in its trace."
    )
    opentracing_grpc_endpoint: Annotated[str, UrlText()] | None = Field(
        default=None,
        description="OTLP receiver. Spans go there over HTTP, to `/v1/traces` below it: where the port of gRPC, 4317, "
        "is named, to port 4318.",
        examples=["http://127.0.0.1:4317"],
    )
    exporter: Annotated[Literal["otlp", "sdk"], Choice(("otlp", "sdk"))] = Field(
        default="otlp",
        description="Who sends the spans: `otlp`, Plano itself, to `opentracing_grpc_endpoint`; `sdk`, the exporters "
        "of OpenTelemetry's SDK that OTEL_TRACES_EXPORTER names, which needs the extra `plano-gateway[otel]`.",
    )
    span_attributes: SpanAttributes = Field(default_factory=SpanAttributes, description="Added to every span.")
    exporters: list[Exporter] = Field(
        default_factory=list,
        description="Further receivers. Accepted for existing files, nothing is sent there yet: PostHog takes events "
        "of a form of its own, which would carry text of prompts or nothing of use. Spans go to "
        "`opentracing_grpc_endpoint`, and a collector there can pass them on.",
    )


class Observability(Section):
    """What is remembered of requests."""

    record_content: FlagValue = Field(
        default=False, description="Is the text that the router was shown kept in records and spans?"
    )
    records_file: Annotated[str, Text(is_one_line=True)] | None = Field(
        default=None,
        description="File that records are appended to, a JSON object a line; at most 16 MiB and three older ones.",
        examples=["records.jsonl"],
    )


class NamedEndpoint(Section):
    """A named server. Accepted for existing files; model traffic does not use it."""

    endpoint: Annotated[str, Text(is_one_line=True)] = Field(
        description="Host, with or without a port.", examples=["127.0.0.1:8000"]
    )
    connect_timeout: Seconds = Field(default=5.0, description="Longest time to connect.")
    protocol: Annotated[Literal["http", "https"], Choice(("http", "https"))] = Field(
        default="http", description="Scheme."
    )
    http_host: Annotated[str, HOST_AND_PORT] | None = Field(default=None, description="Value of the Host header.")
    prefix_affinity: FlagValue = Field(default=False, description="Without effect.")


class StateStorage(Section):
    """Where stored responses are kept."""

    type: Annotated[Literal["memory", "sqlite"], Choice(("memory", "sqlite"), refused=(("postgres", _POSTGRES),))] = (
        Field(description="Kind of the store.", examples=["sqlite"])
    )
    connection_string: Annotated[str, Text(is_one_line=True)] | None = Field(
        default=None, description="File of the store, needed with `sqlite`.", examples=["plano.sqlite"]
    )


class File(Section):
    """A Plano configuration."""

    version: Annotated[str, Text(64, is_number_too=True)] = Field(
        description="Version of the form of this file. Top-level `routing_preferences` need v0.4.0 or above.",
        examples=["v0.4.0"],
    )
    listeners: Listeners | None = Field(
        default=None, description="Where models are served; `127.0.0.1:12000` unless given."
    )
    model_providers: list[ModelProvider] | None = Field(
        default=None, min_length=1, max_length=2000, description="The models, each with its provider."
    )
    llm_providers: list[ModelProvider] | None = Field(
        default=None, min_length=1, description="Old name of `model_providers`."
    )
    model_aliases: dict[Line, ModelAlias] = Field(
        default_factory=dict,
        description="Other names for models.",
        examples=[{"fast": {"target": "openai/gpt-4o-mini"}}],
    )
    routing_preferences: list[RoutingPreference] = Field(
        default_factory=list, max_length=MAX_ROUTES, description=f"The routes, at most {MAX_ROUTES}."
    )
    tests: list[RoutingTest] = Field(
        default_factory=list,
        max_length=1000,
        description="Prompts and where they must go: `plano validate` and every reload try them first.",
    )
    model_metrics_sources: list[MetricsSource] = Field(
        default_factory=list,
        max_length=16,
        description="Where prices and latencies come from. Of several sources of prices the first that knows a model "
        "counts; there is at most one source of latencies.",
    )
    pricing: dict[Line, ModelPricing] = Field(
        default_factory=dict,
        description="What models cost, in USD per million tokens; counts before any source.",
        examples=[{"openai/gpt-4o": {"input": 2.5, "output": 10}}],
    )
    callers: Callers | None = Field(
        default=None, description="Who may use the gateway; anyone who reaches it unless given."
    )
    admin: Admin = Field(default_factory=Admin, description="The admin listener.")
    routing: Routing = Field(default_factory=Routing, description="Sessions and switching.")
    failover: Failover = Field(
        default_factory=Failover, description="How a request goes on when a model fails or is slow."
    )
    prompt_caching: PromptCaching = Field(default_factory=PromptCaching, description="Prompt caches of providers.")
    overrides: Overrides = Field(default_factory=Overrides, description="The router and connections.")
    limits: Limits = Field(default_factory=Limits, description="How much is taken on at once.")
    ratelimits: list[RateLimit] = Field(default_factory=list, description="Limits on tokens.")
    tracing: Tracing = Field(default_factory=Tracing, description="Spans and where they go.")
    observability: Observability = Field(default_factory=Observability, description="What is remembered of requests.")
    endpoints: dict[Line, NamedEndpoint] = Field(default_factory=dict, description="Without effect on model traffic.")
    state_storage: StateStorage | None = Field(
        default=None,
        description="Where stored responses are kept. Accepted for existing files, not used yet: a response stays with "
        "the provider that made it, and `previous_response_id` leads back there.",
    )
