"""``plano doctor``: every line says what is so, and what to do about it."""

from __future__ import annotations

import json
import socket
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from plano.catalog import shipped
from plano.cli import doctor, main
from plano.cli.doctor import Finding, examine
from plano.domain.model import Origin
from plano.errors import InternalError
from plano.intent.embedded import EmbeddedClassifier
from tests.ports import free_port
from tests.running import KEYS, mission_text
from tests.waiting import PATIENCE_S

MADE = date.fromisoformat(shipped.load().date)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The examples' configuration on ports of its own, and its keys in the environment."""
    ports = free_port(), free_port()
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    path = tmp_path / "plano.yaml"
    listener = f"{{type: model, name: a, address: 127.0.0.1, port: {ports[0]}}}"
    listeners = f"listeners: [{listener}]\nadmin: {{port: {ports[1]}}}\n"
    path.write_text(f"{mission_text()}\n{listeners}")
    return path


def verdicts(findings: list[Finding]) -> dict[str, str]:
    """The worst verdict of each subject."""
    order = ("ok", "warn", "fail")
    worst: dict[str, str] = {}
    for each in findings:
        worst[each.about] = max(worst.get(each.about, "ok"), each.verdict, key=order.index)
    return worst


def test_all_is_well(file: Path) -> None:
    """Code 0 and nothing to do."""
    done = CliRunner().invoke(main, ["doctor", str(file), "--offline"])
    assert done.exit_code == 0
    assert {line.split()[0] for line in done.output.splitlines()} <= {"ok", "warn"}
    assert verdicts(list(examine(file, offline=True)))["key"] == "ok"


def test_a_key_that_is_missing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named by its variable; no key is ever shown; code 1."""
    monkeypatch.delenv("OPENAI_API_KEY")
    done = CliRunner().invoke(main, ["doctor", str(file), "--offline"])
    assert done.exit_code == 1
    assert "fail  key        OPENAI_API_KEY is not set" in done.output
    assert not [key for key in KEYS.values() if key in done.output]


def test_a_file_with_mistakes(file: Path) -> None:
    """Fails and names the command that shows them."""
    file.write_text(file.read_text().replace("model_providers", "model_provider"))
    found = list(examine(file, offline=True))
    assert found[-1].verdict == "fail"
    assert "plano validate" in found[-1].remedy


def test_a_port_that_is_taken(file: Path) -> None:
    """Warns: it may be a gateway that runs."""
    port = int(file.read_text().partition("admin: {port: ")[2].partition("}")[0])
    with socket.create_server(("127.0.0.1", port)):
        found = [each for each in examine(file, offline=True) if each.about == "port"]
    assert [each.verdict for each in found] == ["ok", "warn"]


def test_a_provider_that_cannot_be_reached(tmp_path: Path) -> None:
    """Warns; one that answers is ok; neither is sent a request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()[1]
        path = tmp_path / "plano.yaml"
        path.write_text(
            "version: v0.4.0\nmodel_providers:\n"
            f"  - {{model: ollama/a, base_url: 'http://127.0.0.1:{here}'}}\n"
            "  - {model: vllm/b, base_url: 'http://127.0.0.1:1'}\n"
        )
        found = {each.said.split()[0]: each for each in examine(path, offline=False) if each.about == "provider"}
        assert (found["ollama"].verdict, found["vllm"].verdict) == ("ok", "warn")
        server.settimeout(PATIENCE_S)
        peer, _ = server.accept()
        with peer:
            peer.settimeout(PATIENCE_S)
            assert peer.recv(1) == b""


def test_the_receiver_of_spans(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warns of one that is not there; of the SDK it says which exporters take them."""
    before = file.read_text()
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = server.getsockname()[1]
        said = []
        for port in (here, 1):
            file.write_text(f"{before}\ntracing: {{opentracing_grpc_endpoint: 'http://127.0.0.1:{port}'}}\n")
            said += [each.verdict for each in examine(file, offline=False) if each.about == "traces"]
    assert said == ["ok", "warn"]
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    file.write_text(f"{before}\ntracing: {{exporter: sdk}}\n")
    (found,) = [each for each in examine(file, offline=True) if each.about == "traces"]
    assert (found.verdict, found.said) == ("ok", "handed to OpenTelemetry's SDK: console")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [(b"+PONG\r\n", "ok"), (b"-NOAUTH Authentication required.\r\n", "ok"), (b"HTTP/1.1 400", "fail")],
)
def test_the_store_of_sessions(said: bytes, verdict: str) -> None:
    """It is asked whether it is one; a password it may want is not sent."""
    asked: list[bytes] = []

    def answer() -> None:
        peer, _ = server.accept()
        with peer:
            asked.append(peer.recv(64))
            peer.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        thread = threading.Thread(target=answer)
        thread.start()
        place = Origin("http", "127.0.0.1", server.getsockname()[1])
        found = doctor._reached("sessions", "redis", place, asks=doctor._ping)
        thread.join(PATIENCE_S)
    assert found.verdict == verdict
    assert asked == [b"*1\r\n$4\r\nPING\r\n"]


def test_colours(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """Only where it is a terminal that shows them, and nobody has said NO_COLOR."""
    words = ["doctor", str(file), "--offline"]
    assert "\x1b[32mok" in CliRunner().invoke(main, words, color=True).output
    assert "\x1b" not in CliRunner().invoke(main, words).output
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in CliRunner().invoke(main, words, color=True).output


def test_a_router_that_was_changed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checksum that differs fails."""

    def load() -> None:
        raise InternalError("the router's file encoder.onnx is not the one that was shipped")

    monkeypatch.setattr(EmbeddedClassifier, "load", load)
    assert verdicts(list(examine(file, offline=True)))["router"] == "fail"


@pytest.mark.parametrize(
    ("today", "about", "verdict"),
    [
        (MADE, "prices", "ok"),
        (MADE + timedelta(days=doctor.OLD_PRICES_DAYS + 1), "prices", "warn"),
        (MADE - timedelta(days=2), "clock", "warn"),
    ],
)
def test_the_age_of_prices(today: date, about: str, verdict: str) -> None:
    """Old prices are worth a word, and a clock before they were made is wrong."""
    found = {each.about: each.verdict for each in (doctor._prices(today, MADE), doctor._clock(today, MADE))}
    assert found == {"prices": "ok", "clock": "ok", about: verdict}


def test_json(file: Path) -> None:
    """The findings as a document."""
    document = json.loads(CliRunner().invoke(main, ["doctor", str(file), "--offline", "--json"]).stdout)
    assert {"verdict", "about", "said"} <= document["findings"][0].keys()
