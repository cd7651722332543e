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
        # As many quotes in all as where no key is lost: two are written by their numbers.
        (b'{"a":1,"a":1,"b":"\\u0022\\u0022"}', "same key twice"),
        (b'{"a":1,"b":"\\\\u0022 \\u0022\\u0022","a":1}', "same key twice"),
    ],
)
def test_what_is_refused(body: bytes, reason: str) -> None:
    """Whatever two readers could understand differently is refused with its reason."""
    with pytest.raises(InvalidJson, match=reason):
        json_guard.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 64 + b"]" * 64,
        b'{"a":"\\\\"}',
        b'{"a":"\\"","b":"\\\\\\""}',
        b'{"a":"\x7f"}',
        b'{"a":"\\u0022","b":"\\\\u0022"}',
    ],
)
def test_what_is_accepted(body: bytes) -> None:
    """The limits are inclusive, and backslashes do not confuse the count of strings."""
    assert json_guard.loads(body) == json.loads(body)


WORDS = st.sampled_from(["model", '"model"', '"model', 'model"', '\\"model"', "mod\\u0065l", "x", "{", "é", "\\"])
WORDY = st.recursive(
    WORDS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(WORDS | st.text(max_size=3), WORDY, max_size=4),
    WORDY | VALUES,
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
    st.data(),
)
def test_one_member_is_the_one_found_by_walking(
    others: dict[str, object], value: object, indent: str | int | None, is_ascii: bool, data: st.DataObject
) -> None:
    """Whatever else stands in a body, and wherever the member does: its spans are those that walking finds."""
    document = {**others, "model": value}
    order = data.draw(st.permutations(list(document)))
    body = json.dumps({name: document[name] for name in order}, ensure_ascii=is_ascii, indent=indent).encode()
    json_guard.loads(body)
    assert json_guard.Member("model").spans(body) == json_guard.member_spans(body)["model"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "a", "x": 1}',
        b' {\n"model"\t:\r "a" } ',
        b'{"model":[1, {"a":"b"} ] ,"x":1}',
        b'{"x": "say \\"model\\": \\"b\\"", "model": "a"}',
        b'{"x": "say \\"model", "model": "a"}',
        b'{"mo\\u0064el": "a", "x": {"model": "b"}}',
        b'{"model": "a", "x": {"model": "b"}}',
        b'{"x": {"model": "b"}, "model": "a"}',
        b'{"model": "a", "x": "model"}',
        b'{"model": null, "x": ["model"]}',
        b'{"model":-0.5e3}',
    ],
)
def test_one_member_and_other_places_of_its_name(body: bytes) -> None:
    """The name in a text, in an object inside, or written with escapes misleads nobody."""
    assert json_guard.Member("model").spans(body) == json_guard.member_spans(body)["model"]


def test_the_common_body_is_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the name stands in quotes once and nothing is escaped by number, no other member is looked at."""
    monkeypatch.setattr(json_guard, "member_spans", lambda _body: pytest.fail("walked"))
    assert json_guard.Member("model").spans(b'{"a":"model \\"x\\"", "model" : 12}') == ((20, 32), (30, 32))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"model":"m","tools":[%b]}' % (b"[" * 63 + b"]" * 63), "tools"),
        (b'{"model":"m","tools":[%b]}' % (b'{"a":' * 500 + b"1" + b"}" * 500), "tools"),
        (b'{"model":"m","tools":%b}' % (b"[" * 100_000 + b"]" * 100_000), None),
        (b'{"odd name":%b}' % (b"[" * 64 + b"]" * 64), None),
        (b"[" * 65 + b"]" * 65, None),
    ],
    ids=["just", "deep", "bottomless", "odd name", "no object"],
)
def test_what_is_too_deep_is_named(body: bytes, place: str | None) -> None:
    """The member of the body, where its name can be shown and the depth can be looked at."""
    with pytest.raises(InvalidJson, match="deeper than 64") as caught:
        json_guard.loads(body)
    assert caught.value.param == place


def test_depth_is_that_of_containers() -> None:
    """Brackets in texts, and many beside each other, are no depth."""
    for body in (b'{"a":"' + b"[{" * 500 + b'"}', b"[" + b"[[]]," * 99 + b"{}]", b"[" * 64 + b"]" * 64):
        json_guard.loads(body)
    for deep in (b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 64 + b"{}" + b"]" * 64):
        with pytest.raises(InvalidJson, match="deeper than 64"):
            json_guard.loads(deep)


@pytest.mark.parametrize("number", [b"-0", b"1e-400", b"1e300", b"123456789012345678901234567890", b"1" * 500])
def test_numbers_of_any_size(number: bytes) -> None:
    """A large or small number is no duplicate and no mistake; it stays in the body as it was written."""
    body = b'{"seed":' + number + b',"model":"m"}'
    json_guard.loads(body)
    (start, end) = json_guard.Member("seed").spans(body)[1]
    assert body[start:end] == number
