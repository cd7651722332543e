"""What ``plano up`` says when it is ready: one fact a line, and nothing but facts; one JSON document for programs."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from typing import Literal

import msgspec

from plano import __version__
from plano.catalog import shipped
from plano.cli.amounts import seconds
from plano.cli.tree import cut
from plano.config.settings import Listener, Settings
from plano.config.show import sha
from plano.config.urls import is_loopback
from plano.domain.model import ModelTable
from plano.intent import package
from plano.observe.traces.otlp import over_http

SHOWN_SHA = 12
"""Digits that tell two configurations apart in a line."""

LONGEST_LINE = 4_096
"""Characters; what the file says is not bounded."""


class Started(msgspec.Struct, frozen=True):
    """What only the process knows.

    ``ports``: of the listeners, what 0 became. ``file``: of the configuration, None where there is none. ``admin``:
    host and port, None when it does not listen; ``trouble``: why not, though it should. ``workers``: how many processes
    serve. ``after_s``: seconds from the command to now.
    """

    ports: tuple[int, ...]
    file: str | None = None
    admin: str | None = None
    trouble: str | None = None
    workers: int = 1
    after_s: float | None = None


class Source(msgspec.Struct, frozen=True):
    """The configuration. ``sha``: see ``plano.config.show.sha``. ``is_watched``: a change of the file is taken."""

    file: str | None
    sha: str
    is_watched: bool


class RouteFact(msgspec.Struct, frozen=True):
    """A route and its models, in the author's order."""

    name: str
    models: tuple[str, ...]


class PriceFact(msgspec.Struct, frozen=True):
    """Of how many models the shipped list knows a price, and its date; what is unknown is said, not taken for 0."""

    known: int
    models: int
    catalog: str


class SessionFact(msgspec.Struct, frozen=True):
    """Where sessions are kept, and for how many seconds after their last request."""

    store: Literal["memory", "shared"]
    ttl_s: int


class TraceFact(msgspec.Struct, frozen=True):
    """Where spans go, and how many percent of the traces."""

    receiver: str
    sampling_pct: float


