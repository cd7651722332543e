"""What is taken for what."""

from __future__ import annotations

from plano.evaluate.confusion import NONE, confusion, shown


def test_the_matrix() -> None:
    """Rows are wanted, columns given; routes by how often they are wanted, none last, also what was only given."""
    made = confusion(["b", "b", "a", None], ["b", None, "c", None])
    assert made.labels == ("b", "a", "c", None)
    assert made.counts == ((1, 0, 0, 1), (0, 0, 1, 0), (0, 0, 0, 0), (0, 0, 0, 1))


def test_mistakes() -> None:
    """The most frequent first; right answers are none."""
    made = confusion(["a", "a", "b", "b"], ["b", "b", "a", "b"])
    assert made.mistakes == (("a", "b", 2), ("b", "a", 1))


def test_no_case() -> None:
    """Nothing is confused with nothing."""
    assert confusion([], []).mistakes == ()


def test_how_none_is_written() -> None:
    """A route may have any name but this one is not needed for it."""
    assert (shown(None), shown("none")) == (NONE, "none")
