"""What an answer says beside its words: kept where the caller's dialect has a place for it, else named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.dialects.translate import translate_answer
from tests.wire.dialects import oracles
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, answer_of, answered, answering
from tests.wire.dialects.streams import STREAMS, chunk, event, fed, folded

URL = "https://e.example/"
CHAT_NOTE = {"type": "url_citation", "url_citation": {"start_index": 0, "end_index": 1, "title": "t", "url": URL}}
RESPONSES_NOTE = {"type": "url_citation", "start_index": 0, "end_index": 1, "title": "t", "url": URL}
MESSAGES_NOTE = {"type": "search_result_location", "cited_text": "a", "source": URL}


CITATIONS = "dropped from the answer, the target has no such citations"


def with_notes(dialect: Dialect) -> tuple[dict[str, Any], str]:
    """The dialect's sample with a citation in its text, and where that stands."""
    document: dict[str, Any] = json.loads(answer_of(dialect))
    if dialect is CHAT:
        document["choices"][0]["message"]["annotations"] = [CHAT_NOTE]
        return document, "choices[].message.annotations"
    if dialect is MESSAGES:
        document["content"][1]["citations"] = [MESSAGES_NOTE]
        return document, "content[].citations"
    document["output"][1]["content"][0]["annotations"] = [RESPONSES_NOTE]
    return document, "output[].content[].annotations"


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_citations_are_named(source: Dialect, target: Dialect) -> None:
    """The text arrives, where it comes from does not, and the caller is told."""
    if source is target:
        return
    document, name = with_notes(source)
    made = translate_answer(json.dumps(document).encode(), source, target, answering(source))
    assert made.lost.warnings == (f"{name}: {CITATIONS}",)
    assert json.loads(made.body) == answered(json.loads(answer_of(source)), source, target)


NOTES = {
    CHAT: (
        chunk({"content": "a"}) + chunk({"content": "b", "annotations": [CHAT_NOTE]}) * 2 + chunk({}, "stop"),
        "choices[].message.annotations",
    ),
    MESSAGES: (
        event("message_start", message={"id": "m", "model": "c", "usage": {"input_tokens": 1, "output_tokens": 1}})
        + event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        + event("content_block_delta", index=0, delta={"type": "citations_delta", "citation": MESSAGES_NOTE})
        + event("content_block_delta", index=0, delta={"type": "text_delta", "text": "a"})
        + event("content_block_stop", index=0)
        + event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1})
        + event("message_stop"),
        "content[].citations",
    ),
    RESPONSES: (
        event("response.created", response={"id": "resp_1", "object": "response", "status": "in_progress"})
        + event("response.output_text.delta", output_index=0, content_index=0, delta="a")
        + event("response.output_text.annotation.added", output_index=0, content_index=0, annotation=RESPONSES_NOTE)
        + event("response.completed", response={"id": "resp_1", "object": "response", "status": "completed"}),
        "output[].content[].annotations",
    ),
}


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_citations_in_a_stream_are_named(source: Dialect, target: Dialect) -> None:
    """Once, however many there are."""
    if source is target:
        return
    stream, name = NOTES[source]
    written, translator = fed(source, target, [stream])
    assert translator.lost.warnings == (f"{name}: {CITATIONS}",)
    assert folded(written, target)["text"] == ("abb" if source is CHAT else "a")


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_further_choices_are_named(target: Dialect) -> None:
    """The first one is the answer; nobody asked for another."""
    document = json.loads(answer_of(CHAT))
    document["choices"].append(document["choices"][0] | {"index": 1})
    made = translate_answer(json.dumps(document).encode(), CHAT, target, answering(CHAT))
    line = "choices (after the first): dropped from the answer, the target has one answer"
    assert made.lost.warnings == (line,)
    other = {"index": 1, "delta": {"content": "b"}, "finish_reason": None}
    stream = chunk({"content": "a"}) + chunk({}, choices=[other]) * 2 + chunk({}, "stop")
    written, translator = fed(CHAT, target, [stream])
    assert (translator.lost.warnings, folded(written, target)["text"]) == ((line,), "a")


@pytest.mark.parametrize("target", [CHAT, RESPONSES])
def test_why_the_model_refused(target: Dialect) -> None:
    """Anthropic says it beside an empty answer; OpenAI's dialects have it as the refusal."""
    details = {"type": "refusal", "category": "cyber", "explanation": "No."}
    ended = {"stop_reason": "refusal", "stop_details": details}
    said = answered(json.loads(answer_of(MESSAGES)) | {"content": []} | ended, MESSAGES, target)
    if target is CHAT:
        choice = said["choices"][0]
        assert (choice["finish_reason"], choice["message"]["refusal"]) == ("content_filter", "No.")
        assert choice["message"]["content"] is None
    else:
        assert said["output"][0]["content"] == [{"type": "refusal", "refusal": "No."}]
    stream = STREAMS[MESSAGES].partition(b"event: content_block_start")[0]
    stream += event("message_delta", delta=ended, usage={"output_tokens": 1}) + event("message_stop")
    written, _ = fed(MESSAGES, target, [stream])
    oracles.check_stream(written, target)
    place = {CHAT: b'"delta":{"refusal":"No."}', RESPONSES: b'"type":"refusal","refusal":"No."}'}[target]
    assert place in written


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_a_call_in_the_form_before_tools(target: Dialect) -> None:
    """It is a call, and never an answer that is empty."""
    document = json.loads(answer_of(CHAT))
    call = {"name": "f", "arguments": '{"a":1}'}
    document["choices"][0] |= {
        "message": {"role": "assistant", "content": None, "function_call": call},
        "finish_reason": "function_call",
    }
    made = answered(document, CHAT, target)
    (block,) = made["content"] if target is MESSAGES else made["output"]
    assert block["name"] == "f"


