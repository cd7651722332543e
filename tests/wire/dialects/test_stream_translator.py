"""Streams between dialects: every cut, every spelling, one end, and none that the upstream did not give."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plano.domain.model import Dialect
from plano.wire.dialects.finishes import WITHOUT_WORDS
from plano.wire.dialects.stream_translator import MAX_DROPPED_EVENTS, StreamTranslator
from tests.wire.dialects import oracles
from tests.wire.dialects.damage import ODD, cut, paths, put
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, PAIRS, RESPONSES, answering, streamed
from tests.wire.dialects.streams import STREAMS, chunk, event, fed, folded, interleaved, upstream_truncated

_STARTED = event("message_start", message={"id": "m", "model": "x", "usage": {"input_tokens": 1}})
_EMPTY_BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
_EMPTY_THOUGHT = event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""})
_CLOSED = event("content_block_stop", index=0)
_CALL = event("content_block_start", index=0, content_block={"type": "tool_use", "id": "t", "name": "f", "input": {}})
_WORD = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "a"})


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_vendors_accept_every_event(source: Dialect, target: Dialect) -> None:
    """The official types accept the whole stream, and it says what the source said."""
    written = streamed(STREAMS[source], source, target)
    oracles.check_stream(written, target)
    assert folded(written, target) == folded(STREAMS[source], source)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_cut_at_every_byte(source: Dialect, target: Dialect) -> None:
    """One cut anywhere, or a cut after every byte: the same bytes come out, characters are never broken."""
    stream = STREAMS[source]
    whole = streamed(stream, source, target)
    assert fed(source, target, [stream[n : n + 1] for n in range(len(stream))])[0] == whole
    for position in range(1, len(stream)):
        assert fed(source, target, [stream[:position], stream[position:]])[0] == whole


@pytest.mark.parametrize(("source", "target"), PAIRS)
@given(seed=st.integers(0, 2**32), end=st.sampled_from([b"\n", b"\r\n", b"\r"]))
@settings(max_examples=40)
def test_cuts_and_spellings_do_not_matter(source: Dialect, target: Dialect, seed: int, end: bytes) -> None:
    """Random cuts, or one event in each piece; any line end, a byte order mark, comments, ids, data over two lines or
    none: the same bytes come out."""
    chance = random.Random(seed)
    events = [b"\xef\xbb\xbf: hello\n\n"]
    for each in STREAMS[source].split(b"\n\n")[:-1]:
        spelled = each.replace(b"data: ", b"data:") if chance.random() < 0.3 else each
        if chance.random() < 0.3:
            spelled = spelled.replace(b'"choices":', b'"choices":\ndata: ')
        events += [chance.choice([b": ping\n\n", b"data: \n\n"])] if chance.random() < 0.2 else []
        events.append(spelled + (b"\nid: 7" if chance.random() < 0.2 else b"") + b"\n\n")
    stream = b"".join(events).replace(b"\n", end)
    places = sorted(chance.sample(range(len(stream)), 10))
    pieces = [stream[a:b] for a, b in zip([0, *places], [*places, len(stream)], strict=True)]
    whole = streamed(STREAMS[source], source, target)
    assert fed(source, target, pieces)[0] == whole
    assert fed(source, target, [each.replace(b"\n", end) for each in events])[0] == whole


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_truncated_stream_has_no_end(source: Dialect, target: Dialect) -> None:
    """Cut after any event but the last: nothing terminal comes out, and the state says that the answer is not whole."""
    events = STREAMS[source].split(b"\n\n")[:-1]
    whole = folded(streamed(STREAMS[source], source, target), target)
    last = 1 if source is RESPONSES else 2
    for count in range(len(events) - last):
        written, translator = fed(source, target, [b"\n\n".join(events[:count]) + b"\n\n"])
        if source is CHAT and b'"finish_reason": "' in b"".join(events[:count]):
            continue
        assert not translator.is_whole
        assert folded(written, target)["finish"] is None
        assert whole["text"].startswith(folded(written, target)["text"])
        error = json.loads(translator.fail(upstream_truncated(), "0" * 32).partition(b"data: ")[2])
        assert error["error"]["code"] == "upstream_truncated"


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_a_cut_after_the_end_is_no_cut(target: Dialect) -> None:
    """``finish_reason`` was there: whoever sees the connection break then may close the stream as a whole one."""
    end = STREAMS[CHAT].index(b"\n\n", STREAMS[CHAT].index(b'"finish_reason": "')) + 2
    written, translator = fed(CHAT, target, [STREAMS[CHAT][:end]])
    assert translator.is_whole
    assert folded(written + translator.close(), target)["finish"] is not None


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_a_missing_done_is_an_end(target: Dialect) -> None:
    """``finish_reason`` is chat's end: with or without ``[DONE]``, with or without a last line end."""
    stream = STREAMS[CHAT].removesuffix(b"data: [DONE]\n\n")
    whole = streamed(STREAMS[CHAT], CHAT, target)
    assert streamed(stream, CHAT, target) == whole
    assert streamed(stream.removesuffix(b"\n"), CHAT, target) == whole


