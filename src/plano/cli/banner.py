"""What ``plano up`` says when it is ready: one fact a line, and nothing but facts."""

from __future__ import annotations

import os
from collections.abc import Iterator

from plano import __version__
from plano.catalog import shipped
from plano.config.settings import Listener, Settings
from plano.config.urls import is_loopback
from plano.domain.model import ModelTable
from plano.observe.traces.otlp import over_http


def banner(
    settings: Settings, *, ports: tuple[int, ...], admin: str | None, trouble: str | None = None, workers: int = 1
) -> Iterator[str]:
    """The lines. ``ports``: of the listeners, what 0 became.

    ``admin``: host and port, None when it does not listen; ``trouble``: why not, though it should. ``workers``: how
    many processes serve; the admin ports of the others follow that of the first.
    """
    table = settings.models
    crew = "" if workers == 1 else f", {workers} workers"
    yield f"plano {__version__}   ready, pid {os.getpid()}{crew}"
    urls = [_url(one, port) for one, port in zip(settings.listeners, ports, strict=True)]
    for url in urls:
        yield f"  API     {url}/v1   chat · messages · responses, decisions under /routing/v1"
    if admin is not None:
        yield f"  UI      http://{admin}/ui/   metrics /metrics"
    elif trouble is not None:
        yield f"  note    {trouble}; there are no metrics"
    names = [f"{name} (default)" if name == table.default else name for name in table.models]
    yield f"  models  {', '.join([*names, *(f'{prefix}/*' for prefix in table.wildcards)])}"
    routes = ", ".join([f"{route.name} ({len(route.models)} models)" for route in settings.routes.routes])
    yield f"  routes  {routes or 'none configured'}"
    yield f"  prices  {_priced(table)}"
    yield f"  callers {_callers(settings)}"
    if settings.tracing.receiver is not None:
        yield f"  traces  {settings.tracing.sampling_pct:g} % to {over_http(settings.tracing.receiver)}"
    yield f"  try     {_first_request(urls[0], table)}"


def _priced(table: ModelTable) -> str:
    """Of how many models the shipped prices are known; unknown is said, not taken for 0."""
    catalog = shipped.load()
    known = [
        model for model in table.models.values() if catalog.get(f"{model.provider}/{model.upstream_id}") is not None
    ]
    return f"{len(known)} of {len(table.models)} known, catalog {catalog.date}"


def _callers(settings: Settings) -> str:
    if settings.callers:
        return f"{len(settings.callers)} with keys"
    reach = "on this machine" if all(is_loopback(one.address) for one in settings.listeners) else "who reaches it"
    return f"no keys asked for: anyone {reach}"


def _first_request(url: str, table: ModelTable) -> str:
    model = "auto" if table.default is not None else next(iter(table.models), "auto")
    body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "hello"}}]}}'
    return f"curl {url}/v1/chat/completions -H 'content-type: application/json' -d '{body}'"


def _url(listener: Listener, port: int) -> str:
    address, scheme = listener.address, "http" if listener.tls_certificate is None else "https"
    return f"{scheme}://{f'[{address}]' if ':' in address else address}:{port}"
