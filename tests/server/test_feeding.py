"""Live prices and latencies in a running gateway: heard, kept over failures and restarts, and honest about both."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from plano.catalog.kept import KeptPrices
from plano.errors import FeedError
from plano.server.feeding import Feeding
from tests.running import A, B, Running, mission_text, question, running

PRICES_URL, SERVER = "http://127.0.0.1:9/api.json", "http://127.0.0.1:9"
COST = f"{{type: cost, provider: models.dev, url: '{PRICES_URL}', refresh_interval: 3600}}"
LATENCY = f"{{type: latency, provider: prometheus, url: '{SERVER}/', query: 'avg(x)', refresh_interval: 3600}}"


def priced(**usd: tuple[float, float]) -> bytes:
    """A document of models.dev: by id, prices of input and output."""
    providers = {"claude-sonnet-4-20250514": "anthropic", "gpt-4o": "openai", "gpt-4o-mini": "openai"}
    document: dict[str, Any] = {"anthropic": {"models": {}}, "openai": {"models": {}}}
    for name, (given, taken) in usd.items():
        model_id = {"a": "claude-sonnet-4-20250514", "b": "gpt-4o"}[name]
        document[providers[model_id]]["models"][model_id] = {"cost": {"input": given, "output": taken}}
    return json.dumps(document).encode()


def timed(**seconds: str) -> bytes:
    """An answer of Prometheus."""
    named = {"a": A, "b": B}
    result = [{"metric": {"model_name": named[one]}, "value": [0, value]} for one, value in seconds.items()]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


CROWD = json.dumps({"p": {"models": {str(n): {"cost": {"input": 1, "output": 1}} for n in range(60_000)}}}).encode()
"""More models than a source may have."""


class Source:
    """Answers as ``body`` says; an exception is raised."""

    def __init__(self, body: bytes | Exception) -> None:
        self.body = body
        self.urls: list[str] = []

    async def fetch(self, url: str) -> bytes:
        self.urls.append(url)
        if isinstance(self.body, Exception):
            raise self.body
        return self.body


def configured(prefer: str, sources: str, folder: Path | None = None) -> str:
    """The examples' configuration whose first route prefers so."""
    text = mission_text().replace("    models:", f"    selection_policy: {{prefer: {prefer}}}\n    models:", 1)
    state = "" if folder is None else f"overrides: {{state_dir: '{folder}'}}\n"
    return f"{text}\nmodel_metrics_sources: [{sources}]\n{state}"


def candidates(one: Running) -> dict[str, dict[str, Any]]:
    """The candidates of a decision, by model."""
    explained = one.decide(question(), query="?explain=1").json()["explanation"]
    return {each["model"]: each for each in explained["candidates"]}


def refresh(one: Running) -> None:
    """Asks the only source now, and lets the board be swept."""

    async def again() -> None:
        await one.app._feeding.refreshers[0].refresh()
        one.app._decider.gateway.sweep()

    one.run(again)


def test_prices_of_a_source_rank() -> None:
    """From the first request on; and the next document replaces all of the first."""
    source = Source(priced(a=(1, 1), b=(2, 2)))
    with running(configured("cheapest", COST), fetch=source) as one:
        assert one.decide(question()).json()["models"] == [A, B]
        source.body = priced(b=(2, 2))
        refresh(one)
        assert one.decide(question()).json()["models"] == [B, A]
        assert candidates(one)[A]["price_usd_per_mtok"] is None


@pytest.mark.parametrize(
    "failure",
    [
        *(FeedError("it answered with status 500"), b"<html>", b"", priced(a=(1, 1))[:-9], priced(), priced(a=(-1, 1))),
        *(priced(a=(1, 1)).replace(b"1", b"NaN"), CROWD),
    ],
    ids=["500", "html", "nothing", "half", "no prices", "negative", "nan", "too many models"],
)
def test_a_failed_refresh_keeps_the_prices_and_says_so(failure: bytes | Exception) -> None:
    """Whatever comes instead of good prices: the old ones rank on, and it is said in four places."""
    source = Source(priced(a=(1, 1), b=(2, 2)))
    with running(configured("cheapest", COST), fetch=source) as one:
        source.body = failure
        refresh(one)
        refresh(one)
        assert one.decide(question()).json()["models"] == [A, B]
        price = candidates(one)[A]["price_usd_per_mtok"]
        assert (price["value"], price["source"], price["is_stale"]) == (2.0, "models.dev", True)
        ready = one.get("/readyz")
        (note,) = ready.json()["notes"]
        assert (ready.status_code, note.startswith("feed models.dev: ")) == (200, True)
        assert 'plano_feed_failures_total{feed="models.dev"} 2' in one.admin("/metrics").text
        source.body = priced(b=(1, 1))
        refresh(one)
        assert one.get("/readyz").json()["notes"] == []
        events = [json.loads(line)["event"] for line in one.log.getvalue().splitlines()]
        assert [event for event in events if event != "request"] == ["feed_failed", "feed_recovered"]


