"""What only shows after weeks, or after the second configuration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plano.domain.usage import Served, Usage
from plano.server.reloading import Reloader
from plano.signals.latencies import MeasuredLatencies
from tests.running import Running, mission_text, question, running

DAY_S = 86_400.0
KEYED = "callers: {keys: {team: caller-key-0123456789}}\n"


@pytest.mark.parametrize("days", [1.0, 22.0, 365.0, 36_500.0])
def test_a_model_that_nobody_asked_for_weeks(days: float) -> None:
    """Its next answer could not be learned, nor any after it: the weight of a sample had become no number."""
    measured = MeasuredLatencies()
    measured.learn([Served("p/m", None, 10, Usage(1, 20), 0.5, 1.0)], 0.0)
    measured.learn([Served("p/m", None, 10, Usage(1, 20), 2.0, 3.0)], days * DAY_S)
    assert measured.quantiles("p/m", (0.5, 0.99)) == pytest.approx((2.0, 2.0), rel=0.02)


def test_tokens_are_counted_under_the_new_configuration(gateway: Running) -> None:
    """The counting of tokens went on with the models, and with the keys, that the gateway was started with."""
    name = "openai/gpt-new"
    asked = {**question(), "model": name, "max_tokens": 5}
    assert gateway.post("/v1/messages/count_tokens", asked).status_code == 404
    row = f"model_providers:\n  - model: {name}\n    access_key: new-key\n"
    text = mission_text().replace("model_providers:\n", row)
    assert reloaded(gateway, text) is None
    assert gateway.post("/v1/messages/count_tokens", asked).status_code == 200


def reloaded(gateway: Running, text: str) -> str | None:
    """Why the gateway does not take ``text``, None when it has."""
    return gateway.run(Reloader(gateway.app, lambda: gateway.settings(text), log=gateway.app._log).reload)


def test_keys_are_not_dropped_at_an_address_that_stays() -> None:
    """A file that moved the listener to loopback and took its keys away left the old address open to everybody."""
    text = (
        mission_text()
        + "listeners: [{type: model, address: 0.0.0.0}]\ncallers: {keys: {team: caller-key-0123456789}}\n"
    )
    with running(text) as gateway:
        said = reloaded(gateway, mission_text())
        assert said is not None
        assert "anyone could use listener" in said
        assert gateway.decide(question()).status_code == 401
        (note,) = gateway.admin("/admin/state").json()["notes"]
        assert note.startswith("reload refused: ")


def test_an_open_listener_is_told_as_long_as_it_is_one() -> None:
    """The note of the start stayed when the listener was given keys, and was missing when they were taken away."""
    text = mission_text() + "listeners: [{type: model, address: 0.0.0.0, open: true}]\n"
    with running(text) as gateway:
        assert gateway.get("/readyz").json()["notes"] == ["open_listener listener-1"]
        assert reloaded(gateway, text + KEYED) is None
        assert gateway.get("/readyz").json()["notes"] == []


def test_a_restart_is_asked_for_as_long_as_it_is_needed(gateway: Running) -> None:
    """After a second reload nothing needed one; going back to what runs needed one."""
    started = gateway.app._started
    kept = replace(started, overrides=replace(started.overrides, ca_path="/etc/ssl/other.pem"))
    renew = gateway.app.renew
    assert gateway.run(lambda: renew(kept)) == ("overrides.upstream_tls_ca_path",)
    assert gateway.run(lambda: renew(kept)) == ("overrides.upstream_tls_ca_path",)
    assert gateway.run(lambda: renew(started)) == ()
