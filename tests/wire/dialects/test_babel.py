"""The golden cases of llm-babel, another translator, as a second opinion; every disagreement has its reason.

For each of its request and answer cases in one of our dialects both translate to the two other dialects; for each
stream case both say what was streamed, or write what is to be streamed; errors are shown in the dialect of the case.
Where the results differ, a rule of ``disagreements.toml`` must cover the place. The other cases are about other
dialects, or about the other translator's own internal form.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from llm_transform.corpus import runner  # type: ignore[import-untyped]
from llm_transform.registry import (  # type: ignore[import-untyped]
    canonical_json,
    translate,
    translate_response,
)

from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.errors import PlanoError
from plano.wire.canonical.answer import Finish
from plano.wire.canonical.events import Begin, BlockKind, Closed, Delta, Event, Finished, Opened
from plano.wire.dialects import errors
from plano.wire.dialects.chat import stream as chat_stream
from plano.wire.dialects.finishes import FROM_CHAT, FROM_MESSAGES
from plano.wire.dialects.messages import stream as messages_stream
from plano.wire.dialects.stream_translator import StreamTranslator
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, answered, answering, translated
from tests.wire.dialects.streams import folded

NAMES = {CHAT: "openai-chat", MESSAGES: "anthropic-messages", RESPONSES: "openai-responses"}
OURS = {name: dialect for dialect, name in NAMES.items()}
RULES = tomllib.loads((Path(__file__).parent / "disagreements.toml").read_text(encoding="utf-8"))["rule"]
MISSING = "(missing)"
Difference = tuple[str, Any, Any]
Compare = Callable[[dict[str, Any], Dialect], Iterator[Difference]]


@cache
def cases() -> list[dict[str, Any]]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(runner.CASES_DIR.glob("*.json"))]
    return [case for case in found if case.get("source") in OURS]


def attempt(work: Any) -> Any:
    """What was made; of a refusal that there was one."""
    try:
        return work()
    except PlanoError as error:
        return {"refused": error.message}


def plain(value: Any) -> Any:
    """Without nulls and what the schema merely repeats: arguments are JSON, one text alone is a string."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value.get("arguments"), str):
        value["arguments"] = json.loads(value["arguments"])
    if value.get("type") == "message" and "id" not in value:
        value.pop("type")
    content = value.get("content")
    if isinstance(content, list) and len(content) == 1 and content[0].keys() <= {"type", "text", "annotations"}:
        value["content"] = content[0].get("text", content)
    return value


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[Difference]:
    """Every place where two documents differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            place = f"{path}.{key}" if path else key
            yield from differences(ours.get(key, MISSING), theirs.get(key, MISSING), place)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif ours != theirs:
        yield path, ours, theirs


def request_differences(case: dict[str, Any], target: Dialect) -> Iterator[Difference]:
    source = OURS[case["source"]]
    wire = ({"max_tokens": 1024} if source is MESSAGES else {}) | case["input_wire"]
    ours = attempt(lambda: translated(wire, source, target))
    theirs = json.loads(canonical_json(translate(case["source"], NAMES[target], wire)))
    if "refused" in ours:
        yield "refused", ours["refused"], MISSING
        return
    yield from differences(plain(ours | {"model": ""}), plain(theirs | {"model": ""}))


def said(answer: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """What an answer says, in the same form for every dialect."""
    return {CHAT: _said_chat, MESSAGES: _said_messages, RESPONSES: _said_responses}[dialect](answer)


def _said_chat(answer: dict[str, Any]) -> dict[str, Any]:
    choice = answer["choices"][0]
    message, usage = choice["message"], answer.get("usage", {})
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    return {
        "text": message.get("content") or "",
        "thoughts": message.get("reasoning_content") or message.get("reasoning") or "",
        "calls": [(call["name"], json.loads(call["arguments"] or "{}")) for call in calls],
        "finish": choice["finish_reason"],
        "input": usage.get("prompt_tokens"),
        "output": usage.get("completion_tokens"),
    }


def _said_messages(answer: dict[str, Any]) -> dict[str, Any]:
    content, usage = answer["content"], answer.get("usage", {})
    counts = [usage.get(name) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")]
    content = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return {
        "text": "".join(block.get("text", "") for block in content),
        "thoughts": "".join(block.get("thinking", "") for block in content),
        "calls": [(block["name"], block["input"]) for block in content if block["type"] == "tool_use"],
        "finish": answer["stop_reason"],
        "input": sum(count or 0 for count in counts),
        "output": usage.get("output_tokens"),
    }


def _said_responses(answer: dict[str, Any]) -> dict[str, Any]:
    usage = answer.get("usage") or {}
    items = answer["output"]
    parts = [part for item in items for part in item.get("content", ()) if item["type"] == "message"]
    thoughts = [part for item in items for part in item.get("summary", ())]
    calls = [item for item in items if item["type"] == "function_call"]
    return {
        "text": "".join(part.get("text", "") for part in parts),
        "thoughts": "".join(part["text"] for part in thoughts),
        "calls": [(call["name"], json.loads(call["arguments"] or "{}")) for call in calls],
        "finish": (answer.get("incomplete_details") or {}).get("reason") or answer.get("status"),
        "input": usage.get("input_tokens"),
        "output": usage.get("output_tokens"),
    }


def answer_differences(case: dict[str, Any], target: Dialect) -> Iterator[Difference]:
    source = OURS[case["source"]]
    ours = attempt(lambda: answered(case["input_wire"], source, target))
    if "refused" in ours:
        yield "refused", ours["refused"], MISSING
        return
    theirs = json.loads(canonical_json(translate_response(case["source"], NAMES[target], case["input_wire"])))
    yield from differences(said(ours, target), said(theirs, target))


def stream_differences(case: dict[str, Any], target: Dialect) -> Iterator[Difference]:
    source = OURS[case["source"]]
    stream = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in case["input_events"])
    translator = StreamTranslator(source, target, answering(source))
    written = translator.feed(stream) + translator.close()
    if not translator.is_whole:
        yield "unfinished", translator.state, MISSING
        return
    ours = folded(written, target)
    emits = case["expected_emits"]
    yield from differences(
        {"text": ours["text"], "thoughts": ours["thoughts"], "calls": [call[1:] for call in ours["calls"]]},
        {
            "text": "".join(each["text"] for each in emits if each["kind"] == "text"),
            "thoughts": "".join(each.get("text", "") for each in emits if each["kind"] == "reasoning"),
            "calls": emitted_calls(emits),
        },
    )


def emitted_calls(emits: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Names and arguments of the calls in the other translator's events."""
    return [(each["name"], each["input"]) for each in emits if each["kind"] == "tool_call"]


