"""Sources, sessions, storage, and keys that have no effect."""

from __future__ import annotations

from collections.abc import Iterator

from plano.config.checks.names import names_table
from plano.config.document import Mapping
from plano.config.findings import Problem
from plano.config.kinds import duration_s
from plano.config.view import Part, View, shown

_PRICED = frozenset({"cheapest", "balanced"})
_UNWEIGHED = frozenset({"none", "cheapest", "fastest"})
_SHIPPED = "the prices that came with the package are used ('plano models' shows them)"
_WITHOUT_EFFECT = (
    ("routing", "llm_provider"),
    ("routing", "model"),
    ("overrides", "disable_signals"),
    ("tracing", "trace_arch_internal"),
)


def one_source_of_latencies(view: View) -> Iterator[Problem]:
    """Latencies of two sources would be two moments and perhaps two units."""
    first: int | None = None
    for source in view.top.parts("model_metrics_sources"):
        kind = source.text("type")
        if kind is None or kind.text != "latency":
            continue
        if first is not None:
            reason = f"a second source of type {shown(kind)}"
            yield Problem("PL-C070", reason, kind.place, f"the first one is on line {first}")
        first = first or kind.place.line


def rising_tiers(view: View) -> Iterator[Problem]:
    """No two tiers of a price begin at the same number of tokens."""
    section = view.top.below("pricing")
    for entry in section.node.entries if section is not None else ():
        if not isinstance(entry.value, Mapping):
            continue
        seen: set[str] = set()
        for tier in Part(entry.value).parts("tiers"):
            above = tier.text("above_tokens")
            if above is not None and above.text in seen:
                yield Problem("PL-C014", f"a second tier above {shown(above)} tokens", above.place)
            seen |= {above.text} if above is not None else set()


def priced(view: View) -> Iterator[Problem]:
    """Ranking by price without a source of prices is said, unless the file prices the models itself."""
    kinds = [source.text("type") for source in view.top.parts("model_metrics_sources")]
    if any(kind is not None and kind.text == "cost" for kind in kinds):
        return
    table, pricing = names_table(view), view.top.below("pricing")
    own = {table.find(entry.key) for entry in pricing.node.entries} if pricing is not None else set()
    for route in view.top.parts("routing_preferences"):
        policy = route.below("selection_policy")
        prefer = None if policy is None else policy.text("prefer")
        if prefer is None or prefer.text not in _PRICED:
            continue
        if not all(table.find(model.text) in own for model in route.texts("models")):
            yield Problem("PL-C071", f"'prefer: {prefer.text}' without a cost source", prefer.place, _SHIPPED)
    routing = view.top.below("routing")
    budget = None if routing is None else routing.entry("routing_budget")
    if budget is not None and not (own.issuperset(table.models.values()) and not table.wildcards):
        yield Problem("PL-C071", "'routing_budget' without a cost source", budget.key_place, _SHIPPED)


def shared_sessions(view: View) -> Iterator[Problem]:
    """A shared session store has an address."""
    routing = view.top.below("routing")
    cache = None if routing is None else routing.below("session_cache")
    kind = None if cache is None else cache.text("type")
    if cache is not None and kind is not None and kind.text == "redis" and cache.entry("url") is None:
        yield Problem("PL-C012", "missing key 'url' beside 'type: redis'", kind.place, "add 'url: redis://…'")


def storage(view: View) -> Iterator[Problem]:
    """A store on disk has a file."""
    section = view.top.below("state_storage")
    kind = None if section is None else section.text("type")
    if (
        section is not None
        and kind is not None
        and kind.text == "sqlite"
        and section.entry("connection_string") is None
    ):
        hint = "add 'connection_string: plano.sqlite'"
        yield Problem("PL-C012", "missing key 'connection_string' beside 'type: sqlite'", kind.place, hint)


def span_receiver(view: View) -> Iterator[Problem]:
    """The receiver of spans is a host, not a path."""
    tracing = view.top.below("tracing")
    url = None if tracing is None else tracing.text("opentracing_grpc_endpoint")
    if url is None:
        return
    _, _, behind = url.text.partition("://")
    if behind.rstrip("/").count("/"):
        yield Problem("PL-C043", "the receiver of spans has a path", url.place, "give scheme, host and port only")


def span_exporter(view: View) -> Iterator[Problem]:
    """A receiver that nothing is sent to is said."""
    tracing = view.top.below("tracing")
    exporter = None if tracing is None else tracing.text("exporter")
    unused = None if tracing is None else tracing.entry("opentracing_grpc_endpoint")
    if exporter is not None and exporter.text == "sdk" and unused is not None:
        reason = "'opentracing_grpc_endpoint' has no effect beside 'exporter: sdk'"
        yield Problem("PL-C084", reason, unused.key_place, "OTEL_EXPORTER_OTLP_ENDPOINT says where the SDK sends spans")


def weights(view: View) -> Iterator[Problem]:
    """The weights of a route are not all zero."""
    for route in view.top.parts("routing_preferences"):
        policy = route.below("selection_policy")
        section = None if policy is None else policy.below("weights")
        if section is None:
            continue
        given = [section.text(key) for key in ("cost", "latency")]
        if all(scalar is not None and not scalar.text.strip("+-0.") for scalar in given):
            place = section.node.entries[0].key_place
            yield Problem("PL-C014", "the weights are all zero", place, "give at least one a number above 0")


def unused_weights(view: View) -> Iterator[Problem]:
    """Weights that nothing is weighed by are said."""
    for route in view.top.parts("routing_preferences"):
        policy = route.below("selection_policy")
        entry = None if policy is None else policy.entry("weights")
        prefer = None if policy is None else policy.text("prefer")
        if entry is not None and (prefer is None or prefer.text in _UNWEIGHED):
            reason = "'weights' has no effect without 'prefer: balanced'"
            yield Problem("PL-C035", reason, entry.key_place, "write 'prefer: balanced', or remove it")


def patience(view: View) -> Iterator[Problem]:
    """The least wait for a first token is not longer than the longest."""
    failover = view.top.below("failover")
    limits = None if failover is None else failover.below("first_token")
    least, most = (None, None) if limits is None else (limits.text("least"), limits.text("most"))
    if least is None or most is None:
        return
    shortest, longest = duration_s(least.text.strip()), duration_s(most.text.strip())
    if shortest is not None and longest is not None and shortest > longest:
        reason = f"'least' ({least.written}) is longer than 'most' ({most.written})"
        yield Problem("PL-C014", reason, least.place, "lower 'least', or raise 'most'")


def without_effect(view: View) -> Iterator[Problem]:
    """Keys that are accepted but mean nothing are named."""
    for section, key in _WITHOUT_EFFECT:
        part = view.top.below(section)
        entry = None if part is None else part.entry(key)
        if entry is not None:
            yield Problem("PL-C035", f"'{section}.{key}' has no effect", entry.key_place, "remove it")
    endpoints = view.top.entry("endpoints")
    if endpoints is not None:
        yield Problem("PL-C035", "'endpoints' has no effect on model traffic", endpoints.key_place, "remove it")


PART_CHECKS = (
    one_source_of_latencies,
    rising_tiers,
    priced,
    shared_sessions,
    storage,
    span_receiver,
    span_exporter,
    weights,
    unused_weights,
    patience,
    without_effect,
)
