"""A real Prometheus beside the gateway, and what Grafana's source for it would make of the queries of a dashboard."""

from __future__ import annotations

import json
import math
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

SCRAPE_S = 2
STEP_S = 2
RATE_INTERVAL_S = max(STEP_S + SCRAPE_S, 4 * SCRAPE_S)
"""How Grafana computes ``$__rate_interval``: never shorter than four scrapes."""

_CONFIGURATION = f"""
global: {{scrape_interval: {SCRAPE_S}s}}
scrape_configs:
  - job_name: plano
    static_configs: [{{targets: ["TARGET"]}}]
"""
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@contextmanager
def scraping(target: str) -> Iterator[str]:
    """The address of a Prometheus that scrapes ``target`` (host and port), for as long as it is open."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "prometheus.yml").write_text(_CONFIGURATION.replace("TARGET", target))
        words = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        with subprocess.Popen(
            [*words, "--web.listen-address=127.0.0.1:0"], cwd=folder, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stderr is not None
                lines = (re.search(r"Listening on.*address=(127.0.0.1:[1-9]\d*)", line) for line in process.stderr)
                yield "http://" + next(found.group(1) for found in lines if found)
            finally:
                process.kill()


def answers(address: str, dashboard: Mapping[str, Any], *, since: float, until: float) -> dict[int, list[Any]]:
    """By panel id, what its queries say of the time between two moments (seconds since the epoch): frames.

    A frame has ``refId``, ``name`` (the legend filled in), ``labels``, ``at`` (ms) and ``values``, None where there is
    no number.
    """
    found: dict[int, list[Any]] = {}
    with httpx2.Client(base_url=address, trust_env=False, timeout=30) as client:
        for panel in dashboard["panels"]:
            found[panel["id"]] = [
                _frame(target, series)
                for target in panel["targets"]
                for series in _asked(client, target["expr"], since=since, until=until)
            ]
    return found


def empty(dashboard: Mapping[str, Any], found: Mapping[int, list[Any]]) -> list[str]:
    """The titles of the panels without a single number."""
    return [
        panel["title"]
        for panel in dashboard["panels"]
        if not any(value is not None for frame in found[panel["id"]] for value in frame["values"])
    ]


def _asked(client: httpx2.Client, expression: str, *, since: float, until: float) -> list[Any]:
    query = expression.replace("$__rate_interval", f"{RATE_INTERVAL_S}s")
    asked = {"query": query, "start": f"{since:.3f}", "end": f"{until:.3f}", "step": f"{STEP_S}"}
    answer = client.get("/api/v1/query_range", params=asked).json()
    assert answer["status"] == "success", json.dumps(answer)
    series: list[Any] = answer["data"]["result"]
    return series


def _frame(target: Mapping[str, Any], series: Mapping[str, Any]) -> dict[str, Any]:
    labels = series["metric"]
    return {
        "refId": target["refId"],
        "name": _LEGEND.sub(lambda found: labels.get(found.group(1), ""), target["legendFormat"]),
        "labels": labels,
        "at": [moment * 1000 for moment, _ in series["values"]],
        "values": [None if math.isnan(float(value)) else float(value) for _, value in series["values"]],
    }
