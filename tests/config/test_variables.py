"""Variables: what is filled in, what is literal, what is missing."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC

import pytest

from plano.config.document import Mapping, Scalar, plain, read
from plano.config.findings import Problem
from plano.config.variables import fill_in

ENV = {"A": "one", "B_2": "a: b # c", "EMPTY": "", "D": "$A ${A} $$", "_": "u", "OPENAI_API_KEY": "k"}


def filled(text: str, env: MappingABC[str, str] = ENV) -> tuple[Scalar, tuple[Problem, ...]]:
    root, problems = read(f"x: {text}")
    assert problems == ()
    assert root is not None
    node, unset = fill_in(root, env)
    assert isinstance(node, Mapping)
    scalar = node.entries[0].value
    assert isinstance(scalar, Scalar)
    return scalar, unset


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$A", "one"),
        ("${A}", "one"),
        ("$A$A", "oneone"),
        ("x${A}y", "xoney"),
        ("$A-b", "one-b"),
        ("$_", "u"),
        ("${A:-two}", "one"),
        ("${NOPE:-two}", "two"),
        ("${NOPE:-}", ""),
        ("${EMPTY:-two}", "two"),
        ("'${NOPE:-a: b}'", "a: b"),
        ("${NOPE:-$A}", "$A"),
        ("$$HOME", "$HOME"),
        ("$$$A", "$one"),
        ("$$$$", "$$"),
        ("costs $5", "costs $5"),
        ("a$", "a$"),
        ("$ A", "$ A"),
        ("$-", "$-"),
        ("$B_2", "a: b # c"),
        ("$D", "$A ${A} $$"),
        ("'$A'", "one"),
        ('"$A"', "one"),
        ("'{$A}'", "{one}"),
        ("$é", "$é"),
    ],
)
def test_vectors(written: str, meant: str) -> None:
    """A value with variables means exactly this; what is filled in is not looked at again."""
    scalar, unset = filled(written)
    assert (scalar.text, unset, scalar.is_known) == (meant, (), True)


@pytest.mark.parametrize(
    ("written", "name"), [("$NOPE", "NOPE"), ("${NOPE}", "NOPE"), ("a $A $NOPE", "NOPE"), ("$a", "a")]
)
def test_unset_variables(written: str, name: str) -> None:
    """An unset variable is a problem at the value that uses it, and names it."""
    scalar, unset = filled(written)
    assert [(problem.code, problem.reason) for problem in unset] == [
        ("PL-C020", f"the environment variable '{name}' is not set")
    ]
    assert unset[0].place == scalar.place
    assert not scalar.is_known


def test_empty_variables() -> None:
    """A variable that is set to nothing counts as unset, and the message says which of the two it is."""
    _, unset = filled("$EMPTY")
    assert unset[0].reason == "the environment variable 'EMPTY' is empty"


def test_a_misspelt_variable_is_named() -> None:
    """The nearest variable that is set is suggested; its value is not."""
    _, unset = filled("$OPENAI_APIKEY")
    assert unset[0].hint == "'OPENAI_API_KEY' is set: is that the one you mean?"


@pytest.mark.parametrize("written", ["${A", "${}", "${1A}", "${A B}", "${A:+x}", "${A:-{}}", "${A:-${B_2}}"])
def test_broken_references(written: str) -> None:
    """``${`` without a whole reference is a problem, never silently literal."""
    scalar, unset = filled(f"'{written}'")
    assert [problem.code for problem in unset] == ["PL-C021"]
    assert not scalar.is_known


def test_keys_and_comments_are_left_alone() -> None:
    """Only values are looked at."""
    root, _ = read("$NOPE: 1 # $NOPE\n")
    assert root is not None
    node, unset = fill_in(root, {})
    assert unset == ()
    assert plain(node) == {"$NOPE": "1"}


def test_what_was_written_is_kept() -> None:
    """The text before filling in stays, because messages show it instead of the value."""
    scalar, _ = filled("x-$A-${B_2}-$A")
    assert (scalar.written, scalar.variables) == ("x-$A-${B_2}-$A", ("A", "B_2"))


def test_a_null_from_a_variable_is_text() -> None:
    """A variable that holds ``null`` is the word."""
    scalar, _ = filled("$A", {"A": "null"})
    assert not scalar.is_null
