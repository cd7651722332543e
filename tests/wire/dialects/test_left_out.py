"""What an answer says beside its words: kept where the caller's dialect has a place for it, else named."""

from __future__ import annotations

import json
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


def with_notes(dialect: Dialect) -> tuple[dict[str, Any], str]:
    """The dialect's sample with a citation in its text, and what that is called there."""
    document: dict[str, Any] = json.loads(answer_of(dialect))
    if dialect is CHAT:
        document["choices"][0]["message"]["annotations"] = [CHAT_NOTE]
        return document, "annotations"
    if dialect is MESSAGES:
        document["content"][1]["citations"] = [MESSAGES_NOTE]
        return document, "citations"
    document["output"][1]["content"][0]["annotations"] = [RESPONSES_NOTE]
    return document, "annotations"


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_citations_are_named(source: Dialect, target: Dialect) -> None:
    """The text arrives, where it comes from does not, and the caller is told."""
    if source is target:
        return
    document, name = with_notes(source)
    made = translate_answer(json.dumps(document).encode(), source, target, answering(source))
    assert made.warnings == (f"{name!r}: dropped from the answer, only its own dialect knows it",)
    assert json.loads(made.body) == answered(json.loads(answer_of(source)), source, target)


NOTES = {
    CHAT: (
        chunk({"content": "a"}) + chunk({"content": "b", "annotations": [CHAT_NOTE]}) * 2 + chunk({}, "stop"),
        "annotations",
    ),
    MESSAGES: (
        event("message_start", message={"id": "m", "model": "c", "usage": {"input_tokens": 1, "output_tokens": 1}})
        + event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        + event("content_block_delta", index=0, delta={"type": "citations_delta", "citation": MESSAGES_NOTE})
        + event("content_block_delta", index=0, delta={"type": "text_delta", "text": "a"})
        + event("content_block_stop", index=0)
        + event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 1})
        + event("message_stop"),
        "citations",
    ),
    RESPONSES: (
        event("response.created", response={"id": "resp_1", "object": "response", "status": "in_progress"})
        + event("response.output_text.delta", output_index=0, content_index=0, delta="a")
        + event("response.output_text.annotation.added", output_index=0, content_index=0, annotation=RESPONSES_NOTE)
        + event("response.completed", response={"id": "resp_1", "object": "response", "status": "completed"}),
        "annotations",
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
    assert translator.warnings == (f"{name!r}: dropped from the answer, only its own dialect knows it",)
    assert folded(written, target)["text"] == ("abb" if source is CHAT else "a")


@pytest.mark.parametrize("target", [MESSAGES, RESPONSES])
def test_further_choices_are_named(target: Dialect) -> None:
    """The first one is the answer; nobody asked for another."""
    document = json.loads(answer_of(CHAT))
    document["choices"].append(document["choices"][0] | {"index": 1})
    made = translate_answer(json.dumps(document).encode(), CHAT, target, answering(CHAT))
    line = "'choices': dropped from the answer, only its own dialect knows it"
    assert made.warnings == (line,)
    other = {"index": 1, "delta": {"content": "b"}, "finish_reason": None}
    stream = chunk({"content": "a"}) + chunk({}, choices=[other]) * 2 + chunk({}, "stop")
    written, translator = fed(CHAT, target, [stream])
    assert (translator.warnings, folded(written, target)["text"]) == ((line,), "a")


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
    assert made.warnings == ("'tool_search_call': dropped from the answer, only its own dialect knows it",)
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
    document |= {"citations": [URL], "system_fingerprint": "fp_1", "nothing": None}
    if source is RESPONSES:
        document |= {"temperature": 0.5, "user": "u"}
    made = translate_answer(json.dumps(document).encode(), source, target, answering(source))
    assert made.warnings == tuple(
        f"{name!r}: dropped from the answer, only its own dialect knows it"
        for name in ("citations", "system_fingerprint")
    )
