"""Which exporters of OpenTelemetry's SDK take spans: those that its environment variables name.

Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and protocol/exporter/.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec

from plano.config.findings import Place, Problem

GROUP = "opentelemetry_traces_exporter"
"""Entry points: whoever installs an exporter registers it there."""

EXTRA = "pip install 'plano-gateway[otel]'"

_NAMES, _DEFAULT = "OTEL_TRACES_EXPORTER", "otlp"
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_BY_PROTOCOL = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
_PACKAGES = {
    "otlp_proto_http": "pip install opentelemetry-exporter-otlp-proto-http",
    "otlp_proto_grpc": "pip install opentelemetry-exporter-otlp-proto-grpc, or set OTEL_EXPORTER_OTLP_PROTOCOL",
}


def read_span_exporters(env: Mapping[str, str], place: Place | None) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The entry points that ``env`` names, and what is wrong with those that cannot be used.

    ``place``: of the setting that asks for them. Nothing is imported but the package ``opentelemetry`` itself.
    """
    if not _has_sdk():
        reason = "'exporter: sdk' needs OpenTelemetry's SDK, which is not installed"
        return (), (Problem("PL-C083", reason, place, EXTRA),)
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return (), ()
    named = env.get(_NAMES, "").strip() or _DEFAULT
    if named.lower() == "none":
        return (), ()
    installed = {each.name for each in entry_points(group=GROUP)}
    names, problems = [], []
    for name in dict.fromkeys(part.strip() for part in named.split(",")):
        chosen = _otlp(env) if name == _DEFAULT else name
        if chosen is None:
            reason = f"{_PROTOCOLS[1]} names a protocol that no exporter of spans has"
            problems.append(Problem("PL-C083", reason, place, f"there are {' and '.join(_BY_PROTOCOL)}"))
        elif chosen not in installed:
            reason = f"{_NAMES} names {name[:64]!r}, and no exporter of spans of that name is installed"
            problems.append(Problem("PL-C083", reason, place, _PACKAGES.get(chosen, _known(installed))))
        else:
            names.append(chosen)
    return tuple(names), tuple(problems)


def _has_sdk() -> bool:
    try:
        return find_spec("opentelemetry.sdk.trace") is not None
    except ModuleNotFoundError:
        return False


def _otlp(env: Mapping[str, str]) -> str | None:
    """The exporter of the protocol that is asked for; of the specification's default where none is."""
    protocol = next((env[name].strip() for name in _PROTOCOLS if env.get(name, "").strip()), "http/protobuf")
    return _BY_PROTOCOL.get(protocol)


def _known(installed: set[str]) -> str:
    return f"there are {', '.join(sorted(installed))}"
