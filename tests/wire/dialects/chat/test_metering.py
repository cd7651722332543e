"""A provider is asked for its account of a stream, and the caller who did not ask gets a stream without it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.usage import Usage
from plano.wire.dialects.chat.metering import MeteredStream, metered

ASKED = {"include_usage": True}


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (b' { "model":"m" , "stream":true}', ASKED),
        (b'{"model":"m","messages":[{"content":"\\"stream_options\\" \\u00e9"}]}', ASKED),
        (b'{"model":"m","x":{"stream_options":{"include_usage":true}}}', ASKED),
        (b'{"model":"m","stream_options":null}', ASKED),
        (b'{"stream_options" : {"include_usage":false,"more":1}, "model":"m"}', {"include_usage": True, "more": 1}),
        (b'{"stream_\\u006fptions":{},"model":"m"}', ASKED),
    ],
)
def test_it_is_asked_for_once(body: bytes, options: object) -> None:
    """Whatever the caller wrote, there is one such member; every other byte stays."""
    found = metered(body)
    assert found is not None
    members = json.loads(found, object_pairs_hook=list)
    assert [name for name, _ in members].count("stream_options") == 1
    assert json.loads(found)["stream_options"] == options
    before = {name: value for name, value in json.loads(body).items() if name != "stream_options"}
    assert {name: value for name, value in json.loads(found).items() if name != "stream_options"} == before


@pytest.mark.parametrize("options", [b'{"include_usage":true}', b'"junk"', b"[]"])
def test_a_caller_who_asks_is_left_alone(options: bytes) -> None:
    """His account is his own; nonsense is for the provider to refuse."""
    assert metered(b'{"model":"m","stream_options":%b}' % options) is None


def event(**members: object) -> bytes:
    """A chunk."""
    return b"data: " + json.dumps({"id": "c", "usage": None, **members}).encode() + b"\n\n"


WORD = event(choices=[{"index": 0, "delta": {"content": '"choices": []'}, "finish_reason": None}])
STOP = event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
FILTER = event(choices=[], prompt_filter_results=[])
ACCOUNT = event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 3})
DONE = b"data: [DONE]\n\n"


@given(st.integers(1, 300))
def test_the_account_is_read_and_kept_back(size: int) -> None:
    """Cut anywhere: all but that one event is passed on, byte for byte, and the stream is whole."""
    stream, said = MeteredStream(), FILTER + WORD + WORD + STOP + ACCOUNT + DONE
    passed = b"".join([stream.feed(said[at : at + size]) for at in range(0, len(said), size)])
    assert passed + stream.close() == FILTER + WORD + WORD + STOP + DONE
    assert (stream.counted(), stream.is_whole, stream.state) == (Usage(7, 3), True, "done")


def test_every_account_is_kept_back() -> None:
    """A provider that counts as it goes sends several: the last one counts. What else has no choices is passed on."""
    stream, early = MeteredStream(), event(choices=[], usage={"prompt_tokens": 7, "completion_tokens": 1})
    assert stream.feed(WORD + early + FILTER + STOP + ACCOUNT + DONE) == WORD + FILTER + STOP + DONE
    assert stream.counted() == Usage(7, 3)


def test_an_account_in_an_event_with_content_is_passed_on() -> None:
    """Some providers count in the last chunk: it is no event of its own."""
    stream = MeteredStream()
    last = event(
        choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], usage={"prompt_tokens": 7, "completion_tokens": 3}
    )
    assert stream.feed(WORD + last + DONE) == WORD + last + DONE
    assert stream.counted() == Usage(7, 3)
