"""Requests of the page: served like any other, and asked for by nobody but the page."""

from __future__ import annotations

import json
from collections.abc import Mapping

import httpx2
import pytest

from tests.running import CODE, KEYS, A, B, Running, mission_text, question, running

TOKEN = "admin-token-0123456789"
OWN = {"content-type": "application/json", "x-plano-ui": "1"}


def play(gateway: Running, path: str, fields: Mapping[str, str] = OWN) -> httpx2.Response:
    """The answer to a request of the playground."""
    url = f"http://127.0.0.1:{gateway.app.admin.port}{path}"
    with httpx2.Client(trust_env=False, timeout=20) as client:
        return client.post(url, content=json.dumps(question()).encode(), headers=dict(fields))


def test_deciding_spends_nothing(gateway: Running) -> None:
    """Scores and ranking, with the reasons; no model is called."""
    decision = play(gateway, "/admin/decide").json()
    assert (decision["models"], decision["route"]) == ([A, B], CODE)
    assert [each["model"] for each in decision["explanation"]["candidates"]] == [A, B]
    assert gateway.sent_models == []


def test_running_is_a_request_like_any_other(gateway: Running) -> None:
    """It is answered by a model, counted and recorded under the path of its endpoint."""
    answer = play(gateway, "/admin/run")
    assert answer.json()["choices"][0]["message"]["content"]
    assert answer.headers["x-plano-model"] == A
    (record,) = gateway.admin("/admin/records").json()["records"]
    assert (record["path"], record["served_by"]) == ("/v1/chat/completions", A)


@pytest.mark.parametrize(
    ("without", "fields"),
    [
        ("x-plano-ui", {}),
        (None, {"sec-fetch-site": "cross-site"}),
        (None, {"sec-fetch-site": "same-site"}),
        (None, {"sec-fetch-site": "none"}),
        (None, {"origin": "http://evil.example"}),
        (None, {"origin": "null"}),
        (None, {"origin": "http://["}),
        (None, {"content-type": "text/plain"}),
        (None, {"content-type": "application/x-www-form-urlencoded"}),
    ],
)
@pytest.mark.parametrize("path", ["/admin/decide", "/admin/run"])
def test_another_sites_page(gateway: Running, path: str, without: str | None, fields: dict[str, str]) -> None:
    """A page elsewhere, which the operator's browser has open, runs nothing."""
    sent = {name: value for name, value in {**OWN, **fields}.items() if name != without}
    assert play(gateway, path, sent).status_code in (400, 415)
    assert gateway.sent_models == []
    assert gateway.admin("/admin/records").json()["records"] == []


def test_a_page_here(gateway: Running) -> None:
    """What a browser adds to a request of the page itself."""
    origin = f"http://127.0.0.1:{gateway.app.admin.port}"
    assert play(gateway, "/admin/run", {**OWN, "origin": origin, "sec-fetch-site": "same-origin"}).status_code == 200


def test_leave_is_never_given(gateway: Running) -> None:
    """The question whether another site may ask is answered with no field that says so."""
    answer = gateway.admin("/admin/run", {"origin": "http://evil.example"}, method="OPTIONS")
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_the_admin_token_reaches_no_provider() -> None:
    """A provider with ``passthrough_auth`` is sent the caller's key; the token of the page is none."""
    text = mission_text().replace(f"access_key: ${next(iter(KEYS))}", "passthrough_auth: true")
    assert "passthrough_auth" in text
    with running(f"{text}\nadmin: {{token: {TOKEN}}}\n") as gateway:
        answer = play(gateway, "/admin/run", {**OWN, "authorization": f"Bearer {TOKEN}", "x-api-key": TOKEN})
        assert answer.status_code == 200
        assert TOKEN not in repr([call.fields for call in gateway.mock.calls])


def test_without_the_token() -> None:
    """Nothing runs."""
    with running(f"{mission_text()}\nadmin: {{token: {TOKEN}}}\n") as gateway:
        assert play(gateway, "/admin/run").status_code == 401
        assert gateway.sent_models == []
