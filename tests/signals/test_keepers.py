"""Who keeps a response."""

from __future__ import annotations

from plano.signals.keepers import REMEMBERED, Keepers


def test_the_latest_word_counts() -> None:
    """What was noted is known, and nothing else."""
    keepers = Keepers()
    keepers.note("resp_1", "p/a")
    keepers.note("resp_1", "p/b")
    assert (keepers.of("resp_1"), keepers.of("resp_2")) == ("p/b", None)


def test_they_are_bounded() -> None:
    """The response met first is forgotten; one that is noted again pushes nobody out."""
    keepers = Keepers()
    for number in range(REMEMBERED):
        keepers.note(f"resp_{number}", "p/a")
    keepers.note("resp_7", "p/a")
    assert keepers.of("resp_0") == "p/a"
    keepers.note("new", "p/a")
    assert (keepers.of("resp_0"), keepers.of("resp_1"), keepers.of("new")) == (None, "p/a", "p/a")