def test_arguments_of_other_items_have_any_form() -> None:
    """A search for tools has an object there, which is no mistake of the answer; in a call it is one."""
    document = json.loads(answer_of(RESPONSES))
    document["output"].insert(0, {"type": "tool_search_call", "arguments": {"query": "a"}})
    made = translate_answer(json.dumps(document).encode(), RESPONSES, CHAT, answering(RESPONSES))
    assert made.lost.warnings == ("'tool_search_call': dropped from the answer, only its own dialect knows it",)
    document["output"][-1]["arguments"] = {}
    with pytest.raises(Exception, match="are not a string"):
        answered(document, RESPONSES, CHAT)


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_members_that_only_one_provider_knows_are_named(source: Dialect, target: Dialect) -> None:
    """What stands beside the answer and says something (Perplexity's citations, a fingerprint of the system); a member
    that is null has nothing to lose, and what a response repeats of its request is none of the answer."""
    if source is target:
        return
    document = json.loads(answer_of(source))
    document |= {
        "citations": [URL],
        "vendor_fingerprint": "fp_1",
        "nothing": None,
        "none": 0,
        "place": "not_available",
        "empty": [{"a": ""}],
    }
    if source is RESPONSES:
        document |= {"temperature": 0.5, "user": "u"}
    made = translate_answer(json.dumps(document).encode(), source, target, answering(source))
    assert made.lost.warnings == tuple(
        f"{name}: dropped from the answer, only its own dialect knows it"
        for name in ("citations", "vendor_fingerprint")
    )


INNER: dict[Dialect, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    CHAT: ("choices[].message.mood", lambda one: one["choices"][0]["message"]),
    MESSAGES: ("content[].mood", lambda one: one["content"][1]),
    RESPONSES: ("output[].content[].mood", lambda one: one["output"][1]["content"][0]),
}


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_members_of_parts_are_named_too(source: Dialect, target: Dialect) -> None:
    """At whatever depth; what is said beside them arrives as if they were not there, numbers of any size included."""
    if source is target:
        return
    name, inner = INNER[source]
    document = json.loads(answer_of(source))
    before = translate_answer(json.dumps(document).encode(), source, target, answering(source))
    inner(document)["mood"] = {"score": 10**40}
    made = translate_answer(json.dumps(document).encode(), source, target, answering(source))
    assert made.lost.warnings == (f"{name}: dropped from the answer, only its own dialect knows it",)
    assert made.body == before.body


ODD: dict[Dialect, Callable[[str], bytes]] = {
    CHAT: lambda name: chunk({"content": "b", name: "x"}),
    MESSAGES: lambda name: event("content_block_delta", index=1, delta={"type": "text_delta", "text": "b", name: "x"}),
    RESPONSES: lambda name: event(
        "response.output_text.delta", output_index=1, content_index=0, delta="b", **{name: "x"}
    ),
}
ODD_PLACES = {CHAT: "choices[].message.mood", MESSAGES: "content[].mood", RESPONSES: "mood"}


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_members_of_events_are_named_too(source: Dialect, target: Dialect) -> None:
    """Once, however many events have them; the words arrive, and so does the end."""
    if source is target:
        return
    pieces = STREAMS[source].split(b"\n\n")
    said = next(index for index, piece in enumerate(pieces) if "Grüße".encode() in piece)
    pieces.insert(said + 1, (ODD[source]("mood") * 3)[:-2])
    written, translator = fed(source, target, [b"\n\n".join(pieces)])
    assert translator.lost.warnings == (
        f"{ODD_PLACES[source]}: dropped from the answer, only its own dialect knows it",
    )
    assert folded(written, target)["text"].count("b") == 3
    assert translator.is_whole


def test_an_upstream_may_write_any_names() -> None:
    """A bounded number of them is kept, and none of them can break a header."""
    odd = b"".join([chunk({"content": "a", f"n{index}": 1, "a\r\nb": 2}) for index in range(500)])
    _, translator = fed(CHAT, MESSAGES, [chunk({"role": "assistant"}) + odd + chunk({}, "stop")])
    assert len(translator.lost.warnings) == 33
    assert (
        "a member with an odd name: dropped from the answer, only its own dialect knows it" in translator.lost.warnings
    )
    assert not any("\n" in line for line in translator.lost.warnings)
