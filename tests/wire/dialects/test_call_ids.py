"""Ids of calls: of the form that the target takes, each once, and the same for a call and its results."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from plano.domain.model import CallIds, Dialect, Endpoint, Model, Origin
from plano.domain.route import RouteTable
from plano.providers import PROVIDERS
from plano.wire.canonical.request import NO_TOOLS, AnyMessage, Message, PlainMessage, Request, ToolCall, ToolResult
from plano.wire.dialects import call_ids
from plano.wire.dialects.call_ids import fit_native
from plano.wire.dialects.passage import passage
from plano.wire.requests import parse_request
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, minimal, streamed, translated
from tests.wire.dialects.streams import chunk, folded

LONG = "chatcmpl-tool-" + "0123456789abcdef" * 4


def turns(*ids: str) -> Request:
    """A loop of one call for each id."""
    found: list[AnyMessage] = [PlainMessage("user", "go")]
    for call_id in ids:
        found.append(Message("assistant", (ToolCall(call_id, "f", "{}"),)))
        found.append(Message("user", (ToolResult(call_id, ()),)))
    return Request((), tuple(found), NO_TOOLS, {})


def fit(request: Request, dialect: Dialect, form: CallIds = "any") -> Request:
    """The request with ids that fit."""
    blocks = [block for message in request.messages if type(message) is Message for block in message.content]
    calls = [block for block in blocks if isinstance(block, ToolCall)]
    return call_ids.fit(request, calls, dialect, form)


def ids_of(request: Request) -> list[tuple[str, str]]:
    """The id of each call and that of its result."""
    blocks = [block for message in request.messages if type(message) is Message for block in message.content]
    calls = [block.id for block in blocks if isinstance(block, ToolCall)]
    results = [block.call_id for block in blocks if isinstance(block, ToolResult)]
    return list(zip(calls, results, strict=True))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_ids_that_fit_are_left(dialect: Dialect) -> None:
    """The same object."""
    request = turns("call_1", "toolu_2")
    assert fit(request, dialect) is request


@pytest.mark.parametrize(("dialect", "longest"), [(CHAT, 40), (RESPONSES, 64)])
def test_long_ids(dialect: Dialect, longest: int) -> None:
    """Shortened the same way wherever they stand, and no two alike."""
    pairs = ids_of(fit(turns(LONG, LONG + "x", "a" * longest), dialect))
    assert all(call == result and len(call) <= longest for call, result in pairs)
    assert len({call for call, _ in pairs}) == 3
    assert pairs[2][0] == "a" * longest
    assert ids_of(fit(turns(LONG), dialect)) == ids_of(fit(turns(LONG), dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_id_of_every_turn(dialect: Dialect) -> None:
    """A host that begins anew in every turn: each result follows its own call."""
    pairs = ids_of(fit(turns("call_0", "call_0", "call_0_2"), dialect))
    assert all(call == result for call, result in pairs)
    assert len({call for call, _ in pairs}) == 3
    assert pairs[0][0] == "call_0"


def test_letters_that_anthropic_refuses() -> None:
    """Two ids that differ in such letters alone stay two."""
    pairs = ids_of(fit(turns("f.1", "f:1"), MESSAGES))
    assert pairs == [("f_1", "f_1"), ("f_1_2", "f_1_2")]


def test_calls_without_an_id_differ_between_answers() -> None:
    """A host that sends none: the id that is made up is that of the answer, and not the same in the next turn."""
    call: dict[str, Any] = {"index": 0, "function": {"name": "f", "arguments": "{}"}}
    written = streamed(chunk({"tool_calls": [call]}) + chunk({}, "tool_calls"), CHAT, MESSAGES)
    assert folded(written, MESSAGES)["calls"][0][0] == "call_id-1_0"


def test_results_stand_first_in_their_turn() -> None:
    """Whatever was said before or between them, in the order in which it was said."""
    calls = [{"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}} for name in "ab"]
    document = minimal(CHAT) | {
        "messages": [
            {"role": "assistant", "tool_calls": calls},
            {"role": "user", "content": "wait"},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "user", "content": "and"},
            {"role": "tool", "tool_call_id": "b", "content": "2"},
        ]
    }
    blocks = translated(document, CHAT, MESSAGES)["messages"][1]["content"]
    assert [block.get("tool_use_id") or block["text"] for block in blocks] == ["a", "b", "wait", "and"]


MISTRALS = "aB3dE6gH9"
OPENAIS = "call_0fypS1hVXaBcDeFgHiJkLmN"


def chat_of(*ids: str) -> bytes:
    """A chat with one call for each id, and a number that no reader may touch."""
    turns: list[dict[str, Any]] = [{"role": "user", "content": "go"}]
    for call_id in ids:
        call = {"id": call_id, "type": "function", "function": {"name": "f", "arguments": "{}"}}
        turns.append({"role": "assistant", "content": None, "tool_calls": [call]})
        turns.append({"role": "tool", "tool_call_id": call_id, "content": "r"})
    return f'{json.dumps({"model": "m", "messages": turns})[:-1]}, "seed": 1.50}}'.encode()


def ids_in(body: bytes) -> list[tuple[str, str]]:
    """The id of each call and that of its result."""
    turns = json.loads(body)["messages"]
    calls = [call["id"] for turn in turns for call in turn.get("tool_calls") or ()]
    return list(zip(calls, [turn["tool_call_id"] for turn in turns if turn["role"] == "tool"], strict=True))


def test_nine_letters_and_digits() -> None:
    """A provider that takes nothing else is sent that, by translation too; its own ids stay."""
    pairs = ids_of(fit(turns(OPENAIS, MISTRALS, "toolu_1"), CHAT, "nine"))
    assert all(call == result and re.fullmatch("[a-zA-Z0-9]{9}", call) for call, result in pairs)
    assert pairs[1][0] == MISTRALS
    assert len({call for call, _ in pairs}) == 3
    native = ids_in(fit_native(chat_of(OPENAIS, MISTRALS, "toolu_1"), "nine"))
    assert native == pairs


def test_a_native_conversation_of_its_own_keeps_its_bytes() -> None:
    """And so does every other provider's."""
    body = chat_of(MISTRALS, "123456789")
    assert fit_native(body, "nine") is body
    other = chat_of(OPENAIS)
    assert fit_native(other, "any") is other


