"""What models cost, on the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from plano.cli.prices import command

CATALOG = {"data": [{"model_id": "openai/gpt-4o", "pricing": {}}]}
PRICING = {
    "input_price_per_million": 3e-6,
    "output_price_per_million": 15e-6,
    "cache_read_input_price_per_million": 3e-7,
    "input_cache_read": 9e-7,
}
MODELS_DEV = {"openai": {"models": {"gpt-4o": {"cost": {"input": 9, "output": 9}}}}}
FILE = """\
version: v0.4.0
model_providers:
  - {{model: openai/gpt-4o, access_key: sk-test-0123456789, default: true}}
  - {{model: custom/mine, base_url: "http://127.0.0.1:9"}}
pricing: {pricing}
model_metrics_sources: {sources}
overrides: {{state_dir: "{folder}"}}
"""


class _Answer(BaseHTTPRequestHandler):
    body = json.dumps({"data": [CATALOG["data"][0] | {"pricing": PRICING}]}).encode()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Says nothing."""


@pytest.fixture
def source() -> Iterator[str]:
    """The address of a source of DigitalOcean's format."""
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(5)


def run(tmp_path: Path, *arguments: str, sources: str = "[]", pricing: str = "{}") -> Result:
    """The result of ``plano prices`` with these arguments."""
    file = tmp_path / "plano.yaml"
    file.write_text(FILE.format(folder=tmp_path / "state", sources=sources, pricing=pricing))
    file.chmod(0o600)
    return CliRunner().invoke(command, ["--config", str(file), *arguments])


def told(result: Result) -> Any:
    """What stands on stdout as JSON."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def models_dev(url: str = "http://127.0.0.1:9/x", more: str = "") -> str:
    """A source of that format, where nobody listens."""
    return f"[{{type: cost, provider: models.dev, url: '{url}'{more}}}]"


def test_a_source_is_asked(tmp_path: Path, source: str) -> None:
    """Per token in the document, per million here; the long name of cached tokens wins. Others are unknown."""
    sources = f"[{{type: cost, provider: digitalocean, url: '{source}'}}]"
    found = told(run(tmp_path, "--json", sources=sources))
    one, other = found["prices"]
    assert one["usd_per_mtok"] == {"input": 3.0, "output": 15.0, "cached_input": 0.3, "cache_write": None}
    assert (one["source"], other["usd_per_mtok"], found["failures"]) == ("digitalocean", None, [])


def test_what_was_kept_is_used_offline(tmp_path: Path, source: str) -> None:
    """Asked once, then known without asking; the text says who, and a question mark for nobody."""
    sources = f"[{{type: cost, provider: digitalocean, url: '{source}'}}]"
    run(tmp_path, "list", sources=sources)
    result = run(tmp_path, "--offline", "list", sources=sources)
    assert result.stdout.splitlines() == ["openai/gpt-4o  3 in, 15 out, 0.3 cached   digitalocean", "custom/mine    ?"]


def test_a_source_that_is_away(tmp_path: Path) -> None:
    """It is named on stderr; the other prices are shown all the same."""
    result = run(tmp_path, sources=models_dev(more=", fill_gaps: true"))
    assert result.exit_code == 0
    assert "feed models.dev: it could not be reached" in result.stderr
    assert "openai/gpt-4o  2.5 in, 10 out" in result.stdout


def test_explain(tmp_path: Path) -> None:
    """Everybody who knows the model, the one that counts first; also by a bare id, and for a model nobody knows."""
    pricing = "{gpt-4o: {input: 1, output: 2, tiers: [{above_tokens: 1000, input: 3, output: 4}]}}"
    result = run(tmp_path, "explain", "gpt-4o", pricing=pricing)
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "openai/gpt-4o",
        "  counts  1 in, 2 out   config",
        "            above 1,000 tokens of prompt: 3 in, 4 out",
    ]
    assert "catalog" in lines[3]
    found = told(run(tmp_path, "--json", "explain", "openai/gpt-4o", pricing=pricing))
    assert found.keys() == told(run(tmp_path, "explain", "openai/gpt-4o", "--json", pricing=pricing)).keys()
    assert [one["source"] for one in found["opinions"]] == ["config", "catalog"]
    assert "?" in run(tmp_path, "explain", "custom/mine").stdout


def test_update_from_a_file(tmp_path: Path) -> None:
    """A document is kept for the source of its format, and counts from then on."""
    document = tmp_path / "prices.json"
    document.write_text(json.dumps(MODELS_DEV))
    assert run(tmp_path, "update", "--from", str(document), sources=models_dev()).exit_code == 0
    found = told(run(tmp_path, "--offline", "--json", sources=models_dev()))
    assert (found["prices"][0]["usd_per_mtok"]["input"], found["prices"][0]["source"]) == (9.0, "models.dev")


def test_update_from_the_sources(tmp_path: Path, source: str) -> None:
    """All are asked; one that fails makes a failure."""
    sources = f"[{{type: cost, provider: digitalocean, url: '{source}'}}]"
    assert run(tmp_path, "update", sources=sources).exit_code == 0
    assert run(tmp_path, "update", sources=models_dev()).exit_code == 1


@pytest.mark.parametrize(
    ("content", "sources", "said"),
    [
        ("{}", models_dev(), "lists no model"),
        ('{"openai": {"models": {"gpt-4o": {"cost": null}}}}', models_dev(), "usable price for none of its 1 models"),
        ("<html>", models_dev(), "not valid JSON"),
        (None, models_dev(), "No such file"),
        ("{}", "[]", "no source of prices"),
    ],
)
def test_update_that_cannot_be(tmp_path: Path, content: str | None, sources: str, said: str) -> None:
    """The reason is on stderr, the exit code is 1, and nothing is kept."""
    document = tmp_path / "prices.json"
    if content is not None:
        document.write_text(content)
    result = run(tmp_path, "update", "--from", str(document), sources=sources)
    assert (result.exit_code, said in result.stderr) == (1, True)
    assert not (tmp_path / "state").exists()
