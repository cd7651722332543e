"""``plano bench``: numbers for each kind of work, without keys and without a provider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import mission_text

from .test_commands import plano


@pytest.mark.parametrize(
    "text", [mission_text(), 'version: v0.4.0\nmodel_providers: [{model: "openai/*", access_key: $NONE}]\n', None]
)
def test_bench(tmp_path: Path, text: str | None) -> None:
    """Every configuration is measured, also with wildcards alone, and with no file at all."""
    if text is not None:
        (tmp_path / "plano.yaml").write_text(text)
    done = plano("bench", "--requests", "20", "--concurrency", "3", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    measured = json.loads(done.stdout)
    assert [row["what"].split(",")[0] for row in measured["rows"]] == ["a decision"] * 2 + ["a request"] * 2
    assert all(0 < row["p50_ms"] <= row["p99_ms"] for row in measured["rows"])
    assert measured["requests_per_second"] > 0


def test_for_people(tmp_path: Path) -> None:
    """A line for each kind, and what the gateway adds."""
    shown = plano("bench", "--requests", "5", cwd=tmp_path).stdout
    assert "added by the gateway" in shown
    assert "requests a second, 16 at once" in shown
