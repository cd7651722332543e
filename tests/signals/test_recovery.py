"""How a model that has just become well gets its requests back."""

from __future__ import annotations

from plano.signals.recovery import LONGEST_S, WIDEST, Recovery


def admitted(recovery: Recovery) -> list[int]:
    """The turns of as many attempts as fit now."""
    turns: list[int] = []
    while not recovery.is_full(0.0) and len(turns) < 2 * WIDEST:
        turns.append(recovery.begin())
    return turns


def test_it_doubles() -> None:
    """1, 2, 4, … 32 at once, each step once as many have answered; then there is no limit."""
    recovery, widths = Recovery(0.0), []
    while not recovery.is_over(0.0):
        turns = admitted(recovery)
        widths.append(len(turns))
        for turn in turns:
            recovery.end(turn, is_well=True)
            recovery.end(turn, is_well=True)
    assert widths == [1, 2, 4, 8, 16, 32]
    assert len(admitted(recovery)) == 2 * WIDEST


def test_what_says_nothing_makes_room_and_no_progress() -> None:
    """A caller who left gives its place back, and that is no reason to send more."""
    recovery = Recovery(0.0)
    for _ in range(5):
        (turn,) = admitted(recovery)
        recovery.end(turn, is_well=False)
    assert len(admitted(recovery)) == 1


def test_it_ends_by_itself() -> None:
    """Attempts that nobody reports on keep nobody out for long."""
    recovery = Recovery(10.0)
    recovery.begin()
    assert recovery.is_full(10.0 + LONGEST_S - 0.1)
    assert not recovery.is_full(10.0 + LONGEST_S)