class Ready(msgspec.Struct, frozen=True, tag_field="event", tag="ready"):
    """The facts; what is not there is null. ``mocked``: models that the mock provider answers for.

    ``pid``: the process to send signals to. ``callers``: how many have keys, 0 when none are asked for. ``is_local``:
    only this machine reaches the listeners.
    """

    version: str
    pid: int
    workers: int
    after_s: float | None
    config: Source
    api: tuple[str, ...]
    ui: str | None
    metrics: str | None
    admin_trouble: str | None
    models: tuple[str, ...]
    default: str | None
    mocked: tuple[str, ...]
    routes: tuple[RouteFact, ...]
    router: str
    prices: PriceFact
    sessions: SessionFact
    callers: int
    is_local: bool
    traces: TraceFact | None

    @classmethod
    def of(cls, settings: Settings, started: Started) -> Ready:
        """The facts of a gateway that serves ``settings``."""
        table, admin = settings.models, started.admin
        return cls(
            version=__version__,
            # Signals are for the supervisor, where there is one.
            pid=os.getpid() if started.workers == 1 else os.getppid(),
            workers=started.workers,
            after_s=started.after_s,
            config=Source(started.file, sha(settings), started.file is not None),
            api=tuple(f"{_url(one, port)}/v1" for one, port in zip(settings.listeners, started.ports, strict=True)),
            ui=None if admin is None else f"http://{admin}/ui/",
            metrics=None if admin is None else f"http://{admin}/metrics",
            admin_trouble=started.trouble if admin is None else None,
            models=(*table.models, *(f"{prefix}/*" for prefix in table.wildcards)),
            default=table.default,
            mocked=mocked(table),
            routes=tuple(RouteFact(route.name, route.models) for route in settings.routes.routes),
            router=_router(settings),
            prices=_priced(table),
            sessions=SessionFact(
                "memory" if settings.routing.store_url is None else "shared", settings.routing.session_ttl_s
            ),
            callers=len(settings.callers),
            is_local=all(is_loopback(one.address) for one in settings.listeners),
            traces=_traced(settings),
        )

    def lines(self) -> Iterator[str]:
        """The facts for people. Whatever a name holds, each is one line that a terminal shows as it is."""
        for line in self._lines():
            yield cut(line, LONGEST_LINE)

    def _lines(self) -> Iterator[str]:
        crew = "" if self.workers == 1 else f", {self.workers} workers"
        after = "" if self.after_s is None else f" after {seconds(self.after_s)}"
        yield f"plano {self.version}   {self._source()}   ready{after}, pid {self.pid}{crew}"
        for url in self.api:
            yield f"  API     {url}   chat · messages · responses, decisions under /routing/v1"
        if self.ui is not None:
            yield f"  UI      {self.ui}   metrics /metrics"
        elif self.admin_trouble is not None:
            yield f"  note    {self.admin_trouble}; there are no metrics"
        yield f"  models  {', '.join([f'{one} (default)' if one == self.default else one for one in self.models])}"
        routes = ", ".join([f"{one.name} ({len(one.models)} models)" for one in self.routes])
        yield f"  routes  {routes or 'none configured'}   router {self.router}"
        yield f"  prices  {self.prices.known} of {self.prices.models} known, catalog {self.prices.catalog}"
        yield f"  session {self.sessions.store}, {seconds(self.sessions.ttl_s)} after the last request"
        yield f"  callers {self._callers()}"
        if self.traces is not None:
            yield f"  traces  {self.traces.sampling_pct:g} % to {self.traces.receiver}"
        yield f"  try     {self._first_request()}"

    def _source(self) -> str:
        read = "no configuration file" if self.config.file is None else f"config {self.config.file}"
        return f"{read} (sha {self.config.sha[:SHOWN_SHA]}{', watching' if self.config.is_watched else ''})"

    def _callers(self) -> str:
        if self.callers:
            return f"{self.callers} with keys"
        return f"no keys asked for: anyone {'on this machine' if self.is_local else 'who reaches it'}"

    def _first_request(self) -> str:
        model = "auto" if self.default is not None else next(iter(self.models), "auto")
        body = msgspec.json.encode({"model": model, "messages": [{"role": "user", "content": "hello"}]}).decode()
        return f"curl {self.api[0]}/chat/completions -H 'content-type: application/json' -d {shlex.quote(body)}"


def mocked(table: ModelTable) -> tuple[str, ...]:
    """The models, wildcards included, that the mock provider answers for."""
    declared = (model.name for model in table.models.values() if model.is_mock)
    return (*declared, *(f"{prefix}/*" for prefix, model in table.wildcards.items() if model.is_mock))


def _priced(table: ModelTable) -> PriceFact:
    catalog = shipped.load()
    known = [
        model for model in table.models.values() if catalog.get(f"{model.provider}/{model.upstream_id}") is not None
    ]
    return PriceFact(len(known), len(table.models), str(catalog.date))


def _router(settings: Settings) -> str:
    """Who says which route a conversation takes."""
    router = settings.routing.router
    if router.kind == "http":
        return f"{router.model}"
    alone = f"embedded {package.version()}"
    return alone if router.kind == "embedded" else f"{alone}, where it is unsure {router.model}"


def _traced(settings: Settings) -> TraceFact | None:
    tracing = settings.tracing
    if tracing.exporter == "sdk":
        names = ", ".join(tracing.span_exporters)
        return TraceFact(f"OpenTelemetry's SDK ({names})", tracing.sampling_pct) if names else None
    return None if tracing.receiver is None else TraceFact(over_http(tracing.receiver), tracing.sampling_pct)


def _url(listener: Listener, port: int) -> str:
    address, scheme = listener.address, "http" if listener.tls_certificate is None else "https"
    return f"{scheme}://{f'[{address}]' if ':' in address else address}:{port}"
