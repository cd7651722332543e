"""From a file that fits the schema to settings: names are resolved, endpoints filled in, old forms lifted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType

from plano.config import routing_schema, schema, settings
from plano.config.endpoints import model_of
from plano.config.numbers import numbers_of
from plano.config.provider_schema import ModelProvider
from plano.config.routing_schema import Policy, RoutingPreference
from plano.domain.failover import Failover, FirstToken, Hedging
from plano.domain.model import Model, ModelTable
from plano.domain.route import Route, RouteTable, SelectionPolicy
from plano.domain.secret import Secret


def settle(file: schema.File, *, mocked: Collection[int] = ()) -> settings.Settings:
    """The settings of a file without errors. ``mocked``: indexes of the providers that the mock provider stands for."""
    providers = file.model_providers or file.llm_providers or []
    models = _models(file, providers, mocked)
    return settings.Settings(
        version=file.version,
        listeners=_listeners(file.listeners),
        models=models,
        routes=_routes(file, providers, models),
        callers=_callers(file),
        admin=_admin(file.admin),
        overrides=_overrides(file.overrides),
        bounds=_bounds(file.limits),
        routing=_routing(file, models),
        prompt_caching=_prompt_caching(file),
        tests=_tests(file, models),
        numbers=numbers_of(file, models),
        failover=_failover(file.failover),
        rate_limits=_rate_limits(file),
        tracing=_tracing(file.tracing),
        observability=settings.Observability(file.observability.record_content, file.observability.records_file),
        state_storage=_state_storage(file),
    )


def _name(provider: ModelProvider) -> str:
    return provider.model if provider.name is None or provider.model.endswith("/*") else provider.name


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _models(file: schema.File, providers: list[ModelProvider], mocked: Collection[int]) -> ModelTable:
    models: dict[str, Model] = {}
    wildcards: dict[str, Model] = {}
    default: str | None = None
    timeout_s, caching = file.overrides.upstream_connect_timeout, file.prompt_caching
    cache_from = caching.min_prefix_tokens if caching.enabled and caching.inject_cache_control else None
    for index, provider in enumerate(providers):
        model = model_of(provider, connect_timeout_s=timeout_s, is_mock=index in mocked)
        model = replace(model, cache_from_tokens=cache_from)
        if model.upstream_id == "*":
            wildcards[model.provider] = model
        else:
            models[model.name] = model
        default = model.name if provider.default else default
    table = ModelTable(MappingProxyType(models), MappingProxyType(wildcards), default=default)
    aliases = {name: table.resolve(alias.target).name for name, alias in file.model_aliases.items()}
    return replace(table, aliases=MappingProxyType(aliases))


def _listeners(form: schema.Listeners | None) -> tuple[settings.Listener, ...]:
    if form is None:
        return (settings.Listener("listener-1"),)
    if isinstance(form, schema.LegacyListeners):
        old = form.egress_traffic or schema.LegacyListener()
        return (settings.Listener("egress_traffic", old.address, old.port, old.timeout),)
    listeners = tuple(
        settings.Listener(
            name=each.name or f"listener-{number}",
            address=each.address,
            port=each.port,
            timeout_s=each.timeout,
            max_retries=each.max_retries,
            open=each.open,
            tls_certificate=each.tls_certificate,
            tls_key=each.tls_key,
        )
        for number, each in enumerate(form, 1)
    )
    return listeners or (settings.Listener("listener-1"),)


def _routes(file: schema.File, providers: list[ModelProvider], models: ModelTable) -> RouteTable:
    if file.routing_preferences:
        return RouteTable(tuple(_route(each, models) for each in file.routing_preferences))
    return RouteTable(_lifted(providers))


def _route(preference: RoutingPreference, models: ModelTable) -> Route:
    names = dict.fromkeys(models.resolve(name).name for name in preference.models)
    return Route(
        name=preference.name,
        description=preference.description,
        models=tuple(names),
        policy=_policy(preference.selection_policy),
        examples=tuple(preference.examples),
        buffers_streams=preference.buffer_streams,
    )


def _policy(policy: Policy) -> SelectionPolicy:
    return SelectionPolicy(
        prefer=policy.prefer,
        cost_weight=policy.weights.cost,
        latency_weight=policy.weights.latency,
        max_usd_per_mtok=policy.max_usd_per_mtok,
        max_ttft_s=policy.max_ttft_s,
    )


def _lifted(providers: list[ModelProvider]) -> tuple[Route, ...]:
    """The routes of preferences inside providers: merged by name, the first description counts."""
    descriptions: dict[str, str] = {}
    models: dict[str, dict[str, None]] = {}
    for provider in providers:
        for preference in provider.routing_preferences or ():
            descriptions.setdefault(preference.name, preference.description)
            models.setdefault(preference.name, {})[_name(provider)] = None
    return tuple(Route(name, text, tuple(models[name])) for name, text in descriptions.items())


def _callers(file: schema.File) -> tuple[settings.Caller, ...]:
    keys = {} if file.callers is None else file.callers.keys
    return tuple(settings.Caller(name, Secret(key)) for name, key in keys.items())


def _admin(form: schema.Admin) -> settings.Admin:
    return settings.Admin(
        address=form.address,
        port=form.port,
        token=_secret(form.token),
        enabled=form.enabled,
        is_address_given=not form.model_fields_set.isdisjoint({"address", "port"}),
    )


def _overrides(form: schema.Overrides) -> settings.Overrides:
    return settings.Overrides(
        connect_timeout_s=form.upstream_connect_timeout,
        ca_path=form.upstream_tls_ca_path,
        uses_proxies=form.upstream_proxy_from_environment,
        state_dir=form.state_dir,
    )


def _bounds(form: schema.Limits) -> settings.Bounds:
    return settings.Bounds(
        connections=form.connections,
        per_address=form.connections_per_address,
        requests=form.requests,
        waiting=form.waiting_requests,
        to_one_upstream=form.upstream_connections,
    )


def _routing(file: schema.File, models: ModelTable) -> settings.Routing:
    form, budget = file.routing, file.routing.routing_budget
    is_shared, tenant = form.session_cache.type == "redis", form.session_cache.tenant_header
    return settings.Routing(
        session_ttl_s=form.session_ttl_seconds,
        session_max_entries=form.session_max_entries,
        store_url=_secret(form.session_cache.url) if is_shared else None,
        store_secret=_secret(form.session_cache.secret) if is_shared else None,
        tenant_header=None if tenant is None else tenant.lower(),
        budget=None if budget is None else settings.Budget(**dict(budget)),
        route_on_user_only=form.route_on_user_only,
        exploration=form.exploration_percent / 100.0,
        router=_router(file, models),
    )


def _router(file: schema.File, models: ModelTable) -> settings.Router:
    form, other = file.routing.router, file.overrides
    named = form.model or other.llm_routing_model or other.agent_orchestration_model
    kind = form.type or ("embedded" if named is None else "http")
    return settings.Router(
        kind,
        None if named is None or kind == "embedded" else models.resolve(named).name,
        dialect=form.dialect,
        prompt=form.prompt,
        deadline_s=form.deadline,
        context_tokens=other.orchestrator_model_context_length,
        unsure=(form.unsure_from, form.unsure_to),
        max_share=form.max_escalation_percent / 100.0,
        threshold=form.threshold,
    )


def _prompt_caching(file: schema.File) -> settings.PromptCaching:
    form = file.prompt_caching
    return settings.PromptCaching(
        enabled=form.enabled,
        session_affinity=form.session_affinity,
        session_ttl_s=form.session_ttl_seconds or file.routing.session_ttl_seconds,
    )


def _failover(form: routing_schema.Failover) -> Failover:
    limits, hedging = form.first_token, form.hedging
    return Failover(
        buffers_streams=form.buffer_streams,
        first_token=FirstToken(limits.least, limits.most, limits.reasoning),
        hedging=None if hedging is None else Hedging(hedging.most_percent / 100.0, hedging.max_usd),
    )


def _tests(file: schema.File, models: ModelTable) -> tuple[settings.RoutingTest, ...]:
    return tuple(
        settings.RoutingTest(
            each.prompt,
            each.route,
            each.no_route,
            None if each.first_model is None else models.resolve(each.first_model).name,
        )
        for each in file.tests
    )


def _rate_limits(file: schema.File) -> tuple[settings.RateLimit, ...]:
    return tuple(
        settings.RateLimit(
            each.model, each.selector.key.lower(), each.selector.value, each.limit.tokens, each.limit.unit
        )
        for each in file.ratelimits
    )


def _tracing(form: schema.Tracing) -> settings.Tracing:
    return settings.Tracing(
        sampling_pct=form.random_sampling,
        receiver=form.opentracing_grpc_endpoint,
        exporter=form.exporter,
        header_prefixes=tuple(prefix.lower() for prefix in form.span_attributes.header_prefixes),
        attributes=tuple(form.span_attributes.static.items()),
        exporters=tuple(
            settings.Exporter(each.type, each.url, Secret(each.api_key), each.distinct_id_header, each.capture_messages)
            for each in form.exporters
            if each.enabled
        ),
    )


def _state_storage(file: schema.File) -> settings.StateStorage | None:
    form = file.state_storage
    return None if form is None else settings.StateStorage(form.type, form.connection_string)