def emitted(emits: list[dict[str, Any]]) -> list[Event]:
    """The other translator's events as ours: what it calls a call is whole."""
    events: list[Event] = [Begin(None, None)]
    counts: dict[str, int] = {}
    finish = None
    for number, each in enumerate(emits):
        if each["kind"] in ("text", "reasoning") and not each.get("redacted"):
            kind: BlockKind = "text" if each["kind"] == "text" else "reasoning"
            events += [Opened(number, kind), Delta(number, each.get("text", "")), Closed(number)]
        elif each["kind"] == "tool_call":
            opened = Opened(number, "tool_call", each.get("id") or f"call_{number}", each["name"])
            events += [opened, Delta(number, json.dumps(each["input"])), Closed(number)]
        elif each["kind"] == "usage":
            counts |= each
        elif each["kind"] == "meta":
            finish = Finish(FROM_MESSAGES.get(each["stop_reason"]) or FROM_CHAT.get(each["stop_reason"], "odd"))
    usage = Usage(counts.get("input_tokens"), counts.get("output_tokens"), counts.get("cache_read_tokens"))
    return [*events, Finished(finish, usage if counts else None)] if finish is not None else []


def encode_differences(case: dict[str, Any], dialect: Dialect) -> Iterator[Difference]:
    events = emitted(case["input_emits"])
    if not events:
        yield "unfinished", MISSING, case["expected_events"][-1]
        return
    encoder = ENCODERS[dialect](answering(dialect))
    without_usage = [each | ({"usage": None} if dialect is CHAT else {}) for each in case["expected_events"]]
    ours = folded(b"".join([encoder.write(event) for event in events]), dialect)
    stream = b"".join([b"data: " + json.dumps(each).encode() + b"\n\n" for each in without_usage])
    theirs = folded(stream, dialect)
    names = ("text", "thoughts", "finish")
    yield from differences(
        {name: ours[name] for name in names} | {"calls": [call[1:] for call in ours["calls"]]},
        {name: theirs[name] for name in names} | {"calls": [call[1:] for call in theirs["calls"]]},
    )


