"""What ``plano up`` says: facts, a line each."""

from __future__ import annotations

import json
import shlex

from plano.cli.banner import banner
from plano.config.load import load_text
from tests.running import KEYS, mission_text


def lines(more: str = "", *, admin: str | None = "127.0.0.1:12001") -> dict[str, str]:
    """The lines by their first word."""
    settings = load_text(f"{mission_text()}\n{more}", KEYS)
    said = list(banner(settings, ports=(12000,), admin=admin))
    return {line.split()[0]: line for line in said}


def test_every_fact() -> None:
    """Where it listens, where to look, models, routes, prices, callers; no key."""
    said = lines()
    assert "http://127.0.0.1:12000/v1" in said["API"]
    assert "http://127.0.0.1:12001/ui/" in said["UI"]
    assert "openai/gpt-4o-mini (default)" in said["models"]
    assert "code generation (2 models)" in said["routes"]
    assert "3 of 3 known" in said["prices"]
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


def test_keys_of_callers() -> None:
    """How many, not which."""
    assert "1 with keys" in lines("callers: {keys: {team: caller-key-0123456789}}")["callers"]
