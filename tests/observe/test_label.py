"""Label values: few, short and quotable, whatever names arrive."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.observe.label import LONGEST_NAME, Labels

from .test_visible import ANY_TEXT

QUOTABLE = re.compile(r'(?:[^"\\\n]|\\\\|\\")*')


@given(st.lists(ANY_TEXT, max_size=20), st.lists(ANY_TEXT, max_size=50), st.integers(0, 10))
def test_bounded_and_quotable(declared: list[str], names: list[str], limit: int) -> None:
    """At most ``limit`` values and the rest; each can stand between quotes; the same name has the same value twice."""
    labels = Labels(declared, limit=limit)
    first = [labels.of(name) for name in names]
    assert [labels.of(name) for name in names] == first
    values = {*first, *(labels.of(name) for name in declared)}
    assert len(values - {labels.rest}) <= limit
    assert all(QUOTABLE.fullmatch(value) and value.isprintable() for value in values)


def test_declared_names_come_first() -> None:
    """Declared names have their places however many others came before; places that are left go to who comes first."""
    labels = Labels(("a", "b"), limit=3)
    assert [labels.of(name) for name in ("x", "y", "b", "a", "x")] == ["x", "other", "b", "a", "x"]


def test_more_declared_than_places() -> None:
    """The first ones count; the others are the rest, and so is everybody else."""
    labels = Labels(("a", "b", "c"), limit=2)
    assert [labels.of(name) for name in ("a", "b", "c", "x")] == ["a", "b", "other", "other"]


@pytest.mark.parametrize(
    ("declared", "name", "value"),
    [((), "other", "other"), (("other",), "other", "other"), (("other",), "x", "(other)"), ((), "x", "other")],
)
def test_a_route_called_other(declared: tuple[str, ...], name: str, value: str) -> None:
    """A declared name ``other`` is not counted with the rest."""
    assert Labels(declared, limit=len(declared)).of(name) == value


def test_the_name_of_the_rest_takes_no_place() -> None:
    """A caller's name ``other`` is counted with the rest, and leaves its place to somebody else."""
    labels = Labels(limit=1)
    assert [labels.of(name) for name in ("other", "x", "y")] == ["other", "x", "other"]


def test_long_names_are_the_rest() -> None:
    """A name of a megabyte is neither kept nor shown."""
    labels = Labels(limit=10)
    assert labels.of("x" * LONGEST_NAME) == "x" * LONGEST_NAME
    assert labels.of("x" * (LONGEST_NAME + 1)) == labels.rest
    assert labels.of("y") == "y"


def test_quotes_and_backslashes_are_escaped() -> None:
    """As the text format asks; a line end is shown by its number."""
    assert Labels(limit=1).of('a"\\\n') == 'a\\"\\\\\\\\u000a'