@pytest.mark.parametrize(
    ("source", "stream"),
    [
        (CHAT, b"data: [DONE]\n\n"),
        (CHAT, chunk({"content": "a"}) + b"data: [DONE]\n\n"),
        (MESSAGES, b"".join(STREAMS[MESSAGES].partition(b"event: message_stop")[:1])),
        (MESSAGES, event("message_start", message={"id": "m"}) + event("message_stop")),
        (RESPONSES, b"".join(STREAMS[RESPONSES].partition(b"event: response.completed")[:1]) + b"data: [DONE]\n\n"),
        (CHAT, b""),
        (CHAT, b": ping\n\n"),
    ],
)
def test_a_clean_close_proves_nothing(source: Dialect, stream: bytes) -> None:
    """Without the protocol's own terminal event the answer is not whole, whatever else was there."""
    for target in DIALECTS:
        if target is not source:
            assert not fed(source, target, [stream])[1].is_whole


@pytest.mark.parametrize("head", [b"", event("message_start", message={"id": "m"}) + _CALL])
def test_done_is_no_word_of_messages(head: bytes) -> None:
    """Some hosts say it all the same: it neither ends anything nor damages it, an open tool call included."""
    translator = StreamTranslator(MESSAGES, CHAT, answering(CHAT))
    translator.feed(head + b"data: [DONE]\n\n")
    assert (translator.state, translator.is_whole) == ("open", False)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_one_end_only(source: Dialect, target: Dialect) -> None:
    """What follows the end, a second end included, adds nothing."""
    whole = streamed(STREAMS[source], source, target)
    assert fed(source, target, [STREAMS[source], STREAMS[source]])[0] == whole
    assert fed(source, target, [STREAMS[source] * 2])[0] == whole


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_eight_interleaved_calls(target: Dialect) -> None:
    """Eight calls whose arguments come in turns keep their ids, names and arguments; each opens and closes once."""
    stream = interleaved(8)
    written = streamed(stream, CHAT, target)
    oracles.check_stream(written, target)
    assert folded(written, target)["calls"] == [(f"call_{n}", f"f{n}", {"n": n}) for n in range(8)]
    kinds = [each["type"] for each in oracles.events_of(written)]
    opened, closed = {
        MESSAGES: ("content_block_start", "content_block_stop"),
        RESPONSES: ("response.output_item.added", "response.output_item.done"),
    }[target]
    assert kinds.count(opened) == kinds.count(closed) == 8
    assert folded(streamed(written, target, CHAT), CHAT)["calls"] == folded(stream, CHAT)["calls"]


