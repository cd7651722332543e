"""Large documents: the same value and the same refusals as when they are read in one go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.errors import InvalidJson
from plano.wire import json_guard, json_parts

TEXT = st.text(max_size=12) | st.sampled_from(['"', "\\", '\\"', "\\\\", "\u2028", "\U0001f600", "a" * 60, '"' * 9])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=6),
    max_leaves=40,
)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large, and many cuts fall everywhere."""
    monkeypatch.setattr(json_guard, "LARGE_BYTES", 0)
    monkeypatch.setattr(json_parts, "BATCH_BYTES", 16)


def reference(body: bytes) -> Any:
    """What is to come out: a value, or the word ``refused``."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in found}) != len(found):
            raise ValueError("twice")
        return dict(found)

    try:
        return json.loads(body, object_pairs_hook=pairs)
    except ValueError:
        return "refused"


def read(body: bytes) -> Any:
    """What comes out."""
    try:
        return json_guard.loads(body)
    except InvalidJson:
        return "refused"


@given(DOCUMENTS, st.sampled_from([None, 1]), st.booleans())
def test_the_same_value(document: Any, indent: int | None, ascii_only: bool) -> None:
    """However it is written and wherever the batches end."""
    assert read(json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()) == document


@given(DOCUMENTS, DOCUMENTS, st.sampled_from(["a", '"', "\\", "\u00e9"]), st.booleans())
def test_a_key_twice_at_any_depth(one: Any, other: Any, key: str, escaped: bool) -> None:
    """Refused, also when it is spelled differently the second time."""
    name = json.dumps(key)
    again = "".join(f"\\u{ord(mark):04x}" for mark in key) if escaped else name[1:-1]
    inner = f'{{{name}: {json.dumps(one)}, "{again}": {json.dumps(other)}}}'
    for body in (inner, f'[1, {inner}, "x"]', f'{{"outer": [{inner}], "more": {json.dumps(other)}}}'):
        assert reference(body.encode()) == "refused"
        assert read(body.encode()) == "refused"


@given(st.text('{}[]",:\\u0041 a1\n', max_size=60))
def test_any_text(text: str) -> None:
    """What the reference refuses is refused, what it accepts is read alike."""
    assert read(text.encode()) == reference(text.encode())


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [63, 64, 65, 200])
def test_levels(opening: str, levels: int) -> None:
    """Sixty-four levels, whichever batch they are in."""
    closing = "]" if opening == "[" else "}"
    body = (opening * levels + '"' + "x" * 40 + '"' + closing * levels).encode()
    assert (read(body) == "refused") is (levels > 64)


@pytest.mark.parametrize(
    "body",
    [
        b'["' + b"x" * 40 + b'", ' + b"\xff" + b"]",
        b'["' + b"x" * 40 + b"\xff" + b'"]',
        b'["' + b"x" * 40 + b'", 1e999]',
        b'["' + b"x" * 40 + b'", "\\ud800"]',
        b'{"' + b"x" * 40 + b'": 1, "\xc3": 2}',
        b'["' + b"x" * 40 + b'"] []',
        b'["' + b"x" * 40 + b'",]',
        b"   " * 40 + b"[1,",
        b"   " * 40,
    ],
)
def test_what_no_part_may_hold(body: bytes) -> None:
    """Half a character, a number without end, half a surrogate pair, bytes after the end: refused in every part."""
    assert read(body) == "refused"


@given(st.text('\\"ax', max_size=200))
def test_strings_are_counted_across_cuts(text: str) -> None:
    """A cut never comes between a backslash and what it escapes."""
    body = json.dumps([text, {"a": text}]).encode()
    assert json_parts.count_strings(body) == 3


def test_no_call_sees_more_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder is never handed more than a batch at once, however the document is built."""
    sizes: list[int] = []
    strict = json_guard._strict

    def watched(body: bytes, levels: int) -> Any:
        sizes.append(len(body))
        return strict(body, levels)

    monkeypatch.setattr(json_guard, "_strict", watched)
    document = {"a": [{"b": number, "c": "x"} for number in range(50)], "d": "y"}
    assert json_guard.loads(json.dumps(document).encode()) == document
    assert max(sizes) <= 16 + 24
