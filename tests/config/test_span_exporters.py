"""Exporters of OpenTelemetry's SDK, as its environment variables name them."""

from __future__ import annotations

import pytest

from plano.config import span_exporters as module
from plano.config.load import load_text
from plano.config.settings import Settings
from plano.config.span_exporters import read_span_exporters
from plano.errors import ConfigError

FILE = """version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $KEY, default: true}
tracing:
  exporter: sdk
"""


def loaded(more: str = "", **env: str) -> Settings:
    """The settings of the file in this environment."""
    return load_text(FILE + more, {"KEY": "k" * 20, **env})


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({}, ("otlp_proto_http",)),
        ({"OTEL_TRACES_EXPORTER": "console"}, ("console",)),
        ({"OTEL_TRACES_EXPORTER": " console , otlp, console"}, ("console", "otlp_proto_http")),
        ({"OTEL_TRACES_EXPORTER": "otlp_proto_http"}, ("otlp_proto_http",)),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, None),
        ({"OTEL_TRACES_EXPORTER": "None"}, ()),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_EXPORTER": "console"}, ()),
    ],
)
def test_names(env: dict[str, str], names: tuple[str, ...] | None) -> None:
    """By OTEL_TRACES_EXPORTER; of OTLP the exporter of the protocol, the one over HTTP where none is named."""
    assert loaded(**env).tracing.span_exporters == (("otlp_proto_http",) if names is None else names)


@pytest.mark.parametrize(
    ("env", "reason", "remedy"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER names 'zipkin'", "there are console, "),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "names 'otlp'", "pip install opentelemetry-exporter-otlp-proto-grpc"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "smoke"}, "names a protocol", "http/protobuf and grpc"),
    ],
)
def test_what_cannot_be_used(env: dict[str, str], reason: str, remedy: str) -> None:
    """It stops the start, at the setting that asks for it, with what to do."""
    with pytest.raises(ConfigError) as caught:
        loaded(**env)
    assert "error[PL-C083]" in caught.value.message
    assert "plano.yaml:5:13" in caught.value.message
    assert reason in caught.value.message
    assert remedy in caught.value.message


def test_without_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra to install; who does not ask for it needs none."""
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"pip install 'plano-gateway\[otel\]'"):
        loaded()
    assert load_text(FILE.replace("sdk", "otlp"), {"KEY": "k" * 20}).tracing.span_exporters == ()

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(module, "find_spec", missing)
    assert [problem.code for problem in read_span_exporters({}, None)[1]] == ["PL-C083"]


def test_a_receiver_that_is_not_used() -> None:
    """The file names one, and nothing would arrive there: that is said."""
    warned = loaded("  opentracing_grpc_endpoint: http://127.0.0.1:4318\n").warnings
    assert [(each.code, each.line) for each in warned] == [("PL-C084", 6)]
    assert loaded().warnings == ()
