"""YAML as written: places, scalars kept as text, and bounds."""

from __future__ import annotations

import pytest

from plano.config.document import MAX_NODES, Mapping, Node, Scalar, Sequence, plain, read, split_lines


def tree(text: str) -> Node:
    root, problems = read(text)
    assert problems == ()
    assert root is not None
    return root


def value(text: str, key: str = "a") -> Node:
    root = tree(text)
    assert isinstance(root, Mapping)
    entry = root.find(key)
    assert entry is not None
    return entry.value


@pytest.mark.parametrize("written", ["0.10", "1_000", "0x1F", "012", "yes", "on", "True", "2001-12-14", ".inf", "1e3"])
def test_scalars_are_read_as_written(written: str) -> None:
    """A plain scalar is its text: no number is rounded, no word becomes a flag, no digits become a date."""
    assert plain(tree(f"a: {written}")) == {"a": written}


@pytest.mark.parametrize("written", ["", " ~", " null", " Null", " NULL"])
def test_nulls(written: str) -> None:
    """An empty value and a plain null are None; a quoted one is text."""
    assert plain(tree(f"a:{written}")) == {"a": None}
    assert plain(tree(f"a: '{written.strip()}'")) == {"a": written.strip()}


def test_places_count_from_one_in_characters() -> None:
    """A place is line and column from 1, columns in characters whatever their size, the end not included."""
    root = tree('é日: [x, "y z"]\nb:\n  - c: d\n')
    assert isinstance(root, Mapping)
    first, second = root.entries
    assert (first.key_place.line, first.key_place.column, first.key_place.end_column) == (1, 1, 3)
    assert isinstance(first.value, Sequence)
    quoted = first.value.items[1].place
    assert (quoted.line, quoted.column, quoted.end_column) == (1, 9, 14)
    assert isinstance(second.value, Sequence)
    assert second.value.items[0].place.line == 3


def test_a_key_that_stands_twice() -> None:
    """The second of two equal keys is a problem at its place; the first one counts, and both stay in the tree."""
    root, problems = read("a: 1\nb: 2\na: 3\n")
    assert [(problem.code, problem.place and problem.place.line, problem.hint) for problem in problems] == [
        ("PL-C011", 3, "first defined on line 1")
    ]
    assert isinstance(root, Mapping)
    assert plain(root) == {"a": "1", "b": "2"}
    assert len(root.entries) == 3


def test_the_order_of_keys_is_kept() -> None:
    """Bare data has its keys in the order of the file."""
    data = plain(tree("z: 1\ny: 2\nx: 3\n"))
    assert isinstance(data, dict)
    assert list(data) == ["z", "y", "x"]


def test_aliases_stand_for_their_anchor() -> None:
    """An alias is the node it names."""
    assert plain(tree("a: &x [1]\nb: *x\n")) == {"a": ["1"], "b": ["1"]}
    assert plain(tree("a: &x 1\nb: *x\n")) == {"a": "1", "b": "1"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: *x", "PL-C007"),
        ("&x [*x]", "PL-C007"),
        ("a: &x {b: *x}", "PL-C007"),
        ("a: !!int 5", "PL-C006"),
        ("a: !!python/name:os.system x", "PL-C006"),
        ("a: !mine [1]", "PL-C006"),
        ("? [a]\n: b", "PL-C006"),
        ("<<: {a: b}", "PL-C006"),
        ("a: 1\n---\nb: 2", "PL-C006"),
        ("a: \x07", "PL-C002"),
        ("a: \ud800", "PL-C002"),
        ("a: [", "PL-C004"),
    ],
)
def test_what_is_not_read(text: str, code: str) -> None:
    """Every part of YAML that could carry code, loops or doubt is one problem with a place."""
    _, problems = read(text)
    assert [problem.code for problem in problems] == [code]
    assert problems[0].place is not None


@pytest.mark.parametrize("tag", ["!!str 5", "! 5"])
def test_text_tags_change_nothing(tag: str) -> None:
    """A tag that says "text" is what every scalar is anyway."""
    assert plain(tree(f"a: {tag}")) == {"a": "5"}


def test_depth_is_bounded_also_through_aliases() -> None:
    """Sixty-four levels are read; one more is a problem, whether written out or put together from aliases."""
    assert read("[" * 64 + "]" * 64)[1] == ()
    assert read("[" * 65 + "]" * 65)[1][0].code == "PL-C003"
    nested = "a: &a " + "[" * 60 + "]" * 60 + "\n"
    assert read(f"{nested}b: [[*a]]\n")[1] == ()
    assert read(f"{nested}b: [[[[[*a]]]]]\n")[1][0].code == "PL-C003"


def test_size_is_bounded_also_through_aliases() -> None:
    """An alias counts with everything it stands for, so that a short file cannot stand for a huge one."""
    row = "[" + ",".join("x" * 1 for _ in range(1000)) + "]"
    fits = "\n".join([f"a: &a {row}", *(f"b{number}: *a" for number in range(90))])
    assert read(fits)[1] == ()
    too_many = "\n".join([f"a: &a {row}", *(f"b{number}: *a" for number in range(MAX_NODES // 1000))])
    assert read(too_many)[1][0].code == "PL-C003"


def test_very_deep_input_needs_no_stack() -> None:
    """A megabyte of brackets is refused after the first few."""
    assert read("[" * 1_000_000)[1][0].code == "PL-C003"


def test_lines_are_split_as_yaml_counts_them() -> None:
    """Every line break of YAML ends a line, so that places and lines agree."""
    text = "# a\r\n# b\r# c\x85# d\u2028# e\u2029x: y\n"
    root = tree(text)
    assert split_lines(text)[root.place.line - 1] == "x: y"


def test_a_scalar_alone() -> None:
    """A text that is one value is a scalar, an empty one has no root."""
    assert isinstance(tree("x"), Scalar)
    assert read("") == (None, ())