@pytest.mark.parametrize(
    ("source", "failure"),
    [
        (CHAT, b'data: {"error": {"message": "overloaded", "code": "busy"}}\n\n'),
        (MESSAGES, event("error", error={"type": "overloaded_error", "message": "overloaded", "code": "busy"})),
        (RESPONSES, event("response.failed", response={"error": {"code": "busy", "message": "overloaded"}})),
        (RESPONSES, event("error", message="overloaded", code="busy")),
    ],
)
def test_an_error_in_the_stream(source: Dialect, failure: bytes) -> None:
    """The stream stops there; its words are kept for whoever writes the caller's error."""
    begun = STREAMS[source][: STREAMS[source].index(b"\n\n", 300) + 2]
    for target in DIALECTS:
        if target is source:
            continue
        _, translator = fed(source, target, [begun + failure + STREAMS[source]])
        assert translator.state == "error"
        assert translator.error is not None
        assert (translator.error["message"], translator.error["code"]) == ("overloaded", "busy")


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_an_answer_that_was_broken_off(target: Dialect) -> None:
    """``finish_reason: error`` is an error of the provider, never the end of an answer."""
    written, translator = fed(CHAT, target, [chunk({"content": "a"}), chunk({}, "error"), b"data: [DONE]\n\n"])
    assert (translator.state, translator.is_whole) == ("error", False)
    assert translator.error == {"message": WITHOUT_WORDS}
    assert folded(written, target)["finish"] is None


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_a_few_unreadable_events_are_dropped(target: Dialect) -> None:
    """Up to three are left out and counted; one more, or any inside a tool call, ends the stream."""
    text, broken, end = chunk({"content": "a"}), b"data: {oops\n\n", chunk({}, "stop")
    written, translator = fed(CHAT, target, [text + broken * MAX_DROPPED_EVENTS + end])
    assert (translator.state, translator.dropped) == ("done", MAX_DROPPED_EVENTS)
    assert folded(written, target)["text"] == "a"
    assert fed(CHAT, target, [text + broken * (MAX_DROPPED_EVENTS + 1) + end])[1].state == "malformed"
    call = chunk({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}]})
    assert fed(CHAT, target, [call + broken + end])[1].state == "malformed"


def test_an_event_without_bounds() -> None:
    """An event over 16 MiB ends the stream instead of filling the memory."""
    translator = StreamTranslator(CHAT, MESSAGES, answering(CHAT))
    translator.feed(b"data: " + b"x" * (17 * 1024 * 1024))
    assert translator.state == "malformed"


@pytest.mark.parametrize(("source", "target"), PAIRS)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_streams_never_crash(source: Dialect, target: Dialect, data: st.DataObject) -> None:
    """Whatever stands in whatever event: no exception, and a whole answer is one that the vendor's types accept."""
    events = STREAMS[source].split(b"\n\n")[:-1]
    number = data.draw(st.integers(0, len(events) - 1 - events[-1].endswith(b"[DONE]")))
    head, _, body = events[number].rpartition(b"data: ")
    document = json.loads(body)
    path = data.draw(st.sampled_from(sorted(paths(document), key=str)))
    odd = data.draw(ODD)
    changed = put(document, path, odd) if odd != "x" else cut(document, path)
    events[number] = head + b"data: " + json.dumps(changed).encode()
    written, translator = fed(source, target, [b"\n\n".join(events) + b"\n\n"])
    if translator.is_whole:
        oracles.check_stream(written, target)


@pytest.mark.parametrize(
    ("source", "target", "quiet", "content"),
    [
        (CHAT, MESSAGES, chunk({"role": "assistant", "content": ""}), chunk({"content": "a"})),
        (MESSAGES, CHAT, _STARTED + event("ping") + _EMPTY_BLOCK, _WORD),
        (MESSAGES, RESPONSES, _STARTED + _EMPTY_BLOCK, _WORD),
        (MESSAGES, CHAT, _STARTED + _EMPTY_THOUGHT + _CLOSED, _CALL),
        (MESSAGES, RESPONSES, _STARTED, _CALL),
    ],
)
def test_has_content(source: Dialect, target: Dialect, quiet: bytes, content: bytes) -> None:
    """A beginning, of the answer or of a block, is not yet something that a caller could show; a word or a call is."""
    translator = StreamTranslator(source, target, answering(target))
    translator.feed(quiet)
    assert (translator.has_data, translator.has_content) == (True, False)
    translator.feed(content)
    assert translator.has_content


def test_a_large_event_in_many_pieces() -> None:
    """An event of 4 MB in a thousand pieces is read once."""
    text = "x" * 4_000_000
    stream = chunk({"content": text}) + chunk({}, "stop")
    pieces = [stream[start : start + 4096] for start in range(0, len(stream), 4096)]
    written, translator = fed(CHAT, MESSAGES, pieces)
    assert translator.is_whole
    assert folded(written, MESSAGES)["text"] == text


def test_a_carriage_return_ends_a_line() -> None:
    """Also in an event that looks like one line."""
    first = chunk({"content": "a"}).replace(b'"choices":', b'"choices":\rdata: ')
    assert folded(streamed(first + chunk({}, "stop"), CHAT, MESSAGES), MESSAGES)["text"] == "a"
    translator = StreamTranslator(CHAT, MESSAGES, answering(CHAT))
    written = translator.feed(first) + translator.feed(chunk({}, "stop")) + translator.close()
    assert folded(written, MESSAGES)["text"] == "a"