def test_a_source_that_is_away_at_the_start() -> None:
    """The gateway starts, is ready, says so, and ranks by the shipped prices until the source speaks; not after."""
    source = Source(FeedError("it could not be reached"))
    with running(configured("cheapest", COST), fetch=source) as one:
        assert candidates(one)[A]["price_usd_per_mtok"]["source"] == "catalog"
        ready = one.get("/readyz")
        assert (ready.status_code, ready.json()["notes"]) == (200, ["feed models.dev: it could not be reached"])
        source.body = priced(b=(1, 1))
        refresh(one)
        assert candidates(one)[A]["price_usd_per_mtok"] is None
        assert candidates(one)[B]["price_usd_per_mtok"]["source"] == "models.dev"


class Hanging:
    """Says nothing until it is let go, then ``body``."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.go = threading.Event()

    async def fetch(self, url: str) -> bytes:
        while not self.go.is_set():  # noqa: ASYNC110 - let go from another thread
            await asyncio.sleep(0.01)
        return self.body


def test_a_source_that_hangs_holds_up_no_start() -> None:
    """The gateway listens before it answers, says that it waits, and takes the numbers when they come."""
    source = Hanging(priced(a=(2, 2), b=(1, 1)))
    with running(configured("cheapest", COST), fetch=source) as one:
        assert one.decide(question()).status_code == 200
        (note,) = one.get("/readyz").json()["notes"]
        assert note.startswith("feed models.dev: it has not answered yet")
        source.go.set()
        until = time.monotonic() + 20
        while candidates(one)[B]["price_usd_per_mtok"]["source"] != "models.dev" and time.monotonic() < until:
            time.sleep(0.02)
        assert one.decide(question()).json()["models"] == [B, A]
        assert one.get("/readyz").json()["notes"] == []


def test_a_reload_keeps_what_its_sources_said() -> None:
    """A source that stays, and does not answer just now, still counts by what it said to the configuration before."""
    source = Source(priced(a=(2, 2), b=(1, 1)))
    with running(configured("cheapest", COST), fetch=source) as one:
        source.body = FeedError("away")
        renewed = one.settings(configured("cheapest", COST) + "routing: {session_ttl_seconds: 5}\n")
        one.run(lambda: one.app.renew(renewed))
        price = candidates(one)[B]["price_usd_per_mtok"]
        assert (price["source"], one.decide(question()).json()["models"]) == ("models.dev", [B, A])


def test_the_last_good_prices_survive_a_restart(tmp_path: Path) -> None:
    """A gateway that starts while its source is away ranks by what the one before it heard, with its age."""
    with running(configured("cheapest", COST, tmp_path), fetch=Source(priced(a=(2, 2), b=(1, 1)))) as one:
        assert one.decide(question()).json()["models"] == [B, A]
        kept = KeptPrices(str(tmp_path), lambda: 0.0)
        one.run(lambda: _written(one))
        assert kept.read(PRICES_URL) is not None
    with running(configured("cheapest", COST, tmp_path), fetch=Source(FeedError("away"))) as one:
        assert one.decide(question()).json()["models"] == [B, A]
        price = candidates(one)[B]["price_usd_per_mtok"]
        assert (price["source"], price["age_s"] > 0, price["is_stale"]) == ("models.dev", True, True)


async def _written(one: Running) -> None:
    for write in tuple(one.app._feeding._writing):
        await write


def test_latencies_of_prometheus_rank() -> None:
    """By the label of the model; NaN is unknown and comes last. The server is asked once at its own path."""
    source = Source(timed(a="0.2", b="0.1"))
    with running(configured("fastest", LATENCY), fetch=source) as one:
        assert source.urls == [f"{SERVER}/api/v1/query?query=avg%28x%29"]
        assert one.decide(question()).json()["models"] == [B, A]
        source.body = timed(a="0.2", b="NaN")
        refresh(one)
        assert one.decide(question()).json()["models"] == [A, B]
        latency = candidates(one)[A]["latency_s"]
        assert (latency["value"], latency["source"]) == (0.2, "prometheus")
        source.body = b'{"status": "success", "data": {"resultType": "matrix", "result": []}}'
        refresh(one)
        assert one.decide(question()).json()["models"] == [A, B]


def test_two_sources_of_prices() -> None:
    """Each has its own name, and both are asked."""
    other = COST.replace("api.json", "other.json")
    with running(configured("cheapest", f"{COST}, {other}"), fetch=Source(priced(a=(1, 1)))) as one:
        text = one.admin("/metrics").text
        assert 'plano_feed_failing{feed="models.dev"} 0' in text
        assert 'plano_feed_failing{feed="models.dev-2"} 0' in text


def test_a_reload_asks_the_sources_of_the_new_file_and_no_other() -> None:
    """The prices of the new file's source count, and the old one is not asked any more."""
    source = Source(priced(a=(1, 1), b=(2, 2)))
    with running(configured("cheapest", COST), fetch=source) as one:
        old = one.app._feeding
        source.body = priced(a=(2, 2), b=(1, 1))
        renewed = one.settings(configured("cheapest", COST.replace("api.json", "other.json")))
        one.run(lambda: one.app.renew(renewed))
        assert one.decide(question()).json()["models"] == [B, A]
        assert source.urls[-1].endswith("other.json")
        one.run(lambda: _ended(old))


async def _ended(feeding: Feeding) -> None:
    await asyncio.gather(*feeding._tasks, return_exceptions=True)
    assert all(task.cancelled() for task in feeding._tasks)
