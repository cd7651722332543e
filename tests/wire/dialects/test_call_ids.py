"""Ids of calls: of the form that the target takes, each once, and the same for a call and its results."""

from __future__ import annotations

from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.canonical.request import NO_TOOLS, AnyMessage, Message, PlainMessage, Request, ToolCall, ToolResult
from plano.wire.dialects.call_ids import fit
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
