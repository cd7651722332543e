"""Field lines: what they say, what may never be written, and a memory that nobody can tell from none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.http1.fields import LONGEST_REMEMBERED, REMEMBERED_LINES, FieldReader, FieldWriter
from plano.http1.violation import Violation
from tests.http1.play import calls_made

SECRETS = ["authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"]

GOOD = ["a: 1", "a: 1 ", "A: 1", "a: X", "a: x", "b:x", "b: X", "one: 1", "Cookie: d=2", "x-api-key: K", "x-api-key: k"]

LINES = st.sampled_from(
    [
        *("a: 1", "a: 1 ", "a:1", "A: 1", "a: 2", "a:", "b: \t x\t ", "b: \xe9", "b: X", "b: x", "long: " + "x" * 200),
        *("one: 1", "One: 2", "cookie: c=1", "Cookie: d=2", "Authorization: Bearer k", "traceparent: 00-1"),
        *(" a: 1", "a : 1", "a", ": 1", "a: \x00", "a: 1\nb: 2", "a: 1\r", "", "é: 1", "x_y: 1"),
    ]
) | st.text("aB1:; \t_\x7f\n\r\x00\xff", max_size=6)
TEXTS = (st.lists(st.sampled_from(GOOD), max_size=5) | st.lists(LINES, max_size=7)).map(
    lambda lines: "".join(f"{line}\r\n" for line in lines)
)


def reader() -> FieldReader:
    return FieldReader(5, single=frozenset({"one"}))


def said(one: FieldReader, text: str) -> object:
    """The fields, in order, or the kind and reason of the violation."""
    try:
        return list(one.read(text).items())
    except Violation as violation:
        return violation.kind, violation.reason


def remembered(one: FieldReader) -> str:
    """Everything that is kept from one head to the next."""
    return repr(one._known).lower()


@given(st.lists(TEXTS, max_size=12))
def test_nobody_can_tell_memory_from_none(texts: list[str]) -> None:
    """Whatever was read before, good or bad, a text says the same as to a reader that has read nothing."""
    one = reader()
    for text in (*texts, *texts):
        assert said(one, text) == said(reader(), text)


def test_lines_that_look_alike() -> None:
    """A line is remembered byte for byte: a name has no case, a value has, and no white space around it."""
    one = FieldReader(9)
    for _ in range(2):
        for line, field in (
            *(("a: X", ("a", "X")), ("a: x", ("a", "x")), ("A: x", ("a", "x")), ("a:x\t", ("a", "x"))),
            *(("a: x y", ("a", "x y")), ("a: x  y", ("a", "x  y")), ("a: x\xa0", ("a", "x\xa0")), ("a:", ("a", ""))),
        ):
            assert list(one.read(f"{line}\r\n").items()) == [field]


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_what_is_handed_out_is_nobody_elses(texts: list[str]) -> None:
    """Changing the fields of one head changes no other."""
    one = reader()
    for text in texts:
        before = said(one, text)
        if isinstance(before, list):
            fields = one.read(text)
            fields.update(dict.fromkeys(fields, "changed"), more="x")
        assert said(one, text) == before


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("spell", [str, str.title, str.upper])
def test_secrets_are_not_remembered(name: str, spell: type[str]) -> None:
    """A key lives as long as its request, however its field is spelled, alone, repeated or beside a mistake."""
    one = FieldReader(9)
    line = f"{spell(name)}: zq7sekret\r\n"
    for text in (line, line * 2, f"a: 1\r\n{line}", f"{line}a : 1\r\n"):
        said(one, text)
    assert "zq7sekret" not in remembered(one)


@pytest.mark.parametrize("name", ["traceparent", "x-request-id", "date"])
def test_what_differs_each_time_is_not_remembered(name: str) -> None:
    """It would drive out what comes again."""
    one = FieldReader(9)
    one.read(f"{name}: zq7\r\n")
    assert not remembered(one).count("zq7")


def test_memory_is_bounded() -> None:
    """A peer that never repeats itself fills no more than the bound, in lines and in bytes."""
    one = FieldReader(9)
    most = 0
    for number in range(REMEMBERED_LINES * 3):
        one.read(f"x-{number}: {number}\r\nlong-{number}: {'y' * LONGEST_REMEMBERED}\r\n")
        most = max(most, len(one._known))
    assert most == REMEMBERED_LINES
    assert max(map(len, one._known)) <= LONGEST_REMEMBERED


def test_a_line_seen_before_costs_less() -> None:
    """The second time no line is taken apart."""
    one = FieldReader(99)
    text = "".join(f"name-{number}: value\r\n" for number in range(50))
    first = calls_made(lambda: one.read(text))
    assert calls_made(lambda: one.read(text)) < first / 3


def test_as_many_as_allowed() -> None:
    """The limit is inclusive; a mistake is told before the number."""
    one = FieldReader(3)
    assert len(one.read("a: 1\r\nb: 2\r\nc: 3\r\n")) == 3
    assert said(one, "a: 1\r\n" * 4) == ("head_size", "more than 3 fields")
    assert said(one, "a: 1\r\n" * 4 + "a : 1\r\n") == ("syntax", "white space between a field name and its colon")
    assert one.read("") == {}


@pytest.mark.parametrize("again", ["one: 2", "One: 1", "ONE:1"])
def test_single_fields(again: str) -> None:
    """Twice is refused, with the same value as well, also when both lines are known."""
    one = reader()
    for text in ("one: 1\r\n", f"{again}\r\n"):
        assert one.read(text)
    assert said(one, f"one: 1\r\na: 1\r\n{again}\r\n") == ("syntax", "one appears twice")


def test_repeated_fields() -> None:
    """Values are joined in order, those of cookies by semicolons; a name stands where it stood first."""
    text = "a: 1\r\ncookie: c=1\r\nA: 2, 3\r\nb: x\r\nCookie: d=2\r\na:\r\n"
    one = FieldReader(9)
    for _ in range(2):
        assert list(one.read(text).items()) == [("a", "1, 2, 3, "), ("cookie", "c=1; d=2"), ("b", "x")]


def test_fields_round_trip() -> None:
    """What is rendered is read back as it was."""
    fields = (("a", "1"), ("content-type", "text/plain; charset=\xe9"), ("empty", ""))
    writer = FieldWriter()
    for _ in range(2):
        assert FieldReader(3).read(writer.write(fields)) == dict(fields)
    assert writer.write(()) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a", "b\r\nset-cookie: c"),
        ("a", "b\r\n"),
        ("a", "b\n"),
        ("a", "b\r"),
        ("a", "\x00"),
        ("a", "\x1b"),
        ("a", "\x7f"),
        ("a", "日"),
        ("a", "\u2028"),
        ("a b", "c"),
        ("a:", "c"),
        ("", "c"),
        ("a\r\nb", "c"),
        ("é", "c"),
        ("a: b\r\nc", "d"),
    ],
)
def test_nothing_is_smuggled_into_what_is_written(name: str, value: str) -> None:
    """A name or value with a line end, control byte or character beyond Latin-1 is never written."""
    writer = FieldWriter()
    for _ in range(2):
        with pytest.raises(ValueError, match="may not stand there"):
            writer.write((("x", "1"), (name, value), ("y", "2")))


@pytest.mark.parametrize("name", ["date", "Date", "DATE"])
def test_reserved_names_are_not_written(name: str) -> None:
    """In whatever letters, the first time and later."""
    writer = FieldWriter(frozenset({"date"}))
    for _ in range(2):
        with pytest.raises(ValueError, match="not set here"):
            writer.write((("x", "1"), (name, "1")))


def test_what_a_writer_remembers() -> None:
    """A bounded number of short lines, none of a secret or of what is different each time."""
    writer = FieldWriter()
    secret = ("authorization", "x-api-key", "cookie", "Traceparent", "server-timing", "x-request-id")
    writer.write([*((name, "1") for name in secret), ("long", "x" * LONGEST_REMEMBERED)])
    assert not writer._known
    for number in range(REMEMBERED_LINES + 9):
        assert writer.write((("x", str(number)),)) == f"x: {number}\r\n"
        assert len(writer._known) <= REMEMBERED_LINES
