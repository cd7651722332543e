"""``plano doctor``: is everything there that a gateway needs? Each line ok, warn or fail, with the remedy."""

from __future__ import annotations

import os
import resource
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import click
import msgspec

from plano.catalog import shipped
from plano.cli.amounts import seconds
from plano.cli.settings import DEFAULT_FILE, demo, print_json
from plano.config.load import from_environment, load
from plano.config.settings import Settings
from plano.domain.model import Origin
from plano.errors import ConfigError, PlanoError
from plano.observe.traces.otlp import over_http

Verdict = Literal["ok", "warn", "fail"]

_COLORS: Final[Mapping[Verdict, str]] = {"ok": "green", "warn": "yellow", "fail": "red"}
OLD_PRICES_DAYS = 60
FEW_FILES = 4096
PATIENCE_S = 3.0
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379}


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line. ``remedy``: what to do, empty when there is nothing to do."""

    verdict: Verdict
    about: str
    said: str
    remedy: str = ""


@click.command("doctor")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--offline", is_flag=True, help="Do not try to reach the providers.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def command(file: Path | None, offline: bool, as_json: bool) -> None:
    """Check this machine and FILE (default plano.yaml) for a gateway. Sends no request to a model, and no key."""
    found: list[Finding] = []
    for finding in examine(file, offline=offline):
        found.append(finding)
        if not as_json:
            click.echo(rendered(finding), color=False if os.environ.get("NO_COLOR") else None)
    if as_json:
        print_json({"findings": found})
    sys.exit(1 if any(finding.verdict == "fail" for finding in found) else 0)


def rendered(finding: Finding) -> str:
    """A finding as a line, its remedy below it."""
    below = f"\n      {'':<10} {finding.remedy}" if finding.remedy else ""
    # Whoever prints it to something else than a terminal is given it without colours.
    verdict = click.style(f"{finding.verdict:<5}", fg=_COLORS[finding.verdict])
    return f"{verdict} {finding.about:<10} {finding.said}{below}"


def examine(file: Path | None, *, offline: bool) -> Iterator[Finding]:
    """Every finding, as soon as it is known."""
    yield _python()
    yield _files()
    yield _router()
    today, made = datetime.now(UTC).date(), date.fromisoformat(shipped.load().date)
    yield _clock(today, made)
    yield _prices(today, made)
    settings, finding = _configuration(file)
    yield finding
    if settings is None:
        return
    yield _routing(settings)
    if settings.tracing.exporter == "sdk":
        named = ", ".join(settings.tracing.span_exporters) or "no exporter"
        yield Finding("ok", "traces", f"handed to OpenTelemetry's SDK: {named}")
    yield from _keys(settings)
    yield from _ports(settings)
    yield from _places(settings, offline=offline)


def _python() -> Finding:
    return Finding("ok", "python", f"{'.'.join(map(str, sys.version_info[:3]))}, {os.cpu_count() or '?'} processors")


def _files() -> Finding:
    """Each request in progress needs two open files: the caller's connection and the provider's."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # `plano up` takes what it needs of it
    if resource.RLIM_INFINITY != limit < FEW_FILES:
        remedy = f"`ulimit -Hn {FEW_FILES * 4}` before `plano up`, or LimitNOFILE in the unit"
        return Finding("warn", "files", f"{limit} may be open at once", remedy)
    return Finding("ok", "files", f"{'any number' if limit == resource.RLIM_INFINITY else limit} may be open at once")


def _router() -> Finding:
    """Loads it, which compares the checksums of its files."""
    # Imported late: numpy and the runtime take half a second, and everything else here is instant.
    from plano.intent.embedded import EmbeddedClassifier  # noqa: PLC0415

    try:
        EmbeddedClassifier.load()
    except PlanoError as error:
        return Finding("fail", "router", error.message, "install the package again: pip install --force-reinstall")
    except Exception as error:
        remedy = "is onnxruntime installed for this Python and processor?"
        return Finding("fail", "router", f"cannot be loaded: {type(error).__name__}", remedy)
    return Finding("ok", "router", "loaded; its files are those that were shipped")


def _routing(settings: Settings) -> Finding:
    """Who decides routes, and how many prompts leave for a model."""
    router = settings.routing.router
    within = f"within {seconds(router.deadline_s)}"
    said = {
        "embedded": "the built-in router decides; no prompt leaves for it",
        "http": f"{router.model} decides every route, {within}",
        "cascade": f"the built-in router first; where its best route has a probability from {router.unsure[0]:g} to "
        f"{router.unsure[1]:g}, {router.model} {within}, for at most {router.max_share:.0%} of the decisions",
    }[router.kind]
    return Finding("ok", "routing", said)


def _clock(today: date, made: date) -> Finding:
    """Without asking anybody it is only known when it cannot be right: before this version was made."""
    if today < made:
        said = f"today is {today}, before the prices were made"
        return Finding("warn", "clock", said, "set the clock: certificates depend on it")
    return Finding("ok", "clock", f"{today}, as far as can be told without asking anybody")


