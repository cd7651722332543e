"""Strict JSON in, and spans that allow editing in place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.errors import InvalidJson
from plano.wire import json_guard

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.dictionaries(st.text(max_size=8), VALUES, max_size=6)


@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_whatever_is_json_is_read(document: dict[str, object], is_ascii: bool, indent: str | int | None) -> None:
    """Any JSON document is accepted, with escapes or without, however it is laid out."""
    assert json_guard.loads(json.dumps(document, ensure_ascii=is_ascii, indent=indent).encode()) == document


@given(DOCUMENTS.filter(bool), st.sampled_from([None, 1, "\t"]), st.data())
def test_spans_are_the_members(document: dict[str, object], indent: str | int | None, data: st.DataObject) -> None:
    """The span of a value holds that value; cutting a member leaves the others as they stood."""
    body = json.dumps(document, indent=indent).encode()
    spans = json_guard.member_spans(body)
    assert list(spans) == list(document)
    name = data.draw(st.sampled_from(list(document)))
    member, (start, end) = spans[name]
    assert json.loads(body[start:end]) == document[name]
    cut = json_guard.removal_span(body, member)
    rest = json.loads(body[: cut[0]] + body[cut[1] :])
    assert rest == {key: value for key, value in document.items() if key != name}


@given(DOCUMENTS.filter(bool), st.data())
def test_a_duplicate_key_is_always_found(document: dict[str, object], data: st.DataObject) -> None:
    """A key written twice in the same object is refused, whatever it holds and however it is escaped."""
    name = data.draw(st.sampled_from(list(document)))
    again = f"{json.dumps(name, ensure_ascii=data.draw(st.booleans()))}: {json.dumps(document[name])}"
    body = json.dumps(document, ensure_ascii=False)
    with pytest.raises(InvalidJson, match="same key twice"):
        json_guard.loads(f"{body[:-1]}, {again}}}".encode())
    with pytest.raises(InvalidJson, match="same key twice"):
        json_guard.loads(f'{{"deep": [{body[:-1]}, {again}}}]}}'.encode())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b"  ", "it is empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a":"\xff"}', "not UTF-8"),
        (b'{"a":"\xc0\xaf"}', "not UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a":"\\ud800"}', "not valid JSON"),
        (b'{"a":"\\udc00x"}', "surrogate"),
        (b'{"a":NaN}', "byte 5"),
        (b'{"a":Infinity}', "byte 5"),
        (b'{"a":1e999}', "out of range"),
        (b'{"a":01}', "number"),
        (b'{"a":1,}', "comma"),
        (b'{"a":1}x', "trailing"),
        (b'{"a":"\x01"}', "byte"),
        (b"{'a':1}", "byte"),
        (b"\xff\xfe{\x00}\x00", "byte 0"),
        (b"[" * 65 + b"]" * 65, "deeper than 64"),
        (b"[" * 100_000, "deeper than 64"),
        (b'{"a":"\\\\","a":1}', "same key twice"),
        (b'{"a":"\\\\\\"","a":1}', "same key twice"),
    ],
)
def test_what_is_refused(body: bytes, reason: str) -> None:
    """Whatever two readers could understand differently is refused with its reason."""
    with pytest.raises(InvalidJson, match=reason):
        json_guard.loads(body)


@pytest.mark.parametrize(
    "body", [b"[" * 64 + b"]" * 64, b'{"a":"\\\\"}', b'{"a":"\\"","b":"\\\\\\""}', b'{"a":"\x7f"}']
)
def test_what_is_accepted(body: bytes) -> None:
    """The limits are inclusive, and backslashes do not confuse the count of strings."""
    assert json_guard.loads(body) == json.loads(body)


@given(DOCUMENTS, st.text(), st.sampled_from([None, 1]))
def test_short_cut_to_a_text_value(document: dict[str, object], text: str, indent: int | None) -> None:
    """The short cut finds the span that walking finds, or nothing."""
    body = json.dumps({**document, "model": text}, indent=indent).encode()
    assert json_guard.value_span(body, b"model") in (None, json_guard.member_spans(body)["model"][1])


@pytest.mark.parametrize(
    ("body", "is_found"),
    [
        (b'{"model": "a", "x": 1}', True),
        (b'{"x": "say \\"model\\": \\"b\\"", "model": "a"}', True),
        (b'{"mo\\u0064el": "a", "x": {"model": "b"}}', False),
        (b'{"model": "a", "x": {"model": "b"}}', False),
        (b'{"model": "a", "x": "model"}', False),
    ],
)
def test_short_cut_and_other_models(body: bytes, is_found: bool) -> None:
    """A body that has the name elsewhere is walked."""
    assert (json_guard.value_span(body, b"model") is not None) is is_found
