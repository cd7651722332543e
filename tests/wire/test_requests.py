"""Requests of every dialect: what is read, and the copy that an attempt sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.conversation import Turn
from plano.domain.model import Dialect
from plano.domain.request import ChatRequest
from plano.domain.route import NO_ROUTES, RouteTable
from plano.errors import InvalidRequest
from plano.wire.dialects.turns import text_turns
from plano.wire.requests import COPIED_BYTES, derive_body, parse_request


def read(body: bytes) -> ChatRequest:
    """The request; any inline list is an empty one."""
    return parse_request(body, Dialect.OPENAI_CHAT, lambda _value, _raw: NO_ROUTES)


names = st.sampled_from(["model", "a", "mod\\u0065l", 'x"model', "é", "stream_options", "", "\\"]) | st.text(max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6) | st.just('"model"'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
others = st.dictionaries(names.filter(lambda name: name not in ("model", "messages", "stream")), values, max_size=4)


@given(
    others, st.booleans(), st.sampled_from([None, 1, "\t"]), st.booleans(), st.text(min_size=1, max_size=5), st.data()
)
def test_only_model_and_preferences_differ(
    more: dict[str, Any], is_ascii: bool, indent: Any, is_routed: bool, model: str, data: st.DataObject
) -> None:
    """Whatever stands in a body, in whichever order: the copy has the new model, no preferences, and all the rest."""
    document = {"model": model, "messages": [{"role": "user", "content": "model"}], **more}
    if is_routed:
        document["routing_preferences"] = [{"model": 1}]
    order = data.draw(st.permutations(list(document)))
    body = json.dumps({name: document[name] for name in order}, ensure_ascii=is_ascii, indent=indent).encode()
    request = read(body)
    sent = json.loads(b"".join(derive_body(request, 'new "id"')))
    expected = {name: value for name, value in document.items() if name != "routing_preferences"}
    assert sent == {**expected, "model": 'new "id"'}
    assert list(sent) == [name for name in order if name != "routing_preferences"]
    assert request.body == body


@given(st.lists(st.sampled_from([b" ", b"\n", b"\t", b"\r"]), max_size=3).map(b"".join), st.data())
def test_white_space_stays(space: bytes, data: st.DataObject) -> None:
    """Around the edits every byte stays, white space included; the comma of the cut member goes with it."""
    members = [b'"messages":[]', b'"model"' + space + b":" + space + b'"old"', b'"routing_preferences":[]']
    body = b"{" + b",".join(space + member + space for member in data.draw(st.permutations(members))) + b"}" + space
    sent = b"".join(derive_body(read(body), "new"))
    assert b'"model"' + space + b":" + space + b'"new"' in sent
    assert sorted(json.loads(sent)) == ["messages", "model"]
    assert len(sent) <= len(body) - len(b'"routing_preferences":[],')


def test_a_large_body_is_not_copied() -> None:
    """Its parts show the caller's own bytes."""
    request = read(b'{"messages":[], "model":"old", "x":"' + b"a" * COPIED_BYTES + b'"}')
    before, _, after = derive_body(request, "new")
    for part in (before, after):
        assert isinstance(part, memoryview)
        assert part.obj is request.body


@pytest.mark.parametrize(
    ("messages", "turns"),
    [
        ([], ()),
        ([{"role": "user", "content": "hi"}], (Turn("user", "hi"),)),
        ([{"role": "system", "content": "x"}, {"role": "tool", "content": "y"}, {"role": "developer"}], ()),
        ([{"role": "assistant", "content": None}, {"role": "user", "content": " \n"}], ()),
        (
            [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}],
                }
            ],
            (Turn("user", "a\nb"),),
        ),
        (
            [{"role": "user", "content": "q"}, {"role": "assistant", "content": "r"}],
            (Turn("user", "q"), Turn("assistant", "r")),
        ),
    ],
)
def test_conversation(messages: Any, turns: tuple[Turn, ...]) -> None:
    """Turns of user and assistant that have text, in order; everything else is left out."""
    assert text_turns({"messages": messages}, Dialect.OPENAI_CHAT).turns == turns


@given(values | st.lists(st.dictionaries(st.sampled_from(["role", "content", "type"]), values, max_size=3), max_size=3))
def test_a_conversation_or_a_place(messages: Any) -> None:
    """Any JSON is a conversation or a mistake with its place."""
    try:
        text_turns({"messages": messages}, Dialect.OPENAI_CHAT)
    except InvalidRequest as error:
        assert str(error.param).startswith("messages")


def test_a_part_without_text() -> None:
    """A text part needs a text; its place is exact."""
    with pytest.raises(InvalidRequest) as caught:
        text_turns({"messages": [{"role": "user", "content": [{"type": "text", "text": None}]}]}, Dialect.OPENAI_CHAT)
    assert caught.value.param == "messages[0].content[0].text"


@pytest.mark.parametrize(("value", "is_stream"), [("true", True), ("false", False), ("null", False)])
def test_stream(value: str, is_stream: bool) -> None:
    """Null is false."""
    assert read(f'{{"model":"m","messages":[],"stream":{value}}}'.encode()).is_stream is is_stream


def test_the_reader_of_preferences_gets_value_and_bytes() -> None:
    """The list is read once, from its own bytes; null is handed over and not taken for absence."""
    seen: list[tuple[Any, bytes]] = []

    def reader(value: Any, raw: bytes) -> RouteTable:
        seen.append((value, raw))
        return NO_ROUTES

    request = parse_request(b'{"model":"m","routing_preferences" : [ 1 ] ,"messages":[]}', Dialect.OPENAI_CHAT, reader)
    assert request.preferences is NO_ROUTES
    parse_request(b'{"model":"m","routing_preferences":null,"messages":[]}', Dialect.OPENAI_CHAT, reader)
    assert seen == [([1], b"[ 1 ]"), (None, b"null")]
    assert parse_request(b'{"model":"m","messages":[]}', Dialect.OPENAI_CHAT, reader).preferences is None
