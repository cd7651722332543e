"""Plain bodies: whatever is read in one step is read the same in all steps, and what is not plain is left alone."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.model import Dialect
from plano.domain.request import ChatRequest
from plano.domain.route import NO_ROUTES, RouteTable
from plano.wire.dialects.chat import shapes as chat
from plano.wire.dialects.messages import shapes as messages
from plano.wire.dialects.responses import shapes as responses
from plano.wire.dialects.thoughts import without_foreign
from plano.wire.dialects.translate import check_request
from plano.wire.json_guard import LARGE_BYTES
from plano.wire.plain import read_plain
from plano.wire.requests import parse_request

CHAT, MESSAGES, RESPONSES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_RESPONSES
ROUTES = [{"name": "model", "description": '"model": "x"', "models": ["a"], "model": "y"}]
SAID: dict[Dialect, dict[str, Any]] = {
    CHAT: {"messages": [{"role": "user", "content": "hi"}]},
    MESSAGES: {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]},
    RESPONSES: {"input": "hi"},
}


def plain(body: bytes, dialect: Dialect = CHAT) -> ChatRequest | None:
    """What is read in one step, where every list of preferences was seen before."""
    return read_plain(body, dialect, lambda _raw: NO_ROUTES)


def in_all_steps(body: bytes, dialect: Dialect = CHAT) -> ChatRequest:
    """What is read otherwise, and checked as a translation would. Raises InvalidRequest, …"""
    request = parse_request(body, dialect, lambda _value, _raw: NO_ROUTES)
    check_request(body, dialect)
    assert without_foreign(body, dialect, "p") == (body, ())
    return msgspec.structs.replace(request, is_plain=True)


texts = st.sampled_from(
    ["", " ", "hi", 'say "model": "x"', "routing_preferences", "model", "\\", "<system-reminder>x</system-reminder>"]
) | st.text(max_size=5)
roles = st.sampled_from(["system", "developer", "user", "assistant", "tool", "function", "x", None])
said = st.lists(
    st.fixed_dictionaries({"role": roles, "content": texts | st.none() | st.just([{"type": "text", "text": "x"}])})
    | st.fixed_dictionaries({"role": st.just("user"), "content": texts, "name": texts}),
    max_size=3,
)
scalars = st.none() | st.booleans() | st.integers(-1, 2**70) | st.floats(-1, 9) | texts | st.lists(texts, max_size=2)
members = {
    "model": texts | st.just("m"),
    "messages": said,
    "input": texts | said,
    "stream": st.booleans() | st.none(),
    "routing_preferences": st.just(ROUTES) | st.just([]) | st.none(),
    "stream_options": st.sampled_from([None, {}, {"include_usage": True}, {"include_usage": None}, {"x": 1}]),
    "system": texts | st.just([{"type": "text", "text": "x"}]),
    "max_tokens": st.integers(-1, 9) | scalars,
    "x": scalars,
}
options = {field.name for shape in (chat, messages, responses) for field in msgspec.structs.fields(shape.Request)}
members = {**dict.fromkeys(sorted(options), scalars), **members}


@given(st.fixed_dictionaries({}, optional=members), st.sampled_from(sorted(SAID)), st.data())
def test_plain_or_not_it_is_the_same(document: dict[str, Any], dialect: Dialect, data: st.DataObject) -> None:
    """A body that is read in one step is accepted otherwise as well, and means the same."""
    document = {"model": "m", **SAID[dialect], **document}
    order = data.draw(st.permutations(list(document)))
    indent, is_ascii = data.draw(st.sampled_from([None, 1])), data.draw(st.booleans())
    body = json.dumps({name: document[name] for name in order}, indent=indent, ensure_ascii=is_ascii).encode()
    found = plain(body, dialect)
    if found is not None:
        assert found == in_all_steps(body, dialect)


@given(st.lists(st.sampled_from([b" ", b"\n", b"\t", b"\r"]), max_size=2).map(b"".join), st.data())
def test_white_space(space: bytes, data: st.DataObject) -> None:
    """Wherever it stands, a plain body is plain, and its edits are the same."""
    parts = [b'"messages":[{"role":"user","content":"x"}]', b'"model"' + space + b":" + space + b'"m"']
    parts.append(b'"routing_preferences"' + space + b":" + space + json.dumps(ROUTES).encode())
    body = b"{" + b",".join(space + part + space for part in data.draw(st.permutations(parts))) + b"}" + space
    found = plain(body)
    assert found is not None
    assert found == in_all_steps(body)


@pytest.mark.parametrize("dialect", SAID)
@pytest.mark.parametrize("value", ["x", 1, 0.5, True, None])
def test_every_option_of_a_dialect(value: object, dialect: Dialect) -> None:
    """Whichever it is and whatever its value: plain and accepted otherwise as well, or not plain."""
    for name in sorted(options):
        document = {"model": "m", **SAID[dialect], name: value}
        body = json.dumps(document).encode()
        found = plain(body, dialect)
        if found is not None:
            assert found == in_all_steps(body, dialect), name


@pytest.mark.parametrize("dialect", SAID)
def test_common_bodies_are_plain(dialect: Dialect) -> None:
    """Text, options and known preferences, in every dialect; quotes and escapes in a text change nothing."""
    limit = "max_output_tokens" if dialect is RESPONSES else "max_tokens"
    document = {**SAID[dialect], "model": "m", limit: 512, "temperature": 0.7, "top_p": 1, "stream": True}
    for more in ({}, {"routing_preferences": ROUTES}, {"stream": None}):
        body = json.dumps({**document, **more}).encode()
        assert plain(body, dialect) == in_all_steps(body, dialect)
    odd = json.dumps(document).replace("hi", r"\"model\": \"x\" \\ \u00e9 \"routing_preferences\":[]").encode()
    assert plain(odd, dialect) == in_all_steps(odd, dialect)


HI = b'"messages":[{"role":"user","content":"hi"}]'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"{" + HI + b"}",
        b'{"model":"",' + HI + b"}",
        b'{"model":1,' + HI + b"}",
        b'{"model":"m","messages":[]}',
        b'{"model":"m","model":"m",' + HI + b"}",
        rb'{"model":"m","mod\u0065l":"m",' + HI + b"}",
        rb'{"mod\u0065l":"m",' + HI + b"}",
        rb'{"model":"\u006d",' + HI + b"}",
        b'{"model":"m","messages":[{"role":"user","role":"user","content":"hi"}]}',
        b'{"model":"m","seed":1,"seed":1,' + HI + b"}",
        # Two quotes more inside a text than the source shows, two fewer around the keys: the sums are equal.
        rb'{"model":"m","seed":1,"seed":1,"messages":[{"role":"user","content":"\u0022\u0022"}]}',
        b'{"model":"m","x":1,' + HI + b"}",
        b'{"model":"m","tools":[],' + HI + b"}",
        b'{"model":"m","messages":[{"role":"tool","content":"hi"}]}',
        b'{"model":"m","messages":[{"role":"user","content":"\xff"}]}',
        b'{"model":"m","routing_preferences":null,"routing_preferences":[],' + HI + b"}",
        rb'{"model":"m","routing_preference\u0073":[],' + HI + b"}",
    ],
)
def test_what_is_not_plain(body: bytes) -> None:
    """Anything wrong, anything twice, anything beyond text, and names that are spelt by numbers."""
    assert plain(body) is None


def test_preferences_that_were_not_seen_before() -> None:
    """They are read and checked in all steps; a list that is known by its bytes is not."""
    body = json.dumps({"model": "m", **SAID[CHAT], "routing_preferences": ROUTES}).encode()
    asked: list[bytes] = []

    def known(raw: bytes) -> RouteTable | None:
        asked.append(raw)
        return None

    assert read_plain(body, CHAT, known) is None
    assert asked == [json.dumps(ROUTES).encode()]


def test_large_bodies() -> None:
    """They are read part by part elsewhere."""
    body = b'{"model":"m","messages":[{"role":"user","content":"%b"}]}' % (b"x" * LARGE_BYTES)
    assert plain(body) is None
