"""Ranking, prices and latencies. Numbers are those of the acceptance cases."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.acceptance.hosts import Answer, Host, host, said
from tests.acceptance.stand import Stand, stand
from tests.running import CODE, A, B, C, mission_text

PX = {A: (3, 15, 0.3), B: (2.5, 10, 1.25), C: (0.15, 0.6, 0.075)}
LX = {A: "2.0", B: "0.8", C: "0.4"}
SONNET = A.partition("/")[2]


def models_dev(prices: Mapping[str, tuple[float, ...]]) -> dict[str, Any]:
    """A document in the form of models.dev."""
    found: dict[str, Any] = {}
    for name, (given, made, *cached) in prices.items():
        provider, _, ident = name.partition("/")
        cost = {"input": given, "output": made, **({"cache_read": cached[0]} if cached else {})}
        found.setdefault(provider, {"models": {}})["models"][ident] = {"id": ident, "cost": cost}
    return found


def vector(values: Mapping[str, str]) -> dict[str, Any]:
    """An answer of Prometheus."""
    series = [{"metric": {"model_name": name}, "value": [1_755_600_000, value]} for name, value in values.items()]
    return {"status": "success", "data": {"resultType": "vector", "result": series}}


@contextmanager
def ranked(
    models: list[str],
    policy: str,
    *,
    prices: Any = None,
    latencies: Any = None,
    more: str = "",
    every: int | None = None,
) -> Iterator[tuple[Stand, Host]]:
    """A stand whose code route has these models and this policy; and its source."""
    route = f"  - {{name: {CODE}, description: d, models: {json.dumps(models)}, selection_policy: {{{policy}}}}}"
    text = mission_text().partition("routing_preferences:")[0]
    for name in models:
        if f"model: {name}\n" not in text:
            text += f"  - {{model: {name}, access_key: k}}\n"
    text += f"routing_preferences:\n{route}\n"
    with ExitStack() as stack:
        cost = stack.enter_context(host(lambda _: prices if isinstance(prices, Answer) else said(prices)))
        slow = stack.enter_context(host(lambda _: said(latencies)))
        again = f", refresh_interval: {every}" if every else ""
        sources = []
        if prices is not None:
            sources.append(f"  - {{type: cost, provider: models.dev, url: '{cost.url}'{again}{more}}}")
        if latencies is not None:
            sources.append(f"  - {{type: latency, provider: prometheus, url: '{slow.url}/', query: ttft{again}}}")
        section = "\n".join(("model_metrics_sources:", *sources)) if sources else ""
        yield stack.enter_context(stand(text=text, more=section)), cost if prices is not None else slow


def order(f: Stand) -> list[str]:
    """``models`` of D."""
    found: list[str] = f.d().json()["models"]
    return found


def candidates(f: Stand) -> dict[str, dict[str, Any]]:
    """The candidates of the explanation, by model."""
    return {one["model"]: one for one in f.d(query="?explain=1").json()["explanation"]["candidates"]}


CHEAP, FAST = "prefer: cheapest", "prefer: fastest"
ALL = [A, B, C]
WITHOUT_B = {name: price for name, price in PX.items() if name != B}


@pytest.mark.parametrize(
    ("models", "policy", "prices", "latencies", "wanted"),
    [
        (ALL, CHEAP, models_dev(PX), None, [C, B, A]),
        (ALL, FAST, None, vector(LX), [C, B, A]),
        ([A, B], FAST, None, vector({A: "0.2", B: "0.12"}), [B, A]),
        ([B, A, C], CHEAP, models_dev(WITHOUT_B), None, [C, A, B]),
        (ALL, CHEAP, models_dev({"x/y": (1, 1)}), None, ALL),
        ([A, B, C, "openai/gpt-4.1"], FAST, None, vector({A: "NaN", B: "0.5", C: "0.1"}), [C, B, A, "openai/gpt-4.1"]),
        (ALL, CHEAP, models_dev({A: (5, 10), B: (10, 5), C: (20, 20)}), None, [A, B, C]),
        (ALL, "prefer: none", models_dev(PX), None, ALL),
        (ALL, "", models_dev(PX), None, ALL),
        (ALL, "prefer: balanced, weights: {cost: 1, latency: 0}", models_dev(PX), vector(LX), [C, B, A]),
        (ALL, "prefer: balanced, weights: {cost: 0, latency: 1}", models_dev(PX), vector(LX), [C, B, A]),
        (ALL, "max_usd_per_mtok: 13", models_dev(PX), None, [B, C]),
        (ALL, "max_ttft_s: 1.0", None, vector(LX), [B, C]),
    ],
)
def test_164_order(models: list[str], policy: str, prices: Any, latencies: Any, wanted: list[str]) -> None:
    """164 to 170, 175 to 177. Known before unknown, ties and unknown ones in the author's order."""
    with ranked(models, policy, prices=prices, latencies=latencies) as (f, _):
        assert order(f) == wanted


