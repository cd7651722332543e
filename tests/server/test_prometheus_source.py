"""Latencies of a real Prometheus, where one is installed, rank the models of a running gateway."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from plano.errors import FeedError
from plano.upstream.feed_client import FeedClient
from plano.wire.feeds.prometheus import parse_prometheus
from tests.running import A, B, C, mission_text, question, running

SERIES = " or ".join(
    f"label_replace(vector({value}), 'model_name', '{name}', '', '')"
    for name, value in ((A, 0.9), (B, 0.2), (C, "NaN"))
)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus without targets: what is asked of it holds the numbers itself."""
    program = shutil.which("prometheus")
    assert program is not None, "collected only where it is installed: see conftest.py"
    folder: Path = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text("global: {}\n")
    with subprocess.Popen(
        [program, "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:0"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            address = None
            for line in process.stderr:
                found = re.search(r"Listening on.*address=(127.0.0.1:[1-9]\d*)", line)
                address = found.group(1) if found else address
                if "ready to receive web requests" in line:
                    break
            yield f"http://{address}"
        finally:
            process.kill()


def test_its_latencies_rank(prometheus: str) -> None:
    """Its numbers rank from the start, NaN is unknown; a slash at the end of the address does no harm."""
    text = mission_text().replace("    models:", "    selection_policy: {prefer: fastest}\n    models:", 1)
    text = text.replace(f"      - {A}\n      - {B}\n", f"      - {C}\n      - {A}\n      - {B}\n", 1)
    source = f'{{type: latency, provider: prometheus, url: "{prometheus}/", query: "{SERIES}"}}'
    with running(f"{text}\nmodel_metrics_sources: [{source}]\n") as gateway:
        told = gateway.decide(question(), query="?explain=1").json()
        assert told["models"] == [B, A, C]
        latencies = {one["model"]: one["latency_s"] for one in told["explanation"]["candidates"]}
        assert (latencies[A]["value"], latencies[A]["source"], latencies[C]) == (0.9, "prometheus", None)
        assert gateway.get("/readyz").json()["notes"] == []


@pytest.mark.parametrize("query", ["vector(", "vector(1)", "vector(1)[1m:1s]", "scalar(vector(1))", '"text"'])
async def test_queries_that_give_no_latencies(prometheus: str, query: str) -> None:
    """A mistake, no label, a range, a scalar, text: refused, so that the old numbers stay."""
    with pytest.raises(FeedError):
        parse_prometheus(await FeedClient().fetch(f"{prometheus}/api/v1/query?{urlencode({'query': query})}"))
