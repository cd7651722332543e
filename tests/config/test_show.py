"""``plano config show``: effective values, never a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from plano.config.settings import Settings
from plano.config.show import sha, show
from plano.domain.secret import Secret

Settled = Callable[[str], Settings]
EVERYTHING = (Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8")


def test_shape(settled: Settled, mission: str) -> None:
    """The values stand in the shape of the file, defaults filled in; keys are a variable's name and a fingerprint."""
    shown = show(settled(mission))
    providers = shown["model_providers"]
    assert isinstance(providers, list)
    assert providers[0] == {
        "model": "anthropic/claude-sonnet-4-20250514",
        "access_key": f"$ANTHROPIC_API_KEY (fingerprint {Secret('sk-ant-test-a').fingerprint})",
        "default": False,
        "passthrough_auth": False,
        "metering": "estimated",
    }
    assert shown["version"] == "v0.4.0"
    assert isinstance(shown["routing"], dict)
    assert shown["routing"]["session_ttl_seconds"] == 600


def test_digest(settled: Settled, one_model: str) -> None:
    """It is that of the values: a comment or another order of keys change nothing, a value does."""
    first = sha(settled(one_model))
    assert sha(settled(f"# a note\n\n{one_model}")) == first
    assert sha(settled(f"{one_model}listeners: [{{port: 12000}}]\n")) != sha(
        settled(f"{one_model}listeners: [{{port: 1}}]\n")
    )
    assert len(first) == 64


def test_origins(settled: Settled, one_model: str) -> None:
    """Each value says where it comes from: a line, a variable, or the default."""
    shown = show(settled(f"{one_model}listeners:\n  - port: ${{CALLER_PORT:-12005}}\n"), origins=True)
    assert shown["version"] == {"value": "v0.4.0", "origin": "plano.yaml:1"}
    listeners = shown["listeners"]
    assert isinstance(listeners, list)
    assert isinstance(listeners[0], dict)
    assert listeners[0]["port"] == {"value": 12_005, "origin": "plano.yaml:6 (env CALLER_PORT)"}
    assert listeners[0]["timeout"] == {"value": 300.0, "origin": "default"}


def test_secrets_are_not_shown(settled: Settled) -> None:
    """No value of a variable and nothing under a secret key is shown, wherever it stands."""
    text = json.dumps(show(settled(EVERYTHING), origins=True))
    for secret in ("caller-key-0", "sk-test-o"):
        assert secret not in text
    assert "$CALLER_KEY (fingerprint" in text


def test_literal_secrets_are_not_shown(settled: Settled, one_model: str) -> None:
    """A literal key is a fingerprint; a password in a URL, and what looks like a key, are stars."""
    text = one_model.replace("$OPENAI_API_KEY", "sk-literal-123") + (
        "    headers: {X-Note: sk-literal-456}\n"
        "routing: {session_cache: {type: redis, url: 'redis://:pineapple@127.0.0.1:6379'}}\n"
    )
    shown = json.dumps(show(settled(text)))
    assert "literal (fingerprint" in shown
    assert "redis://***@127.0.0.1:6379" in shown
    for secret in ("sk-literal", "pineapple"):
        assert secret not in shown


def test_it_is_plain_data(settled: Settled) -> None:
    """Everything can be written as JSON, names of aliases and headers included."""
    shown = json.loads(json.dumps(show(settled(EVERYTHING))))
    assert shown["model_aliases"] == {"fast": {"target": "openai/gpt-4o"}}
    assert shown["model_providers"][0]["headers"] == {"X-Team": "search"}
    assert shown["routing_preferences"][0]["models"] == ["openai/gpt-4o", "acme/m1"]
