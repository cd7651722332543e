"""``plano eval``: figures, pictures, two configurations, and an exit code for continuous integration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plano.cli import main
from plano.intent.embedded import EmbeddedClassifier
from plano.intent.fixed import FixedClassifier

CONFIG = """version: v0.4.0
model_providers:
  - {model: ollama/a, base_url: "http://127.0.0.1:1"}
routing_preferences:
  - {name: code, description: writing code, models: [ollama/a]}
  - {name: talk, description: small talk, models: [ollama/a]}
"""
CASES = [("one", "code"), ("two", "code"), ("three", "talk"), ("four", None)]


@pytest.fixture(autouse=True)
def _router(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded router says ``code`` to two of the four, and none to the others."""
    said = FixedClassifier({"one": "code", "two": "code", "three": "code"})
    monkeypatch.setattr(EmbeddedClassifier, "load", classmethod(lambda cls, folder=None: said))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration, a stricter one, and cases."""
    (tmp_path / "plano.yaml").write_text(CONFIG)
    (tmp_path / "never.yaml").write_text(CONFIG + "routing: {router: {threshold: 1}}\n")
    rows = [json.dumps({"prompt": prompt, "route": route}) for prompt, route in CASES]
    (tmp_path / "cases.jsonl").write_text("\n".join(rows))
    return tmp_path


def run(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["eval", str(folder / "cases.jsonl"), "-c", str(folder / "plano.yaml"), *more])


def test_figures(folder: Path) -> None:
    """The table, the intervals and the mistakes; without a target nothing fails."""
    result = run(folder)
    assert result.exit_code == 0
    assert "cases                   router" in result.stdout
    assert "all right                  75.0" in result.stdout
    assert "talk" in result.stdout
    assert "wanted talk, got code" in result.stderr


@pytest.mark.parametrize(("target", "code"), [("0.75", 0), ("0.76", 1), ("1", 1), ("0", 0)])
def test_target(folder: Path, target: str, code: int) -> None:
    """Below the target the exit code is 1, and why is said."""
    result = run(folder, "--target", target)
    assert result.exit_code == code
    assert ("below the target" in result.stderr) == (code == 1)


@pytest.mark.parametrize("more", [["--target", "1.5"], ["--split", "nope"]])
def test_what_cannot_be_measured(folder: Path, more: list[str]) -> None:
    """A target beyond 1 and a split without cases."""
    assert run(folder, *more).exit_code in (1, 2)


def test_two_configurations(folder: Path) -> None:
    """The second against the first, on the same cases, with the chance that it is chance."""
    result = run(folder, "--against", str(folder / "never.yaml"), "--json")
    assert result.exit_code == 0
    against = json.loads(result.stdout)["against"]
    assert (against["better"], against["worse"], against["p_value"]) == (0, 0, 1.0)
    shown = run(folder, "--against", str(folder / "never.yaml"))
    assert "+0.0 points" in shown.stdout
    assert "this may be chance" in shown.stdout


def test_json(folder: Path) -> None:
    """Everything of the text, as data."""
    found = json.loads(run(folder, "--json").stdout)
    assert found["overall"]["router"]["accuracy"] == 0.75
    assert found["study"]["confusion"]["labels"] == ["code", "talk", None]
    assert found["study"]["intervals"]["accuracy"]["low"] <= 0.75
    assert [one["wanted"] for one in found["mistakes"]] == ["talk"]


def test_pictures(folder: Path) -> None:
    """Two for each set, in a folder that is made."""
    result = run(folder, "--pictures", str(folder / "new" / "pictures"))
    assert result.exit_code == 0
    made = sorted(path.name for path in (folder / "new" / "pictures").iterdir())
    assert made == ["confusion-cases.svg", "reliability-cases.svg"]
