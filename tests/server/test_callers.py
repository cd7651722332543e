"""Callers' keys: asked for where they are configured, never passed on."""

from __future__ import annotations

import pytest

from plano.config.load import load_text
from plano.domain.secret import Secret
from plano.server.callers import Callers
from tests.running import KEYS, B, mission_text, question, running

KEY = "caller-key-0123456789"
TEXT = mission_text() + f"\ncallers: {{keys: {{team: {KEY}}}}}\n"


@pytest.mark.parametrize(
    ("fields", "is_admitted"),
    [
        ({"authorization": f"Bearer {KEY}"}, True),
        ({"authorization": f"bearer  {KEY} "}, True),
        ({"x-api-key": KEY}, True),
        ({"authorization": f"Basic {KEY}"}, False),
        ({"authorization": f"Bearer {KEY}x"}, False),
        ({"authorization": f"Bearer {KEY[:-1]}"}, False),
        ({"authorization": "Bearer "}, False),
        ({"x-api-key": ""}, False),
        ({}, False),
    ],
)
def test_who_is_admitted(fields: dict[str, str], is_admitted: bool) -> None:
    """Exactly those with a known key; everybody where no key is configured."""
    assert Callers([Secret("another"), Secret(KEY)]).admit(fields) is is_admitted
    assert Callers([]).admit(fields)


def test_endpoints_need_a_key() -> None:
    """Every path but health and readiness answers 401 without one, unknown paths too; nobody is called."""
    assert load_text(TEXT, KEYS).callers
    with running(TEXT) as gateway:
        refused = [
            gateway.chat(question()),
            gateway.decide(question()),
            gateway.get("/v1/models"),
            gateway.get("/nope"),
        ]
        assert {(one.status_code, one.json()["error"]["code"]) for one in refused} == {(401, "unauthorized")}
        assert gateway.get("/healthz").status_code == gateway.get("/readyz").status_code == 200
        assert not gateway.mock.calls
        assert gateway.chat(question(), {"authorization": f"Bearer {KEY}"}).status_code == 200


def test_a_gateways_key_is_not_passed_on() -> None:
    """A key of this gateway is no provider's key: it does not go upstream, also with ``passthrough_auth``."""
    text = TEXT.replace("gpt-4o\n    access_key: $OPENAI_API_KEY", "gpt-4o\n    passthrough_auth: true", 1)
    with running(text) as gateway:
        headers = {"authorization": f"Bearer {KEY}", "x-plano-routing": "off"}
        assert gateway.chat(question(model=B), headers).status_code == 200
        assert KEY not in str(gateway.mock.calls[-1].fields)
