"""What ``plano up`` says: facts, a line each."""

from __future__ import annotations

import json
import shlex

import msgspec

from plano.cli.banner import Ready, Started
from plano.config.load import load_text
from tests.running import KEYS, mission_text


def ready(more: str = "", *, admin: str | None = "127.0.0.1:12001", text: str | None = None) -> Ready:
    """The facts of the examples' configuration with ``more``, or of ``text``."""
    settings = load_text(text or f"{mission_text()}\n{more}", KEYS)
    return Ready.of(settings, Started((12000,), "plano.yaml", admin, workers=2, after_s=0.4))


def lines(more: str = "", *, admin: str | None = "127.0.0.1:12001") -> dict[str, str]:
    """The lines by their first word."""
    return {line.split()[0]: line for line in ready(more, admin=admin).lines()}


def test_every_fact() -> None:
    """Where it listens, where to look, models, routes, prices, callers; no key."""
    said = lines()
    assert "   config plano.yaml (sha " in said["plano"]
    assert "watching)   ready after 400 ms, pid " in said["plano"]
    assert said["plano"].endswith(", 2 workers")
    assert "http://127.0.0.1:12000/v1" in said["API"]
    assert "http://127.0.0.1:12001/ui/" in said["UI"]
    assert "openai/gpt-4o-mini (default)" in said["models"]
    assert "code generation (2 models)" in said["routes"]
    assert "router embedded plano-router" in said["routes"]
    assert "3 of 3 known" in said["prices"]
    assert said["session"] == "  session memory, 10 min after the last request"
    assert "no keys asked for: anyone on this machine" in said["callers"]
    assert "traces" not in said
    assert not [key for key in KEYS.values() if key in "".join(said.values())]


def test_the_first_request_can_be_copied() -> None:
    """It is one shell command with a body that is JSON."""
    words = shlex.split(lines()["try"])[1:]
    assert words[:2] == ["curl", "http://127.0.0.1:12000/v1/chat/completions"]
    assert json.loads(words[-1])["model"] == "auto"


def test_what_is_not_there_is_not_said() -> None:
    """Without an admin listener there is no address of the page; with traces there is that of the receiver."""
    said = lines("tracing: {opentracing_grpc_endpoint: 'http://collector:4317', random_sampling: 10}", admin=None)
    assert "UI" not in said
    assert said["traces"] == "  traces  10 % to http://collector:4318"
    assert lines("tracing: {exporter: sdk}")["traces"] == "  traces  100 % to OpenTelemetry's SDK (otlp_proto_http)"


def test_keys_of_callers() -> None:
    """How many, not which."""
    assert "1 with keys" in lines("callers: {keys: {team: caller-key-0123456789}}")["callers"]


def test_programs_are_told_the_same() -> None:
    """One document; what is not there is null."""
    document = json.loads(msgspec.json.encode(ready(admin=None)))
    assert document["event"] == "ready"
    assert (document["api"], document["ui"], document["traces"]) == (["http://127.0.0.1:12000/v1"], None, None)
    assert document["routes"][1] == {"name": "general questions", "models": ["openai/gpt-4o-mini", "openai/gpt-4o"]}
    assert document["prices"] == {"known": 3, "models": 3, "catalog": document["prices"]["catalog"]}
    assert not [key for key in KEYS.values() if key in json.dumps(document)]


def test_odd_names_are_one_line_each() -> None:
    """A name of the file that holds marks of a terminal, or is very long, stays one line that shows them, cut."""
    text = mission_text().replace("name: code generation", r'name: "code\u202e"')
    facts = ready(text=text)
    assert any("code\\u202e" in line for line in facts.lines())
    odd = msgspec.structs.replace(facts, models=("a\x1b[31m\nb" * 1_000,))
    assert all(line.isprintable() and len(line) <= 4_096 for line in odd.lines())