def test_only_the_messages_are_written_anew() -> None:
    """A later turn gets the same id for the same call."""
    made = fit_native(chat_of(OPENAIS), "nine")
    assert b'"seed":1.50' in made
    assert ids_in(made)[0] == ids_in(fit_native(chat_of(OPENAIS, MISTRALS), "nine"))[0]


def test_the_way_to_such_a_provider() -> None:
    """The row of the provider decides, whatever dialect the caller speaks."""
    provider = PROVIDERS["mistral"]
    endpoint = Endpoint(Origin("https", "h", 443), "/v1/chat/completions", "h", call_ids=provider.call_ids)
    model = Model("mistral/m", "mistral", "m", endpoint)
    for dialect, body in ((CHAT, chat_of(OPENAIS)), (MESSAGES, json.dumps(messages_of(OPENAIS)).encode())):
        asked = parse_request(body, dialect, lambda *_: RouteTable(()))
        sent = b"".join(passage(asked, model, trace_id="t", now_s=1).body)
        assert re.fullmatch("[a-zA-Z0-9]{9}", ids_in(sent)[0][0])


def messages_of(call_id: str) -> dict[str, Any]:
    """A loop of one call."""
    call = {"type": "tool_use", "id": call_id, "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": call_id, "content": "r"}
    turns = [("user", "go"), ("assistant", [call]), ("user", [result])]
    return minimal(MESSAGES) | {"messages": [{"role": role, "content": content} for role, content in turns]}
