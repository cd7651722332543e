"""Latencies of a real Prometheus, where one is installed, rank the models of a running gateway."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from plano.errors import FeedError
from plano.upstream.feed_client import FeedClient
from plano.wire.feeds.prometheus import parse_prometheus
from tests.running import A, B, C, Running, mission_text, question, running

SERIES = " or ".join(
    f"label_replace(vector({value}), 'model_name', '{name}', '', '')"
    for name, value in ((A, 0.9), (B, 0.2), (C, "NaN"))
)


@contextmanager
def serving(folder: Path, configuration: str) -> Iterator[str]:
    """The address of a Prometheus under ``configuration``."""
    program = shutil.which("prometheus")
    assert program is not None, "collected only where it is installed: see conftest.py"
    (folder / "prometheus.yml").write_text(configuration)
    with subprocess.Popen(
        [program, "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            address, is_ready = None, False
            for line in process.stderr:
                found = re.search(r"Listening on.*address=(127.0.0.1:[1-9]\d*)", line)
                address = found.group(1) if found else address
                is_ready = is_ready or "ready to receive web requests" in line
                # Two threads of it say the two: either may be first.
                if is_ready and address is not None:
                    break
            yield f"http://{address}"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus without targets: what is asked of it holds the numbers itself."""
    with serving(tmp_path_factory.mktemp("prometheus"), "global: {}\n") as address:
        yield address


def eventually(gateway: Running, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The decision of a gateway whose source need not have answered before it listens, once ``holds``."""
    until = time.monotonic() + 40
    told: dict[str, Any] = {}
    while time.monotonic() < until:
        told = gateway.decide(question(), query="?explain=1").json()
        if holds(told):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def latencies(told: dict[str, Any]) -> dict[str, Any]:
    """Those of the candidates, by model."""
    return {one["model"]: one["latency_s"] for one in told["explanation"]["candidates"]}


def test_its_latencies_rank(prometheus: str) -> None:
    """Its numbers rank from the start, NaN is unknown; a slash at the end of the address does no harm."""
    text = mission_text().replace("    models:", "    selection_policy: {prefer: fastest}\n    models:", 1)
    text = text.replace(f"      - {A}\n      - {B}\n", f"      - {C}\n      - {A}\n      - {B}\n", 1)
    source = f'{{type: latency, provider: prometheus, url: "{prometheus}/", query: "{SERIES}"}}'
    with running(f"{text}\nmodel_metrics_sources: [{source}]\n") as gateway:
        told = eventually(gateway, lambda one: latencies(one)[A] is not None)
        assert told["models"] == [B, A, C]
        found = latencies(told)
        assert (found[A]["value"], found[A]["source"], found[C]) == (0.9, "prometheus", None)
        assert gateway.get("/readyz").json()["notes"] == []


@pytest.mark.parametrize("query", ["vector(", "vector(1)", "vector(1)[1m:1s]", "scalar(vector(1))", '"text"'])
async def test_queries_that_give_no_latencies(prometheus: str, query: str) -> None:
    """A mistake, no label, a range, a scalar, text: refused, so that the old numbers stay."""
    with pytest.raises(FeedError):
        parse_prometheus(await FeedClient().fetch(f"{prometheus}/api/v1/query?{urlencode({'query': query})}"))


class Many(BaseHTTPRequestHandler):
    """Ten thousand models, two of them declared, with values that are no latencies among them."""

    def do_GET(self) -> None:
        """The page that is scraped."""
        odd = ("NaN", "+Inf", "-1", "0")
        lines = [f'ttft_seconds{{model_name="m/{number}"}} {odd[number % 4]}' for number in range(9_998)]
        lines += [f'ttft_seconds{{model_name="{A}"}} 0.7', f'ttft_seconds{{model_name="{B}"}} 0.3', "ttft_seconds 5"]
        body = "".join([f"{line}\n" for line in lines]).encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus that scrapes ``Many``."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Many) as page:
        worker = threading.Thread(target=page.serve_forever, daemon=True)
        worker.start()
        target = f'[{{job_name: m, static_configs: [{{targets: ["127.0.0.1:{page.server_port}"]}}]}}]'
        with serving(tmp_path, f"global: {{scrape_interval: 1s}}\nscrape_configs: {target}\n") as address:
            yield address
        page.shutdown()
        worker.join(10)


def test_ten_thousand_series(crowd: str) -> None:
    """Those of declared models count, and what is no latency costs no other one its place."""
    text = mission_text().replace("    models:", "    selection_policy: {prefer: fastest}\n    models:", 1)
    source = f'{{type: latency, provider: prometheus, url: "{crowd}", query: ttft_seconds, refresh_interval: 1}}'
    with running(f"{text}\nmodel_metrics_sources: [{source}]\n") as gateway:
        told = eventually(gateway, lambda one: latencies(one)[A] is not None)
        assert told["models"] == [B, A]
        assert latencies(told)[A]["value"] == 0.7
        board = gateway.app._decider.board
        assert board.reported is not None
        assert not [name for name in board.reported._said if name.startswith("m/") and int(name[2:]) % 4 != 3]


def test_a_query_that_turns_useless(crowd: str) -> None:
    """A query that turns useless leaves the last good numbers and a note; once it is right again, it counts."""
    text = mission_text().replace("    models:", "    selection_policy: {prefer: fastest}\n    models:", 1)
    source = f'{{type: latency, provider: prometheus, url: "{crowd}", query: ttft_seconds, refresh_interval: 3600}}'
    with running(f"{text}\nmodel_metrics_sources: [{source}]\n") as gateway:
        (refresher,) = gateway.app._feeding.refreshers

        def heard(told: dict[str, Any]) -> bool:
            gateway.run(refresher.refresh)
            return latencies(told)[A] is not None

        eventually(gateway, heard)
        good = refresher.feed
        for query in ("vector(1)", '"text"', "ttft_seconds[5s]"):
            wrong = f"{crowd}/api/v1/query?{urlencode({'query': query})}"
            refresher.feed = replace(good, url=wrong)
            gateway.run(refresher.refresh)
            told = gateway.decide(question(), query="?explain=1").json()
            assert (told["models"], latencies(told)[A]["value"]) == ([B, A], 0.7)
            (note,) = gateway.get("/readyz").json()["notes"]
            assert note.startswith("feed prometheus: ")
        assert gateway.log.getvalue().count("feed_failed") == 1
        refresher.feed = good
        gateway.run(refresher.refresh)
        assert gateway.get("/readyz").json()["notes"] == []
