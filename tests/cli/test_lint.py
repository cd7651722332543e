"""``plano lint`` with the router that ships: what it finds in good and in bad lists of routes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plano.cli import main

HEAD = 'version: v0.4.0\nmodel_providers: [{model: ollama/a, base_url: "http://127.0.0.1:1"}]\n'
GOOD = {
    "code": "writing new functions, fixing bugs in programs",
    "travel": "booking flights and hotels, planning trips",
    "cooking": "recipes, what to cook with given ingredients",
}
BAD = {**GOOD, "invoices": "paying an invoice, asking for a refund", "billing": "invoices, payments and refunds"}


def written(folder: Path, routes: dict[str, str], more: str = "") -> str:
    rows = [f"  - {{name: {name}, description: '{said}', models: [ollama/a]}}\n" for name, said in routes.items()]
    file = folder / "plano.yaml"
    file.write_text(HEAD + ("routing_preferences:\n" + "".join(rows) if rows else "") + more)
    return str(file)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["lint", *words])


def test_a_good_list(tmp_path: Path) -> None:
    """Nothing to say, on stderr; nothing on stdout; exit code 0."""
    result = run(written(tmp_path, GOOD))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to say" in result.stderr


def test_two_routes_that_say_the_same(tmp_path: Path) -> None:
    """They are named with the prompts that show it and what to do; exit code 1."""
    result = run(written(tmp_path, BAD))
    assert result.exit_code == 1
    assert "warning: 'invoices'" in result.stdout
    assert "'paying an invoice'" in result.stdout
    assert "help: " in result.stdout
    assert "travel" not in result.stdout


def test_json(tmp_path: Path) -> None:
    """The same as data."""
    result = run(written(tmp_path, BAD), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["routes"] == 5
    assert {"invoices", "billing"} <= set(found["findings"][0]["routes"])
    assert found["findings"][0]["prompts"][0]["probe"]["source"] == "description"


def test_own_cases(tmp_path: Path) -> None:
    """Prompts of a file are tried as well; a line that cannot be read ends it."""
    cases = tmp_path / "cases.jsonl"
    rows = [{"prompt": f"book a flight to {city}", "route": "cooking"} for city in ("Rome", "Oslo", "Nice", "Bonn")]
    cases.write_text("\n".join(map(json.dumps, rows)))
    result = run(written(tmp_path, GOOD), "--cases", str(cases))
    assert result.exit_code == 1
    assert "[case]" in result.stdout
    cases.write_text("{")
    assert "cases.jsonl:1: not JSON" in run(written(tmp_path, GOOD), "--cases", str(cases)).stderr


@pytest.mark.parametrize("words", [["nope.yaml"], ["--cases", "nope.jsonl"]])
def test_files_that_are_not_there(tmp_path: Path, words: list[str]) -> None:
    """Said, with exit code 1."""
    result = run(*([written(tmp_path, GOOD)] if len(words) > 1 else []), *words)
    assert result.exit_code == 1
    assert "nope" in result.stderr


def test_no_routes(tmp_path: Path) -> None:
    """There is nothing to look at, which is an error and not a clean bill."""
    result = run(written(tmp_path, {}))
    assert result.exit_code == 1
    assert "there are no routes" in result.stderr
