"""What only shows after weeks, or after the second configuration."""

from __future__ import annotations

import pytest

from plano.domain.usage import Served, Usage
from plano.server.reloading import Reloader
from plano.signals.latencies import MeasuredLatencies
from tests.running import Running, mission_text, question

DAY_S = 86_400.0


@pytest.mark.parametrize("days", [1.0, 22.0, 365.0, 36_500.0])
def test_a_model_that_nobody_asked_for_weeks(days: float) -> None:
    """Its next answer could not be learned, nor any after it: the weight of a sample had become no number."""
    measured = MeasuredLatencies()
    measured.learn(Served("p/m", None, 10, Usage(1, 20), 0.5, 1.0), 0.0)
    measured.learn(Served("p/m", None, 10, Usage(1, 20), 2.0, 3.0), days * DAY_S)
    assert measured.quantiles("p/m", (0.5, 0.99)) == pytest.approx((2.0, 2.0), rel=0.02)


def test_tokens_are_counted_under_the_new_configuration(gateway: Running) -> None:
    """The counting of tokens went on with the models, and with the keys, that the gateway was started with."""
    name = "openai/gpt-new"
    asked = {**question(), "model": name, "max_tokens": 5}
    assert gateway.post("/v1/messages/count_tokens", asked).status_code == 404
    row = f"model_providers:\n  - model: {name}\n    access_key: new-key\n"
    text = mission_text().replace("model_providers:\n", row)
    assert gateway.run(Reloader(gateway.app, lambda: gateway.settings(text), log=gateway.app._log).reload) is None
    assert gateway.post("/v1/messages/count_tokens", asked).status_code == 200