def _prices(today: date, made: date) -> Finding:
    age = max(0, (today - made).days)
    if age > OLD_PRICES_DAYS:
        return Finding("warn", "prices", f"{age} days old", "install a newer version, or name a source of prices")
    return Finding("ok", "prices", f"of {made}, {age} days old")


def _configuration(file: Path | None) -> tuple[Settings | None, Finding]:
    used = file or DEFAULT_FILE
    if file is None and not used.exists():
        found = from_environment(os.environ)
        if found is None:
            return demo(), Finding("ok", "config", "no plano.yaml and no keys: `plano up` serves mock models, offline")
        return found, Finding("ok", "config", "no plano.yaml: `plano up` serves what there are keys for")
    try:
        settings = load(used, os.environ, dev=True)
    except ConfigError as error:
        said = f"{used}: {len(error.findings) or 1} mistakes"
        return None, Finding("fail", "config", said, f"`plano validate {used}` shows each with its place")
    return settings, Finding("ok", "config", f"{used}: {len(settings.models.models)} models")


def _keys(settings: Settings) -> Iterator[Finding]:
    """By the name of the variable; never the key."""
    named = sorted(
        {
            name
            for value in settings.values
            if value.path[-1] == "access_key" and isinstance(value.shown, str)
            for name in [value.shown.partition(" ")[0].lstrip("$")]
            if value.shown.startswith("$")
        }
    )
    for name in named:
        if os.environ.get(name):
            yield Finding("ok", "key", f"{name} is set")
        else:
            yield Finding("fail", "key", f"{name} is not set", f"export {name}=…, or `plano up --dev` for mock answers")


def _ports(settings: Settings) -> Iterator[Finding]:
    wanted = [("API", one.address, one.port) for one in settings.listeners]
    if settings.admin.enabled:
        wanted.append(("admin", settings.admin.address, settings.admin.port))
    for what, address, port in wanted:
        place = f"{what} {address}:{port}"
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                remedy = "is a gateway running already? `plano top` shows it; `plano up --port 0` takes a free one"
                yield Finding("warn", "port", f"{place}: {error.strerror or error}", remedy)
            else:
                yield Finding("ok", "port", f"{place} is free")


def _places(settings: Settings, *, offline: bool) -> Iterator[Finding]:
    """Providers, the store of sessions and the receiver of spans, each reached by name, TCP and TLS."""
    models = (*settings.models.models.values(), *settings.models.wildcards.values())
    origins = {model.endpoint.origin: model.provider for model in models if not model.is_mock}
    checks: list[Callable[[], Finding]] = [
        lambda origin=origin, provider=provider: _reached("provider", provider, origin)  # type: ignore[misc]
        for origin, provider in origins.items()
    ]
    store = settings.routing.store_url
    if store is not None:
        scheme, place = urlsplit(store.reveal()).scheme, _origin(store.reveal())
        checks.append(lambda: _reached("sessions", scheme, place, asks=_ping))
    receiver = settings.tracing.receiver
    if receiver is not None and settings.tracing.exporter == "otlp":
        checks.append(lambda: _reached("traces", "OTLP", _origin(over_http(receiver))))
    if offline and checks:
        yield Finding("ok", "providers", "not tried")
        return
    with ThreadPoolExecutor(max_workers=8) as threads:
        yield from threads.map(lambda check: check(), checks)


def _origin(url: str) -> Origin:
    """Where an address leads; its credentials stay behind."""
    parts = urlsplit(url)
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    return Origin("https" if parts.scheme in ("https", "rediss") else "http", parts.hostname or "", port)


def _ping(peer: socket.socket) -> str | None:
    """What is wrong with a store of sessions, None when it answers; that it asks for a password is an answer.

    Source: RESP, https://redis.io/docs/latest/develop/reference/protocol-spec/.
    """
    peer.sendall(b"*1\r\n$4\r\nPING\r\n")
    said = peer.recv(64)
    return None if said.startswith((b"+PONG", b"-NOAUTH")) else "is no Redis and no Valkey"


def _reached(
    about: str, name: str, origin: Origin, *, asks: Callable[[socket.socket], str | None] | None = None
) -> Finding:
    """Can a place be reached? ``asks``: says what is wrong with who answers there, None when nothing is."""
    place = f"{name} at {origin.host}:{origin.port}"
    try:
        with (
            socket.create_connection((origin.host, origin.port), timeout=PATIENCE_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=origin.host)
            if origin.scheme == "https"
            else plain as peer,
        ):
            wrong = None if asks is None else asks(peer)
            if wrong is not None:
                return Finding("fail", about, f"{place} {wrong}", "is it the right address?")
    except ssl.SSLCertVerificationError as error:
        return Finding("fail", about, f"{place}: {error.verify_message}", "is overrides.upstream_tls_ca_path needed?")
    except OSError as error:
        said = error.strerror or str(error) or type(error).__name__
        return Finding("warn", about, f"{place}: {said}", "is there a network, a proxy, a firewall?")
    return Finding("ok", about, f"{place} answers")
