"""From a provider of the file to the endpoint of its models: where, at which path, with which key."""

from __future__ import annotations

from plano.config.provider_schema import ModelProvider
from plano.config.urls import Url, parse_url
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.secret import Secret
from plano.providers import OPENAI_COMPATIBLE, OPENAI_RESPONSES, PROVIDERS, VARIANTS, Provider, Variant


def row_of(provider: ModelProvider) -> Provider:
    """The row of facts that holds for a provider: its own, that of its interface, or OpenAI-compatible."""
    prefix = provider.model.partition("/")[0]
    row = PROVIDERS.get(prefix)
    if row is not None:
        return row
    interface = provider.provider_interface or ""
    return OPENAI_RESPONSES if interface == OPENAI_RESPONSES.name else PROVIDERS.get(interface, OPENAI_COMPATIBLE)


def model_of(provider: ModelProvider, *, connect_timeout_s: float, is_mock: bool) -> Model:
    """The declared model with its endpoint. A wildcard's path keeps ``{model}``."""
    prefix, _, model_id = provider.model.partition("/")
    row = row_of(provider)
    model = Model(
        name=provider.name if provider.name is not None and model_id != "*" else provider.model,
        provider=prefix,
        upstream_id=model_id,
        endpoint=_endpoint(provider, row, connect_timeout_s, is_mock=is_mock),
        is_mock=is_mock,
        is_metered=provider.metering == "exact",
    )
    return model if model_id == "*" else model.called(model.name, model_id)


def _endpoint(provider: ModelProvider, row: Provider, connect_timeout_s: float, *, is_mock: bool) -> Endpoint:
    url = parse_url(_address(provider, row), ("http", "https"))
    key = provider.access_key
    headers, prefix = provider.headers, url.path
    variant = _variant(provider, row, url)
    if variant is not None:
        prefix = dict(variant.paths).get(prefix, prefix)
        configured = {name.lower() for name in headers}
        headers = {**headers, **{name: value for name, value in variant.headers if name not in configured}}
    (dialect, path), *others = row.targets(prefix or row.prefix)
    return Endpoint(
        origin=Origin("https" if url.scheme == "https" else "http", url.host, url.port),
        path=_with_query(path, url),
        dialect=dialect,
        others=tuple((other, _with_query(target, url)) for other, target in others),
        counts_tokens=row.counts_tokens,
        limit_field=row.limit_field,
        call_ids=row.call_ids,
        chat_cache_markers=row.chat_cache_markers,
        host_header=provider.http_host or url.authority,
        auth=row.auth,
        key=None if key is None or provider.passthrough_auth or is_mock else Secret(key),
        headers=tuple(headers.items()),
        passthrough_auth=provider.passthrough_auth,
        connect_timeout_s=connect_timeout_s,
    )


def _variant(provider: ModelProvider, row: Provider, url: Url) -> Variant | None:
    """The part of the provider that the model belongs to, None where it has none of its own."""
    for each in VARIANTS:
        is_there = each.host in (url.host, provider.http_host) or provider.model == f"{row.name}/{each.model}"
        if each.provider == row.name and is_there:
            return each
    return None


def _address(provider: ModelProvider, row: Provider) -> str:
    address = provider.base_url or row.base_url
    if address is None:
        raise ValueError(f"{provider.model}: no base_url")
    return address


def _with_query(path: str, url: Url) -> str:
    """A request target; a query of the file replaces the row's."""
    target, _, query = path.partition("?")
    query = url.query or query
    return f"{target}?{query}" if query else target
