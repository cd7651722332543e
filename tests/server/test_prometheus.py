"""A real Prometheus, where one is installed, reads what the admin listener shows."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from plano.observe.grafana import PANELS
from tests.running import ASK, CODE, A, B, Running, question

ODD = 'a"b\\c é'
CONFIGURATION = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: plano
    static_configs: [{{targets: ["127.0.0.1:{target}"]}}]
remote_write:
  - url: http://127.0.0.1:{receiver}/
    queue_config: {{batch_send_deadline: 100ms}}
"""


@pytest.fixture
def busy(gateway: Running) -> Running:
    """A gateway that answered a few requests: with fallback, with an odd route, with an error."""
    gateway.mock.script(A.partition("/")[2], ["429"])
    gateway.chat(question())
    gateway.classifier.answers = {ASK: ODD}
    gateway.decide(question(routing_preferences=[{"name": ODD, "description": "d", "models": [B]}]))
    gateway.chat(b"{")
    return gateway


@pytest.fixture
def prometheus(busy: Running, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus that has scraped ``busy``: it has passed samples on to a receiver of ours."""
    program = shutil.which("prometheus")
    assert program is not None, "collected only where it is installed: see conftest.py"
    with socket.create_server(("127.0.0.1", 0)) as receiver:
        receiver.settimeout(40)
        (tmp_path / "prometheus.yml").write_text(
            CONFIGURATION.format(target=busy.app.admin.port, receiver=receiver.getsockname()[1])
        )
        with subprocess.Popen(
            # Its own data: what an earlier run left would be added up for minutes.
            [program, "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stderr is not None
                lines = (re.search(r"Listening on.*address=(127.0.0.1:[1-9]\d*)", line) for line in process.stderr)
                address = next(found.group(1) for found in lines if found)
                receiver.accept()[0].close()
                yield f"http://{address}"
            finally:
                process.kill()


def ask(address: str, query: str, *, and_instance: bool = False) -> dict[tuple[tuple[str, str], ...], str]:
    """What a query says: labels, those of the scrape left out (but for ``and_instance``), and number."""
    left_out = ("job",) if and_instance else ("instance", "job")
    with httpx2.Client(trust_env=False) as client:
        answer = client.get(f"{address}/api/v1/query", params={"query": query}).json()
    return {
        tuple((label, text) for label, text in sorted(each["metric"].items()) if label not in left_out): each["value"][
            1
        ]
        for each in answer["data"]["result"]
    }


def test_it_scrapes(prometheus: str) -> None:
    """The target is up, and numbers arrive under their names and labels."""
    assert ask(prometheus, 'up{job="plano"}') == {(("__name__", "up"),): "1"}
    assert {*ask(prometheus, "sum by (model, ending) (plano_llm_upstream_requests_total)")} >= {
        (("ending", "429"), ("model", A)),
        (("ending", "200"), ("model", B)),
    }
    assert {*ask(prometheus, "sum by (route) (plano_router_decisions_total)")} >= {
        (("route", CODE),),
        (("route", ODD),),
    }
    assert ask(prometheus, "histogram_quantile(1, sum by (le) (plano_http_request_duration_seconds_bucket)) > 0")


def test_every_panel_for_grafana_shows_something(prometheus: str, busy: Running) -> None:
    """Each query of the dashboard is one that Prometheus understands, and has numbers once there was traffic; NaN, as
    of a quantile of nothing, is none.
    """
    for text in ("true", "false"):
        busy.chat(question(stream=text == "true", stream_options={"include_usage": True}))
    queries = {query for panel in PANELS for query, _ in panel.queries}
    empty = {query.replace("$__rate_interval", "1m") for query in queries}
    due = time.monotonic() + 40
    while empty and time.monotonic() < due:
        busy.chat(question(stream=True))
        busy.chat(b"{")
        busy.mock.script(A.partition("/")[2], ["500"])
        empty = {query for query in empty if not {*ask(prometheus, query).values()} - {"NaN"}}
    assert empty == set()


def test_no_legend_for_grafana_is_empty(prometheus: str, busy: Running) -> None:
    """Whatever a query finds, each of its lines has a name: the legend with the labels filled in."""
    busy.classifier.answers = {ASK: None}
    due = time.monotonic() + 40
    while not ask(prometheus, 'rate(plano_router_decisions_total{route=""}[1m])') and time.monotonic() < due:
        busy.decide(question())
    nameless = []
    for panel in PANELS:
        for query, legend in panel.queries:
            for labels in ask(prometheus, query.replace("$__rate_interval", "1m"), and_instance=True):
                shown = [dict(labels).get(name, "") for name in re.findall(r"\{\{(\w+)\}\}", legend)]
                nameless += [] if any(shown) or "{{" not in legend else [(panel.title, labels)]
    assert nameless == []


def test_its_linter_is_content(busy: Running) -> None:
    """Names, types and units are as the tool of Prometheus wants them, those of measured first tokens among them."""
    program = shutil.which("promtool")
    assert program is not None, "collected only where it is installed: see conftest.py"
    for _ in range(12):
        busy.chat(question(stream=True))
    scrape = busy.admin("/metrics").content
    assert b"plano_llm_first_token_seconds{" in scrape
    checked = subprocess.run([program, "check", "metrics"], input=scrape, capture_output=True, check=False, timeout=30)
    assert (checked.returncode, checked.stderr) == (0, b"")
