"""Names of tools that a target does not take: sent under another one, the same in every turn, and back as they were."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.stream_translator import StreamTranslator
from plano.wire.dialects.toolbox import KnownTools
from plano.wire.dialects.translate import translate_answer, translate_request
from tests.wire.dialects.samples import CHAT, MESSAGES, PAIRS, RESPONSES, SCHEMA, TARGETS, answer_of, minimal
from tests.wire.dialects.streams import STREAMS, folded

LONG = "mcp__a_server_with_a_long_name__" + "a_tool_with_a_longer_name_" * 3
TAKEN = {CHAT: r"[a-zA-Z0-9_-]{1,64}", RESPONSES: r"[a-zA-Z0-9_-]{1,64}", MESSAGES: r"[a-zA-Z0-9_-]{1,128}"}


def asked(dialect: Dialect, *names: str, chosen: str) -> bytes:
    """A request with tools of these names, one of them chosen, and a call of it in the conversation."""
    if dialect is MESSAGES:
        call: Any = {"type": "tool_use", "id": "c1", "name": chosen, "input": {}}
        result = {"type": "tool_result", "tool_use_id": "c1", "content": "r"}
        turns = [("user", "hi"), ("assistant", [call]), ("user", [result])]
        more: dict[str, Any] = {
            "tools": [{"name": name, "input_schema": SCHEMA} for name in names],
            "tool_choice": {"type": "tool", "name": chosen},
            "messages": [{"role": role, "content": content} for role, content in turns],
        }
    elif dialect is CHAT:
        call = {"id": "c1", "type": "function", "function": {"name": chosen, "arguments": "{}"}}
        more = {
            "tools": [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in names],
            "tool_choice": {"type": "function", "function": {"name": chosen}},
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c1", "content": "r"},
            ],
        }
    else:
        more = {
            "tools": [{"type": "function", "name": name, "parameters": SCHEMA} for name in names],
            "tool_choice": {"type": "function", "name": chosen},
            "input": [
                {"role": "user", "content": "hi"},
                {"type": "function_call", "call_id": "c1", "name": chosen, "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1", "output": "r"},
            ],
        }
    return json.dumps(minimal(dialect) | more).encode()


def names_in(value: Any) -> list[str]:
    """Every name of a tool in what is sent, wherever it stands."""
    if isinstance(value, dict):
        own = [value["name"]] if isinstance(value.get("name"), str) else []
        return own + [name for inner in value.values() for name in names_in(inner)]
    return [name for inner in value for name in names_in(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", [LONG + "x" * 30, "files.read", "größe"])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_there_and_back(source: Dialect, target: Dialect, name: str) -> None:
    """In the list, the choice and the conversation alike; answers and streams have the caller's own name."""
    known = KnownTools()
    for _ in range(2):
        made = translate_request(asked(source, name, "plain", chosen=name), source, TARGETS[target], known=known)
        sent = json.loads(made.body)
        (other,) = set(names_in(sent)) - {"plain"}
        assert re.fullmatch(TAKEN[target], other)
        assert len(names_in(sent)) == 4
        assert made.warnings == ()
    answering = Answering("p", "m", "id", 1, made.echo)
    answer = answer_of(target).replace(b'"weather"', json.dumps(other).encode())
    assert name in names_in(json.loads(translate_answer(answer, target, source, answering).body))
    stream = StreamTranslator(target, source, answering)
    written = stream.feed(STREAMS[target].replace(b'"weather"', json.dumps(other).encode())) + stream.close()
    assert [call[1] for call in folded(written, source)["calls"]] == [name]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_names_that_are_taken_stay(source: Dialect, target: Dialect) -> None:
    """Up to the last character, and nothing is kept for the answer."""
    name = "a-b_" * 16
    made = translate_request(asked(source, name, chosen=name), source, TARGETS[target])
    assert set(names_in(json.loads(made.body))) == {name}
    assert made.echo.names == {}


def test_two_that_begin_alike_stay_two() -> None:
    """Each name has its own."""
    body = asked(MESSAGES, LONG + "1", LONG + "2", "files_read", chosen=LONG + "1")
    sent = json.loads(translate_request(body, MESSAGES, TARGETS[CHAT]).body)
    assert len({tool["function"]["name"] for tool in sent["tools"]}) == 3


def test_calls_of_tools_that_are_gone() -> None:
    """A conversation goes on without them; the names of its calls are those of the turns before."""
    body = json.loads(asked(MESSAGES, LONG, chosen=LONG))
    first = json.loads(translate_request(json.dumps(body).encode(), MESSAGES, TARGETS[CHAT]).body)
    del body["tools"], body["tool_choice"]
    later = json.loads(translate_request(json.dumps(body).encode(), MESSAGES, TARGETS[CHAT]).body)
    assert later["messages"][1]["tool_calls"] == first["messages"][1]["tool_calls"]
