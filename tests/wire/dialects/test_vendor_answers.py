"""What the vendors document of answers: carried to the caller, or named, and never lost without a word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.dialects.reading import BadAnswer
from plano.wire.dialects.translate import translate_answer
from tests.wire.dialects.samples import CHAT, DIALECTS, answer_of, answering
from tests.wire.dialects.streams import STREAMS, event, fed
from tests.wire.dialects.vendor_answers import events_of, members_of_answers

SAYS_NOTHING = re.compile(
    r"(^|\.)(object|type|role|index|status|id|item_id|obfuscation|sequence_number|total_tokens|estimated_tokens)(=|$)"
    r"|(details|diagnostics|logprobs|audio|function_call|function|tool_calls\[\]|usage)\{(refusal)?\}$|\.caller\{direct\}$|^created(_at)?$"
    r"|service_tier=(default|standard)$"
)
"""What another member says already, or the dialect itself; and empty objects."""

TOLD_OTHERWISE = re.compile(r"^(error\{|incomplete_details|stop_reason=|finish_reason=|model=)")
"""Errors are found before an answer is read; how answers end has a table of its own; a model is named anyway."""

REPEATS_THE_REQUEST = re.compile(
    r"^(metadata|instructions|parallel_tool_calls|temperature|tool_choice|tools|top_p|background|completed_at"
    r"|image|max_output_tokens|max_tool_calls|previous_response_id|prompt|prompt_cache_key|prompt_cache_options"
    r"|prompt_cache_retention|reasoning|safety_identifier|text|top_logprobs|truncation|user|access_programs|conversation)"
    r"\b"
)
"""The caller knows what was asked."""


SAID_AGAIN = re.compile(
    r"^\{message_start\}\.message\{message\}\.(content|stop_)|^\{(message|content_block)_stop\}$"
    r"|^\{(response\.(in_progress|queued|failed|incomplete)|error)\}|^\{response\.(content_part\.added|completed)\}$"
    r"|^\{response\.created\}\.response\{\}\.service_tier=auto"
    r"|^\{response\.content_part\.added\}|^\{response\.output_text\.done\}\.logprobs|^\{response\.(created|completed)\}\.response\{\}\.(output|error)"
)
"""A message begins empty; of the events with a whole response one is read at the beginning and one at the end, and its
items come in events of their own, as parts are told as a whole when they are done. Errors end a stream."""

OF_ITEMS = re.compile(
    r"^\{response\.(code_interpreter|compaction|file_search|image_generation|mcp|shell|web_search)|compaction_delta\}$"
    r"|^\{response\.(function_call_arguments|custom_tool_call_input|reasoning_summary_part|[a-z_]+\.done)[a-z.]*\}$"
)
"""Steps of what the provider's own tools do, whose items are named; steps of items that are told as a whole."""

UNSAID = (SAYS_NOTHING, TOLD_OTHERWISE, REPEATS_THE_REQUEST)

AT = {"output_index": 17, "content_index": 17, "item_id": "mark-item_id"}
PART = {"type": "output_text", "text": "mark-delta", "annotations": []}
SAME_CHUNK = {"id": "chatcmpl-1", "created": 1690000000, "model": "gpt-4o"}
ONCE = ("message_start", "message_delta", "response.created", "response.completed")


def answer_with(dialect: Dialect, name: str, value: Any) -> bytes:
    """The sample of the dialect with this member."""
    document = json.loads(answer_of(dialect))
    return json.dumps(document | ({} if value is None else {name: value})).encode()


def stream_with(dialect: Dialect, each: Any) -> bytes:
    """The sample stream of the dialect with this event where it belongs; without it where there is none."""
    pieces = STREAMS[dialect].split(b"\n\n")
    if dialect is CHAT:
        told = [] if each is None else [b"data: " + json.dumps(each | SAME_CHUNK).encode()]
        return b"\n\n".join([*told, *[piece for piece in pieces if b'"usage"' not in piece]])
    if each is None:
        return STREAMS[dialect]
    kind = each["type"]
    if kind in ONCE:
        own = next(index for index, piece in enumerate(pieces) if piece.startswith(f"event: {kind}\n".encode()))
        pieces[own] = merged(pieces[own], each)
        return b"\n\n".join(pieces)
    events = b"".join([event(one.pop("type"), **one) for one in map(dict, around(kind, each))])
    return b"\n\n".join([pieces[0], events[:-2], *pieces[1:]])


def around(kind: str, each: dict[str, Any]) -> list[dict[str, Any]]:
    """The event with those that it needs before and behind it."""
    block = {"type": "content_block_start", "index": 17, "content_block": {"type": "text", "text": ""}}
    if kind == "content_block_delta" and each["delta"]["type"] == "input_json_delta":
        block["content_block"] = {"type": "tool_use", "id": "mark", "name": "mark", "input": {}}
    end = {"type": "content_block_stop", "index": 17}
    needed: dict[str, list[dict[str, Any]]] = {
        "content_block_start": [each, end],
        "content_block_delta": [block, each, end],
        "response.output_text.delta": [each, {"type": "response.content_part.done", **AT, "part": PART}],
        "response.output_item.added": [each, {"type": "response.output_item.done", **AT, "item": each.get("item")}],
    }
    return needed.get(kind, [each])


