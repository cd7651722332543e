"""What answers cost and took: told, counted, and learned from; the same for whole and streamed answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from plano.mock.behaviour import Pace
from tests.running import CODE, A, B, Running, mission_text, question, running

PRICES = f"""
pricing:
  {A}: {{input: 3, output: 15}}
  {B}: {{input: 2.5, output: 10}}
"""
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}


@pytest.fixture
def priced() -> Iterator[Running]:
    """A gateway with two prices of the file, whose first route prefers the fastest model."""
    text = mission_text().replace("    models:", "    selection_policy: {prefer: fastest}\n    models:", 1)
    with running(text + PRICES) as one:
        yield one


def flushed(one: Running) -> None:
    """What waits for the sweep is handed on, and the board is swept."""

    async def sweep() -> None:
        one.app._journal.flush()
        one.app._decider.gateway.sweep()

    one.run(sweep)


def kept(one: Running) -> dict[str, Any]:
    """The latest record."""
    return dict(one.admin("/admin/records?limit=1").json()["records"][0])


def test_the_cost_of_a_whole_answer(priced: Running) -> None:
    """In the answer's field, the record, the log and the metric: tokens that the provider counted, times its price."""
    answer = priced.chat(question())
    usage = answer.json()["usage"]
    cost = (usage["prompt_tokens"] * 3 + usage["completion_tokens"] * 15) / 1e6
    assert float(answer.headers["x-plano-cost-usd"]) == pytest.approx(cost, abs=1e-10)
    record = kept(priced)
    assert record["cost_usd"] == pytest.approx(cost, abs=1e-10)
    assert record["usage"]["output_tokens"] == usage["completion_tokens"]
    assert record["whole_s"] > 0
    assert json.loads(priced.log.getvalue().splitlines()[-1])["cost_usd"] == pytest.approx(cost, abs=1e-10)
    metrics = priced.admin("/metrics").text
    assert f'plano_llm_tokens_total{{model="{A}",kind="completion"}} {usage["completion_tokens"]}' in metrics
    (line,) = [line for line in metrics.splitlines() if line.startswith("plano_llm_cost_usd_total{")]
    assert float(line.rpartition(" ")[2]) == pytest.approx(cost)


def test_a_stream_costs_the_same(priced: Running) -> None:
    """The same words streamed have the same usage and the same cost; the head went out before it was known."""
    priced.chat(question())
    whole = kept(priced)
    answer = priced.chat(question(**STREAMED))
    streamed = kept(priced)
    assert "x-plano-cost-usd" not in answer.headers
    assert (streamed["cost_usd"], streamed["usage"]) == (whole["cost_usd"], whole["usage"])
    assert 0 < streamed["first_content_s"] <= streamed["whole_s"]


def test_unknown_is_a_question_mark(priced: Running) -> None:
    """A model without a price costs neither 0 nor anything else."""
    text = mission_text() + "model_metrics_sources: [{type: cost, provider: models.dev, url: 'http://127.0.0.1:9'}]\n"
    with running(text, fetch=Elsewhere()) as one:
        assert one.chat(question()).headers["x-plano-cost-usd"] == "?"


def test_a_stream_that_nobody_counted_is_estimated(priced: Running) -> None:
    """Record and log have tokens and cost, marked as estimated; metrics count the tokens of providers alone."""
    text = priced.chat(question(stream=True)).text
    record, line = kept(priced), json.loads(priced.log.getvalue().splitlines()[-1])
    usage = record["usage"]
    words = text.count('"content":') - text.count('"content":""')
    assert usage["is_estimated"]
    assert 0 <= usage["output_tokens"] - words <= 1
    assert usage["input_tokens"] > 0
    cost = (usage["input_tokens"] * 3 + usage["output_tokens"] * 15) / 1e6
    assert record["cost_usd"] == line["cost_usd"] == pytest.approx(cost, abs=1e-10)
    assert line["is_estimated"] is True
    metrics = priced.admin("/metrics").text
    assert f'plano_llm_tokens_usage_missing_total{{model="{A}"}} 1' in metrics
    assert "plano_llm_cost_usd_total{" not in metrics
    assert "plano_llm_tokens_total{" not in metrics


class Elsewhere:
    """A source of prices that knows none of the models."""

    async def fetch(self, url: str) -> bytes:
        """Its document."""
        return b'{"p": {"models": {"m": {"cost": {"input": 1, "output": 2}}}}}'


def test_a_refusal_and_a_failure_cost_nothing(priced: Running) -> None:
    """Where there was no good answer, nothing is said of a cost."""
    priced.mock.script(A.partition("/")[2], ["400"])
    assert "x-plano-cost-usd" not in priced.chat(question()).headers
    assert "cost_usd" not in kept(priced)
    assert "cost_usd" not in priced.log.getvalue()


def test_the_model_that_answered_is_charged(priced: Running) -> None:
    """After a fallback the price is that of the second candidate."""
    priced.mock.script(A.partition("/")[2], ["503"])
    answer = priced.chat(question())
    usage = answer.json()["usage"]
    cost = (usage["prompt_tokens"] * 2.5 + usage["completion_tokens"] * 10) / 1e6
    assert float(answer.headers["x-plano-cost-usd"]) == pytest.approx(cost, abs=1e-10)


def test_latencies_are_learned_from_traffic(priced: Running) -> None:
    """Before any measurement the author's order; afterwards the measured one is in the explanation, with its age."""
    assert priced.decide(question()).json()["models"] == [A, B]
    priced.mock.pace = Pace(latency_s=0.05)
    priced.chat(question(**STREAMED))
    flushed(priced)
    explained = priced.decide(question(), query="?explain=1").json()["explanation"]
    latency = {each["model"]: each["latency_s"] for each in explained["candidates"]}
    assert latency[B] is None
    assert (latency[A]["source"], latency[A]["value"] >= 0.05, latency[A]["age_s"] >= 0) == ("measured", True, True)


def test_lengths_are_learned_from_traffic(priced: Running) -> None:
    """After five answers of a route the explanation has its expected length, and what this request would cost."""
    for _ in range(5):
        priced.chat(question())
    flushed(priced)
    tokens = kept(priced)["usage"]["output_tokens"]
    explained = priced.decide(question(), query="?explain=1").json()["explanation"]
    expected = explained["candidates"][0]["expected"]
    assert expected["output_tokens"] == tokens
    assert expected["usd"] > 0
    assert explained["prefer"] == "fastest"
    assert priced.decide(question()).json()["route"] == CODE
