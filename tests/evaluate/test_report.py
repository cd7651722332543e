"""A report for people and one for programs."""

from __future__ import annotations

import json

from plano.evaluate import report
from plano.evaluate.run import evaluate
from tests.evaluate.made import case
from tests.evaluate.test_run import CASES, Parrot


def test_the_table_has_a_row_per_set_and_classifier() -> None:
    """Header, two sets and overall with three classifiers each; columns are aligned; what cannot be counted is "-"."""
    lines = report.text(evaluate(Parrot(), CASES)).splitlines()
    assert len(lines) == 1 + 3 * 3
    assert {len(line) for line in lines} == {len(lines[0])}
    assert lines[1].split() == ["one", "router", "2", "50.0", "50.0", "0.0", "0.0", "50.0", "-", "-"]
    assert lines[-3].startswith("overall")


def test_a_single_set_needs_no_overall() -> None:
    """One set is its own sum; conversations show spans."""
    made = (case("code", text="code", conversation="c", turn=1), case("chat", text="x", conversation="c", turn=3))
    lines = report.text(evaluate(Parrot(), made, with_baselines=False)).splitlines()
    assert len(lines) == 2
    assert lines[1].split()[-2:] == ["50.0", "0.0"]


def test_the_document_is_json_and_lists_mistakes() -> None:
    """It survives a round trip, and tells of each mistake what was wanted, given and scored."""
    made = report.document(evaluate(Parrot(), CASES))
    assert json.loads(json.dumps(made)) == made
    assert made["mistakes"] == [
        {
            "id": "one-casual talk-0",
            "set": "one",
            "wanted": "chat",
            "got": None,
            "scores": {"code": 0.25, "chat": 0.125},
        }
    ]
