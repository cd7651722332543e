"""How findings look."""

from __future__ import annotations

from plano.config.findings import Excerpt, Finding, errors_of, render, render_all

FINDING = Finding(
    "PL-C010",
    "error",
    "plano.yaml",
    10,
    1,
    "unknown key 'routing_preference'",
    "did you mean 'routing_preferences'?",
    Excerpt("routing_preference:", 0, 18),
)
BARE = Finding("PL-C022", "warning", "plano.yaml", None, None, "no place")


def test_with_a_place() -> None:
    """Code, reason, file:line:column, the line, a caret under the marked part, the hint."""
    assert render(FINDING) == (
        "error[PL-C010]: unknown key 'routing_preference'\n"
        "  --> plano.yaml:10:1\n"
        "   |\n"
        "10 | routing_preference:\n"
        "   | ^^^^^^^^^^^^^^^^^^\n"
        "help: did you mean 'routing_preferences'?"
    )
    assert str(FINDING) == render(FINDING)


def test_without_a_place() -> None:
    """The file alone is named."""
    assert render(BARE) == "warning[PL-C022]: no place\n  --> plano.yaml"


def test_with_a_place_that_cannot_be_shown() -> None:
    """The place is named, and nothing is drawn."""
    assert render(Finding("PL-C010", "error", "f", 9, 1, "r")) == "error[PL-C010]: r\n  --> f:9:1"


def test_several() -> None:
    """An empty line stands between findings."""
    assert render_all([BARE, BARE]) == f"{render(BARE)}\n\n{render(BARE)}"


def test_as_json() -> None:
    """For machines: file, line, column, code, severity, reason, suggestion; no source line."""
    assert FINDING.as_json() == {
        "file": "plano.yaml",
        "line": 10,
        "column": 1,
        "code": "PL-C010",
        "severity": "error",
        "reason": "unknown key 'routing_preference'",
        "suggestion": "did you mean 'routing_preferences'?",
    }
    assert BARE.as_json()["suggestion"] is None


def test_errors_of() -> None:
    """Warnings do not stop the start."""
    assert errors_of([FINDING, BARE]) == (FINDING,)
