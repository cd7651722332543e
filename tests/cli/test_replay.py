"""Records of a running gateway, replayed on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plano.cli.replay import command
from tests.running import CODE, KEYS, A, B, Running, mission_text, question

TURNED = mission_text().replace(f"      - {A}\n      - {B}\n", f"      - {B}\n      - {A}\n")


def run(tmp_path: Path, records: str, *words: str) -> Result:
    """What the command did with these records, under the turned configuration."""
    (tmp_path / "records.json").write_text(records)
    (tmp_path / "new.yaml").write_text(TURNED)
    words = (str(tmp_path / "records.json"), "--config", str(tmp_path / "new.yaml"), *words)
    return CliRunner(env=KEYS).invoke(command, words)


@pytest.fixture
def records(gateway: Running) -> str:
    """What the admin listener answers after two calls, a decision and a mistake."""
    for _ in range(2):
        gateway.chat(question())
    gateway.decide(question())
    gateway.chat(b"{")
    return gateway.admin("/admin/records").text


def test_what_would_have_changed(records: str, tmp_path: Path) -> None:
    """How many routes and first models, each change once with its number, and the forecast."""
    lines = run(tmp_path, records).stdout.splitlines()
    assert lines[0] == "3 of 4 records replayed: 0 other routes, 3 other first models"
    assert lines[1].split() == f"3 {CODE}: {A} -> {CODE}: {B}".split()
    assert lines[2].split()[:1] == ["cost"]
    assert lines[2].endswith("(known of 2)")


def test_as_json_and_by_line(records: str, tmp_path: Path) -> None:
    """One record a line is read as well; the JSON holds the summary and every request."""
    lines = "\n".join(json.dumps(one) for one in json.loads(records)["records"])
    found = json.loads(run(tmp_path, lines, "--json").stdout)
    assert (found["summary"]["records"], found["summary"]["moved"], len(found["requests"])) == (4, 3, 3)
    assert found["summary"]["usd"]["new"] < found["summary"]["usd"]["old"]


@pytest.mark.parametrize("content", ["<html>", "", "{}", '{"records":[]}'])
def test_no_records(tmp_path: Path, content: str) -> None:
    """Exit code 1 and the reason."""
    result = run(tmp_path, content)
    assert (result.exit_code, "records.json: no" in result.stderr) == (1, True)