def merged(piece: bytes, each: dict[str, Any]) -> bytes:
    """The event with the members of ``each`` over its own, two levels deep."""
    name, _, data = piece.partition(b"\ndata: ")
    document = json.loads(data)
    for key, value in each.items():
        document[key] = document.get(key, {}) | value if isinstance(value, dict) else value
    kept = {"status": "completed", "output": []} if each["type"] == "response.completed" else {}
    if "response" in document:
        document["response"] |= kept | {"error": None, "incomplete_details": None}
    return name + b"\ndata: " + json.dumps(document).encode()


def outcome(body: bytes, source: Dialect, target: Dialect) -> tuple[bytes, tuple[str, ...]] | None:
    """What the caller gets and what is named, None where the answer cannot be used."""
    try:
        made = translate_answer(body, source, target, answering(source))
    except BadAnswer:
        return None
    return made.body, made.lost.warnings + made.lost.asides


def is_named(path: str, warnings: tuple[str, ...]) -> bool:
    """Does a line name the member, one that holds it, or the kind of its part?"""
    names = [line.partition(": ")[0] for line in warnings]
    plain = re.sub(r"\{[^}]*\}|=.*", "", path)
    return any(plain == name or plain.startswith((name + ".", name + "[")) for name in names) or any(
        f"{{{name[1:-1]}}}" in path for name in names
    )


def lost(source: Dialect, target: Dialect) -> Iterator[str]:
    """Members of whole answers whose presence changes nothing.

    Calls of tools that take free text are for callers who can offer such tools.
    """
    for name, variant in members_of_answers(source):
        path = name + variant.path
        if any(each.search(path) for each in UNSAID):
            continue
        made = outcome(answer_with(source, name, variant.value), source, target)
        before = outcome(answer_with(source, name, variant.without), source, target)
        if made is None:
            if "{custom" not in path:
                yield f"{path}: the answer is refused"
        elif made == before and not is_named(path, made[1]):
            yield path


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_no_documented_member_is_lost_in_silence(source: Dialect, target: Dialect) -> None:
    """In the caller's answer, or named, to the caller or to who runs the gateway."""
    if source is not target:
        assert list(lost(source, target)) == []


def lost_in_stream(source: Dialect, target: Dialect) -> Iterator[str]:
    """Members of events whose presence changes nothing."""
    for variant in events_of(source):
        path = paths_in_answers(variant.path)
        if (
            SAID_AGAIN.search(variant.path)
            or OF_ITEMS.search(variant.path)
            or any(each.search(path) for each in UNSAID)
        ):
            continue
        made = streamed(variant.value, source, target)
        if made != streamed(variant.without, source, target) or is_named(path, made[1]):
            continue
        yield f"{variant.path} ({path})"


def paths_in_answers(path: str) -> str:
    """The path of a member of an event, as it stands in a whole answer."""
    kind, _, rest = (
        path.partition(".")
        if not path.startswith("{response")
        else (path.partition("}")[0] + "}", "", path.partition("}.")[2])
    )
    rest = re.sub(r"^(message|response)\{[^}]*\}\.", "", rest)
    rest = re.sub(r"^content_block(?=\{)", "content[]", rest)
    rest = re.sub(r"^(annotation|logprobs)(?=[\[{])", r"output[].content[].\1", rest).replace(
        ".annotation{", ".annotations[]{"
    )
    rest = re.sub(r"^item(?=\{)", "output[]", rest)
    rest = re.sub(r"^part(?=\{)", "output[].content[]", rest)
    rest = rest.replace("delta{}", "message{}") if "choices" in rest else rest
    if kind == "{content_block_delta}":
        rest = re.sub(r"^delta(?=\{)", "content[]", rest)
    rest = rest.replace("}.citation{", "}.citations[]{")
    return re.sub(r"^delta\{[^}]*\}\.", "", rest) if kind == "{message_delta}" else rest


def streamed(each: Any, source: Dialect, target: Dialect) -> tuple[bytes, tuple[str, ...]]:
    """What the caller gets and what is named."""
    written, translator = fed(source, target, [stream_with(source, each)])
    return written, translator.lost.warnings + translator.lost.asides


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_no_documented_member_of_an_event_is_lost_in_silence(source: Dialect, target: Dialect) -> None:
    """In the caller's stream, or named, to the caller or to who runs the gateway."""
    if source is not target:
        assert list(lost_in_stream(source, target)) == []


def test_the_check_would_notice() -> None:
    """A member that changes nothing and is not named is found; one beside a named one is not taken for it."""
    assert not is_named("usage{}.cost", ("usage.cost_details: dropped",))
    assert is_named("content[]{text}.citations[]{page}.title", ("content[].citations: dropped",))
    assert is_named("output[]{web_search_call}.action", ("'web_search_call': dropped",))


@pytest.mark.parametrize("source", DIALECTS)
def test_what_is_documented_is_walked(source: Dialect) -> None:
    """Dozens of members of answers, and of events."""
    assert sum(1 for _ in members_of_answers(source)) > 40
    assert sum(1 for _ in events_of(source)) > 50