STATUSES = {"authentication": 401, "not_found": 404, "rate_limit": 429, "quota_exceeded": 429, "overloaded": 529} | {
    "invalid_request": 400,
    "context_length_exceeded": 400,
    "other": 500,
}
"""Those that go with the other translator's kinds of errors."""


def error_differences(case: dict[str, Any], target: Dialect) -> Iterator[Difference]:
    said = errors.error_object(json.dumps(case["input_wire"]).encode()) or {}
    status = STATUSES[case["expected_ir"]["kind"]]
    shown = errors.render_refusal(said, status, source=OURS[case["source"]], target=target, trace_id="0" * 32)
    ours, theirs = json.loads(shown)["error"], case["expected_out_wire"].get("error", case["expected_out_wire"])
    for name in ("message", "type", "code", "param"):
        if ours.get(name) != theirs.get(name):
            yield f"error.{name}", ours.get(name, MISSING), theirs.get(name, MISSING)


ENCODERS: dict[Dialect, Any] = {CHAT: chat_stream.Encoder, MESSAGES: messages_stream.Encoder}
OWN_TARGET = {"error": error_differences, "stream_encode": encode_differences}
KINDS = {None: request_differences, "request": request_differences, "translate": request_differences} | {
    "response": answer_differences,
    "stream": stream_differences,
}


@cache
def compared() -> tuple[int, list[tuple[str, str, str, Any, Any]]]:
    """How many translations were compared; each difference with the name of its case, its pair and its place."""
    count, found = 0, []
    for case in cases():
        compare: Compare | None = KINDS.get(case.get("kind"))
        source = OURS[case["source"]]
        targets = [target for target in DIALECTS if compare is not None and target is not source]
        if case.get("kind") in OWN_TARGET and case["target"] in OURS:
            compare, targets = OWN_TARGET[case["kind"]], [OURS[case["target"]]]
        for target in targets:
            assert compare is not None
            count += 1
            pair = f"{source} {target}"
            found += [(case["name"], pair, path, one, other) for path, one, other in compare(case, target)]
    return count, found


def covers(rule: dict[str, str], difference: tuple[str, str, str, Any, Any]) -> bool:
    name, pair, path, ours, theirs = difference
    where = re.sub(r"\[\d+\]", "[]", path)
    return (
        re.fullmatch(rule["place"], where) is not None
        and re.search(rule.get("case", ""), name) is not None
        and re.search(rule.get("pair", ""), pair) is not None
        and re.search(rule.get("ours", ""), str(ours)) is not None
        and re.search(rule.get("theirs", ""), str(theirs)) is not None
    )


def test_every_disagreement_has_a_reason() -> None:
    """No difference without a rule."""
    count, found = compared()
    assert count > 690
    left = [difference for difference in found if not any(covers(rule, difference) for rule in RULES)]
    assert left == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["why"][:40])
def test_every_reason_is_needed(rule: dict[str, str]) -> None:
    """No rule without a difference."""
    assert any(covers(rule, difference) for difference in compared()[1])
