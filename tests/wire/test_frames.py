"""Bodies of a frame that was seen before: the same request as without it, and nothing that would not be one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.model import Dialect
from plano.domain.request import ChatRequest
from plano.domain.route import NO_ROUTES, RouteTable
from plano.wire.frames import BESIDE, LEARNS_EVERY, LONGEST_BYTES, REMEMBERED, PlainReader
from plano.wire.plain import read_plain

CHAT, MESSAGES, RESPONSES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_RESPONSES

BEFORE = b'{"model": "a/b", "messages": '
BEHIND = b', "max_tokens": 7, "routing_preferences": [1], "stream": true}'
HELLO = b'[{"role": "user", "content": "hello"}]'


class Known:
    """Knows every list of preferences; ``asked``: how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, raw: bytes) -> RouteTable | None:
        """None of its routes."""
        self.asked += 1
        return NO_ROUTES


def taught(*bodies: bytes, dialect: Dialect = CHAT) -> tuple[PlainReader, Known]:
    """A reader that has seen these."""
    reader, known = PlainReader(learns_every=1), Known()
    for body in bodies:
        assert reader.read(body, dialect, known) is not None
    known.asked = 0
    return reader, known


def alone(body: bytes, dialect: Dialect = CHAT) -> ChatRequest | None:
    """The request without any memory."""
    return read_plain(body, dialect, Known())


@pytest.mark.parametrize(
    ("dialect", "before", "said", "other", "behind"),
    [
        (
            CHAT,
            BEFORE,
            HELLO,
            b'[{"role":"system","content":"\\u00e9 \\"x\\""}, {"role":"user","content":"b"}]',
            BEHIND,
        ),
        (CHAT, b'{"routing_preferences": [], "messages":', HELLO, HELLO + b"  ", b',"model":"m"}'),
        (CHAT, b'{"messages":\n', HELLO, HELLO, b',"routing_preferences":[2],"model":"m"}'),
        (MESSAGES, b'{"system":"s","max_tokens":1,"messages":', HELLO, HELLO.replace(b"hello", b"h"), b',"model":"m"}'),
        (RESPONSES, b'{"model":"m","input":', b'"hello"', b'"what \\"else\\"?"', b',"max_output_tokens":3}'),
    ],
)
def test_the_same_request_as_without_it(
    dialect: Dialect, before: bytes, said: bytes, other: bytes, behind: bytes
) -> None:
    """Another conversation in the same frame: every field is as if the whole body was read."""
    reader, known = taught(before + said + behind, dialect=dialect)
    body = before + other + behind
    assert reader.read(body, dialect, known) == alone(body, dialect)
    assert alone(body, dialect) is not None
    assert known.asked == 0


WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
SAID = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": WORDS})
)


@given(SAID, st.booleans(), st.booleans())
def test_whatever_is_said(said: list[dict[str, Any]], is_ascii: bool, has_extra: bool) -> None:
    """Empty, odd, escaped, or nothing that is plain at all: with and without memory it is the same."""
    reader, known = taught(BEFORE + HELLO + BEHIND)
    if has_extra and said:
        said[0]["name"] = "n"
    body = BEFORE + json.dumps(said, ensure_ascii=is_ascii).encode() + BEHIND
    assert reader.read(body, CHAT, known) == alone(body)


@pytest.mark.parametrize(
    "said",
    [
        b'[{"role": "user", "content": "a", "content": "b"}]',
        b'[{"role": "user", "content": "a", "cont\\u0065nt": "\\u0022\\u0022"}]',
        b'[{"role": "user", "content": "a"}], "model": "other"',
        b'[{"role": "user", "content": "a"}], "tools": []',
        b'[{"role": "user", "content": "a"}',
        b'{"role": "user", "content": "a"}',
        b'[{"role": "user", "content": "\xff"}]',
        b'"a"',
        b"",
        b"[]",
        b"[[[[[",
    ],
)
def test_nothing_gets_through_between(said: bytes) -> None:
    """What is no conversation, or more than one, is not read in a frame either."""
    reader, known = taught(BEFORE + HELLO + BEHIND)
    body = BEFORE + said + BEHIND
    assert alone(body) is None
    assert reader.read(body, CHAT, known) is None


def test_frames_that_overlap() -> None:
    """A body that is shorter than the frame it begins and ends like is not one of it."""
    reader, known = taught(b'{"model":"m","messages":[{"role":"user","content":"a"}]}')
    body = b'{"model":"m","messages":[{"role":"user","content":"a"}'
    assert reader.read(body, CHAT, known) is None


def test_a_frame_is_one_of_its_dialect() -> None:
    """What an empty message means depends on it."""
    body, empty = b'{"max_tokens":1,"model":"m","messages":%b}' % HELLO, HELLO.replace(b"hello", b"")
    reader, known = taught(body)
    other = body.replace(HELLO, empty)
    assert reader.read(other, MESSAGES, known) is None
    assert reader.read(other, CHAT, known) == alone(other)


@pytest.mark.parametrize(
    "body",
    [
        b'{"routing_preferences": {"messages": %b}, "model":"m", "messages": %b}' % (HELLO, HELLO),
        b'{"user": "messages", "model":"m", "messages": %b}' % HELLO,
        b'{"user": "a\\nb", "model":"m", "messages": %b}' % HELLO,
        b'{"user": "%b", "model":"m", "messages": %b}' % (b"x" * LONGEST_BYTES, HELLO),
    ],
)
def test_what_is_not_remembered(body: bytes) -> None:
    """A frame in which the member might be mistaken for another, that escapes something, or that is long."""
    reader, _ = taught(body)
    assert not reader._frames


def test_what_is_remembered_is_bounded() -> None:
    """Of frames that begin alike the last ones, and of all a number."""
    reader, known = taught()
    for number in range(3 * BESIDE):
        reader.read(BEFORE + HELLO + b', "seed": %d}' % number, CHAT, known)
    assert [len(frames) for frames in reader._frames.values()] == [BESIDE]
    for number in range(3 * REMEMBERED):
        reader.read(b'{"model": "m%d", "messages": %b}' % (number, HELLO), CHAT, known)
        assert sum(map(len, reader._frames.values())) <= REMEMBERED


def test_one_in_so_many_is_learned() -> None:
    """Callers whose frames never come again pay little for the memory of others."""
    reader, known = PlainReader(), Known()
    for _ in range(LEARNS_EVERY - 1):
        reader.read(BEFORE + HELLO + BEHIND, CHAT, known)
    assert not reader._frames
    reader.read(BEFORE + HELLO + BEHIND, CHAT, known)
    assert len(reader._frames) == 1
