"""How a mock model is told to misbehave."""

from __future__ import annotations

import pytest

from plano.mock.behaviour import WORDS, Fault, Script, is_behaviour, parse_fault
from plano.mock.plays import PLAYS


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("ok", None),
        ("429", Fault("status", 429)),
        ("429-retry-after-7", Fault("status", 429, "retry-after", "7")),
        ("503-retry-after-0.5", Fault("status", 503, "retry-after", "0.5")),
        ("429-reset-6m0s", Fault("status", 429, "reset", "6m0s")),
        ("504-late-20", Fault("status", 504, "late", "20")),
        ("502-html", Fault("status-html", 502)),
        ("reset", Fault("reset")),
        ("silence", Fault("silence")),
        ("cut-after-3", Fault("cut", after_tokens=3)),
        ("error-after-0", Fault("error")),
        ("no-done", Fault("no-done")),
        ("html", Fault("html")),
        ("spelled-all", Fault("spelled", value="all")),
        ("quota", Fault("named", value="quota")),
        ("stall-after-20-for-30", Fault("stall", value="30", after_tokens=20)),
    ],
)
def test_words(word: str, fault: Fault | None) -> None:
    """Each word is one fault."""
    assert parse_fault(word) == fault


@pytest.mark.parametrize("word", ["", "200", "42", "429-retry-after-", "cut", "explode", "cut-after-x"])
def test_unknown_words(word: str) -> None:
    """Anything else is refused, with what there is."""
    with pytest.raises(ValueError, match="unknown behaviour"):
        parse_fault(word)


def test_every_listed_word_is_one() -> None:
    """What ``plano mock --words`` shows can be said, and is played."""
    kinds = {fault.kind for fault in map(parse_fault, WORDS) if fault is not None}
    assert kinds <= PLAYS.keys()
    assert set(PLAYS) - kinds <= {"hang-up", "null", "blank"}


def test_a_script_goes_on_with_its_last_word() -> None:
    """One word per call, the last for ever; none is ok."""
    script = Script(("503", "ok", "429"))
    assert [fault and fault.status for fault in (script.step() for _ in range(4))] == [503, None, 429, 429]
    assert Script().step() is None


@pytest.mark.parametrize(
    ("model", "is_one"), [("mock/429", True), ("gpt-4o", False), ("cut-after-2", True), ("a/ok", False)]
)
def test_model_names(model: str, is_one: bool) -> None:
    """A model's last part may name a behaviour."""
    assert is_behaviour(model) is is_one
