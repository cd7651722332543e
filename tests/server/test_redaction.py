"""A key that callers send in the wrong place is shown nowhere."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from plano.config.load import load_text
from plano.server.redaction import redactor_of
from tests.observe.traces.receiver import receiving
from tests.running import ASK, KEYS, NO_CERTIFICATES, A, C, Running, mission_text, question, running

OWN = KEYS["OPENAI_API_KEY"]
FOREIGN = "sk-proj-0123456789abcdef"
CHAT, DECIDE = "/v1/chat/completions", "/routing/v1/chat/completions"
WILDCARD = "\n  - model: mock/*\n    base_url: http://127.0.0.1:9\n    provider_interface: openai"
CONTENT = "observability: {record_content: true}\n"


def post(gateway: Running, path: str, body: dict[str, Any], fields: dict[str, str] | None = None) -> None:
    """Asks; what whoever sent a key is answered may hold it."""
    with httpx2.Client(trust_env=False, timeout=20, verify=NO_CERTIFICATES) as client:
        client.post(gateway.url + path, json=body, headers=fields or {})


def send(gateway: Running, key: str) -> None:
    """Requests with a key in their path, id, model, prompt and in a field that is shown."""
    post(gateway, f"/v1/{key}", {})
    post(gateway, CHAT, question(), {"x-request-id": key, "x-acme-note": f"my key is {key}"})
    post(gateway, DECIDE, question(model=key))
    post(gateway, DECIDE, question(messages=[{"role": "user", "content": f"what is {key}?"}]))


@pytest.mark.parametrize("key", [OWN, FOREIGN])
def test_nowhere(key: str) -> None:
    """Neither in the log, the records, the metrics nor the spans, also where prompts are kept."""
    with receiving() as receiver:
        tracing = f"opentracing_grpc_endpoint: '{receiver.url}', span_attributes: {{header_prefixes: [x-acme-]}}"
        with running(f"{mission_text()}\ntracing: {{{tracing}}}\n{CONTENT}") as gateway:
            send(gateway, key)
            shown = {path: gateway.admin(path).text for path in ("/admin/records", "/metrics", "/admin/state")}
            shown["spans"] = json.dumps([(each.name, each.attributes) for each in receiver.spans(10)])
            shown["log"] = gateway.log.getvalue()
    assert [where for where, text in shown.items() if key in text] == []
    assert [where for where in ("/admin/records", "spans", "log") if "***" not in shown[where]] == []


def test_a_configured_key_in_the_name_of_a_model_or_route() -> None:
    """Also where such a model can be asked, or such a route is the caller's own."""
    with running(f"{mission_text().replace('model_providers:', 'model_providers:' + WILDCARD)}") as gateway:
        post(gateway, CHAT, question(model=f"mock/{OWN}"), {"x-plano-routing": "off"})
        gateway.classifier.answers = {ASK: f"route {OWN}"}
        preference = {"name": f"route {OWN}", "description": "d", "models": [A, f"mock/{OWN}"]}
        post(gateway, DECIDE, question(routing_preferences=[preference]))
        shown = [gateway.admin(path).text for path in ("/admin/records", "/metrics", "/admin/state", "/admin/series")]
        shown.append(gateway.log.getvalue())
    assert [text for text in shown if OWN in text] == []


def test_what_is_known_of_a_configuration() -> None:
    """Keys of providers, callers and of the admin listener, configured fields, the password of a store."""
    text = mission_text() + (
        "callers: {keys: {a: caller-key-0123456789}}\n"
        "admin: {token: admin-token-0123456789}\n"
        "routing: {session_cache: {type: redis, url: 'redis://:store-pass-012345@127.0.0.1/0'}}\n"
    )
    redactor = redactor_of(load_text(text, KEYS))
    secrets = (*KEYS.values(), "caller-key-0123456789", "admin-token-0123456789")
    assert {redactor.name(secret) for secret in secrets} == {"***"}
    assert "store-pass-012345" not in redactor.name("redis://:store-pass-012345@127.0.0.1/0")
    assert redactor.text(C) == C