def test_025_everything_is_told() -> None:
    """25, 176, 177. Each number with source and age, each rank, each reason."""
    with ranked(ALL, f"{CHEAP}, max_usd_per_mtok: 13", prices=models_dev(PX), latencies=vector(LX)) as (f, _):
        told = candidates(f)
        assert (told[C]["rank"], told[B]["rank"]) == (1, 2)
        assert told[A]["reason"] == "over_max_usd_per_mtok"
        for one in told.values():
            for number in (one["price_usd_per_mtok"], one["latency_s"]):
                assert number["value"] is not None
                assert number["source"]
                assert number["age_s"] >= 0
        explanation = f.d(query="?explain=1").json()["explanation"]
        assert "write a sorting algorithm in Python" in explanation["text"]
    with ranked(ALL, "max_ttft_s: 1.0", latencies=vector(LX)) as (f, _):
        assert candidates(f)[A]["reason"] == "over_max_ttft_s"


def test_167_unknown_is_null() -> None:
    """167. A price that nobody knows is null."""
    with ranked(ALL, CHEAP, prices=models_dev({"x/y": (1, 1)})) as (f, _):
        assert [one["price_usd_per_mtok"] for one in candidates(f).values()] == [None] * 3


def test_171_inline_policy() -> None:
    """171, 172. The same policy inline; without a source the shipped prices."""
    with ranked(ALL, "prefer: none", prices=models_dev(PX)) as (f, _):
        entry = {"name": CODE, "description": "d", "models": ALL, "selection_policy": {"prefer": "cheapest"}}
        assert f.d(routing_preferences=[entry]).json()["models"] == [C, B, A]
    with stand() as f:
        told = f.d(query="?explain=1", routing_preferences=[entry]).json()
        assert told["models"][0] == C
        assert {one["price_usd_per_mtok"]["source"] for one in told["explanation"]["candidates"]} == {"catalog"}


def test_173_own_measurements() -> None:
    """173. Without a source of latencies, and before any measurement, the author's order."""
    with ranked(ALL, FAST) as (f, _):
        assert order(f) == ALL


def test_178_ceiling_excludes_all() -> None:
    """178, 179. The route stays, the requested model is called; an unknown price is not over any ceiling."""
    with ranked(ALL, "max_usd_per_mtok: 0.1", prices=models_dev(PX)) as (f, _):
        decision = f.d().json()
        assert (decision["route"], decision["models"]) == (CODE, [C])
    with ranked(ALL, "prefer: cheapest, max_usd_per_mtok: 13", prices=models_dev(WITHOUT_B)) as (f, _):
        told = candidates(f)
        assert order(f) == [C, B]
        assert told[B]["price_usd_per_mtok"] is None


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        (models_dev({B: (5, 25)}), [B, A]),
        (models_dev({B: (-1, 25)}), [A, B]),
        ({"openai": {"models": {"gpt-4o": {"cost": None}}}}, [A, B]),
        ({"openai": {"models": {"gpt-4o": {"cost": {"input": 1}}}}}, [A, B]),
    ],
)
def test_184_half_prices(document: dict[str, Any], wanted: list[str]) -> None:
    """184, 185. Half a price, or an impossible one, is none."""
    with ranked([A, B], CHEAP, prices=document) as (f, _):
        assert order(f) == wanted


def test_186_aliases() -> None:
    """186. A price stands under the name that the file gives it."""
    aliases = ", model_aliases: {'openai/gpt-oss-120b': 'openai/gpt-4o'}"
    with ranked([A, B], CHEAP, prices=models_dev({"openai/gpt-oss-120b": (1, 1)}), more=aliases) as (f, _):
        assert order(f) == [B, A]
        assert candidates(f)[B]["price_usd_per_mtok"]["value"] == 2


def test_190_address(f: Stand) -> None:
    """190. One slash between the address and the path."""
    with ranked(ALL, FAST, latencies=vector(LX)) as (_, source):
        assert re.match(r"/api/v1/query(\?|$)", source.calls[0].path)


@pytest.mark.parametrize(
    "answer",
    [
        said({}, 500),
        said(models_dev({A: (0.01, 0.01), C: (99, 99)}), 404),
        Answer(302, b"", {"location": "/elsewhere"}),
        Answer(body=b'{"openai": {'),
        Answer(),
    ],
)
def test_193_failed_refresh(answer: Answer) -> None:
    """193. The last good prices stay, with their age, and the failure is logged."""
    with ranked(ALL, CHEAP, prices=models_dev(PX), every=1) as (f, source):
        assert order(f) == [C, B, A]
        source.usual = lambda _: answer
        seen = len(source.calls)
        limit = time.monotonic() + 30
        while len(source.calls) < seen + 2 and time.monotonic() < limit:
            time.sleep(0.05)
        assert order(f) == [C, B, A]
        told = candidates(f)[A]["price_usd_per_mtok"]
        assert told["value"] == 18
        assert told["age_s"] >= 1
        assert "models.dev" in f.log.getvalue()


def test_194_recovered() -> None:
    """192, 194. A source that is not there at the start does not stop it; what it says later counts."""
    with ranked(ALL, CHEAP, prices=said({}, 500), every=1) as (f, source):
        assert f.get("/readyz").status_code == 200
        source.usual = lambda _: said(models_dev(PX))
        limit = time.monotonic() + 30
        while order(f) != [C, B, A] and time.monotonic() < limit:
            time.sleep(0.05)
        assert order(f) == [C, B, A]
