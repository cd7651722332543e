"""The promise of loading, under fire: settings or ConfigError, nothing else, and never a key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies

from plano.config.document import MAX_BYTES
from plano.config.findings import Finding
from plano.config.load import load_text
from plano.config.show import show
from plano.errors import ConfigError

from .conftest import ENVIRONMENT

MISSION = (Path(__file__).parents[2] / "examples" / "mission.yaml").read_text(encoding="utf-8")

LINES = strategies.sampled_from(
    [
        *MISSION.splitlines(),
        "- &a *a",
        "? x",
        "<<: *b",
        "!!t",
        "---",
        "\t",
        "{",
        "[[",
        '"\\x"',
        "|",
        "%Y",
        "${",
        "$$A",
        "a: &x [*x]",
    ]
)


@given(strategies.lists(LINES, max_size=25).map("\n".join))
@settings(max_examples=150, deadline=None)
def test_shuffled_lines_raise_nothing_else(text: str) -> None:
    """Whatever lines a file has, in whatever order: settings or ConfigError."""
    try:
        load_text(text, ENVIRONMENT)
    except ConfigError as error:
        assert error.findings


@given(strategies.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_raises_nothing_else(text: str) -> None:
    """No text at all raises anything but ConfigError; lone surrogates and control characters included."""
    try:
        load_text(text, ENVIRONMENT)
    except ConfigError as error:
        assert error.findings


@given(
    at=strategies.integers(0, len(MISSION)),
    length=strategies.integers(0, 40),
    inserted=strategies.one_of(
        strategies.text("\n -:[]{}'\"$#&*!|>%@`,?\t\\x0", max_size=12),
        strategies.sampled_from(
            ["null", "~", "[]", "{}", "[{}]", "- ", "1e999", "9" * 400, "0x1F", ".inf", "*a", "&a ", "true"]
        ),
    ),
)
@settings(max_examples=400, deadline=None)
def test_mutated_example_raises_nothing_else(at: int, length: int, inserted: str) -> None:
    """A damaged example gives settings or ConfigError, and every finding can be rendered with its place in the text."""
    text = MISSION[:at] + inserted + MISSION[at + length :]
    try:
        load_text(text, ENVIRONMENT)
    except ConfigError as error:
        lines = len(text.splitlines()) + 1
        for finding in error.findings:
            assert isinstance(finding, Finding)
            assert finding.line is None or 1 <= finding.line <= lines
            assert str(finding).startswith(("error[PL-C", "warning[PL-C"))


EVERYTHING = (Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8")
VALUES = strategies.one_of(
    strategies.text(max_size=20), strategies.sampled_from(["\udce9", "\x00", "a\nb", " ", "$A", "0"])
)


@given(
    values=strategies.dictionaries(strategies.sampled_from(["OPENAI_API_KEY", "CALLER_KEY", "PLANTED"]), VALUES),
    at=strategies.integers(0),
)
@settings(max_examples=200, deadline=None)
def test_any_environment_raises_nothing_else(values: dict[str, str], at: int) -> None:
    """Whatever the variables hold, and wherever one is used: settings that can be shown, or ConfigError."""
    lines = EVERYTHING.splitlines()
    number = at % len(lines)
    key, colon, _ = lines[number].partition(": ")
    lines[number] = f"{key}: $PLANTED" if colon else lines[number]
    try:
        show(load_text("\n".join(lines), values), origins=True)
    except ConfigError as error:
        assert str(error)


SECRET = "kR7-planted+Secret_9"
PLANTED = MISSION.replace("$ANTHROPIC_API_KEY", SECRET).replace("general questions", "$PLANTED")


@example(at=72, length=12, inserted=":-")
@example(at=9, length=8, inserted=">#")
@example(at=68, length=12, inserted=" #")
@given(
    at=strategies.integers(0, len(PLANTED)),
    length=strategies.integers(0, 12),
    inserted=strategies.text("\n -:[]{}'\"$#&*!|>@\t", max_size=4),
)
@settings(max_examples=400, deadline=None)
def test_a_planted_key_is_never_shown(at: int, length: int, inserted: str) -> None:
    """However a file is damaged around it: a key in it, and the value of a variable, stand in no output.

    The damage may cut the key's own line; what is checked is the key as a whole and each half of it. A key's name right
    after a hyphen used to be overlooked in a file that could not be parsed.
    """
    key_at = PLANTED.index(SECRET) - len("access_key: ")
    if key_at - length < at < key_at + len("access_key: ") + len(SECRET):
        return
    text = PLANTED[:at] + inserted + PLANTED[at + length :]
    try:
        settled = load_text(text, ENVIRONMENT)
        output = f"{settled!r}{''.join(map(str, settled.warnings))}{show(settled, origins=True)}"
    except ConfigError as error:
        output = f"{error}{error.findings!r}{[each.as_json() for each in error.findings if isinstance(each, Finding)]}"
    for part in (SECRET, SECRET[:10], SECRET[10:], "sk-test-o"):
        assert part not in output


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a+",
        "a.",
        "a: ",
        "[",
        "{a: ",
        "*a ",
        "&a ",
        "${A:-",
        "$A",
        "://a",
        "sk-",
        "bearer 1",
        "'",
        '"',
        "- ",
        "\t",
        "日",
    ],
)
def test_a_megabyte_of_anything_is_answered(piece: str) -> None:
    """A file of the largest size, whatever it repeats, is answered well within the limit of a test."""
    text = piece * ((MAX_BYTES - 40) // len(piece.encode()))
    for whole in (text, f"version: {text}", f"access_key: '{text}'\nx: y", f"x: [\n# {text}\n"):
        with pytest.raises(ConfigError):
            load_text(whole[:MAX_BYTES], ENVIRONMENT)
