"""Messages that say nothing: a mistake where the vendor calls them one, carried or named everywhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.translate import check_request
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, request

HI = {"role": "user", "content": "hi"}
YO = {"role": "assistant", "content": "yo"}
NOTHING = {"role": "user", "content": ""}
PARTS = {CHAT: "text", MESSAGES: "text", RESPONSES: "input_text"}
LEFT_OUT = "messages[].content: left out where a message is nothing but white space"


def asked(dialect: Dialect, *turns: dict[str, Any]) -> dict[str, Any]:
    """A request with these turns."""
    if dialect is RESPONSES:
        return {"model": "m", "input": list(turns)}
    return {"model": "m", "messages": list(turns)} | ({"max_tokens": 9} if dialect is MESSAGES else {})


def refusal(body: dict[str, Any], source: Dialect, target: Dialect) -> str | None:
    """The place of the mistake."""
    with pytest.raises(InvalidRequest) as caught:
        if source is target:
            check_request(json.dumps(body).encode(), source)
        else:
            request(body, source, target)
    return caught.value.param


@pytest.mark.parametrize("content", ["", [], [{"type": "text", "text": ""}]])
@pytest.mark.parametrize(
    ("turns", "place"),
    [
        ((None,), "messages[0].content"),
        ((HI, YO, None), "messages[2].content"),
        ((None, YO, HI), "messages[0].content"),
    ],
)
@pytest.mark.parametrize("target", DIALECTS)
def test_in_messages_they_are_a_mistake(target: Dialect, turns: Any, place: str, content: Any) -> None:
    """As Anthropic has it; natively and translated, with the same place."""
    said = [turn if turn is not None else {"role": "user", "content": content} for turn in turns]
    assert refusal(asked(MESSAGES, *said), MESSAGES, target) == place


@pytest.mark.parametrize("target", DIALECTS)
def test_an_empty_turn_of_the_model_begins_nothing(target: Dialect) -> None:
    """Anthropic takes one at the end, and nobody else is sent it; in the middle it is a mistake."""
    empty = {"role": "assistant", "content": ""}
    body = asked(MESSAGES, HI, empty)
    if target is MESSAGES:
        check_request(json.dumps(body).encode(), MESSAGES)
    else:
        sent = json.loads(request(body, MESSAGES, target).body)
        assert [turn["role"] for turn in sent.get("messages", sent.get("input"))] == ["user"]
    assert refusal(asked(MESSAGES, HI, empty, HI), MESSAGES, target) == "messages[1].content"


@pytest.mark.parametrize(("source", "target"), [(CHAT, RESPONSES), (RESPONSES, CHAT)])
@pytest.mark.parametrize("content", ["", "  "])
def test_openais_dialects_carry_them(source: Dialect, target: Dialect, content: str) -> None:
    """Both take an empty text."""
    made = request(asked(source, HI, YO, {"role": "user", "content": content}), source, target)
    sent = json.loads(made.body)
    assert [turn["content"] for turn in sent.get("messages", sent.get("input"))] == ["hi", "yo", content]
    assert made.warnings == ()


@pytest.mark.parametrize("target", DIALECTS)
def test_an_empty_list_in_chat(target: Dialect) -> None:
    """OpenAI's schema wants a part in it."""
    assert refusal(asked(CHAT, {"role": "user", "content": []}), CHAT, target) == "messages[0].content"


@pytest.mark.parametrize("source", [CHAT, RESPONSES])
@pytest.mark.parametrize("content", ["", " ", "parts"])
def test_messages_cannot_be_asked_with_one(source: Dialect, content: str) -> None:
    """The turn that is to be answered is refused with its place; another one is left out with a warning."""
    said: Any = [{"type": PARTS[source], "text": " "}] if content == "parts" else content
    turn = {"role": "user", "content": said}
    name = "messages" if source is CHAT else "input"
    assert refusal(asked(source, turn), source, MESSAGES) == f"{name}[0].content"
    assert refusal(asked(source, HI, YO, turn), source, MESSAGES) == f"{name}[2].content"
    made = request(asked(source, HI, YO, turn, YO, HI), source, MESSAGES)
    assert [message["role"] for message in json.loads(made.body)["messages"]] == ["user", "assistant", "user"]
    assert made.warnings == (LEFT_OUT.replace("messages", name),)


def test_a_result_is_something_to_answer() -> None:
    """An empty word behind it is left out."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns: list[dict[str, Any]] = [
        HI,
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "r"},
    ]
    made = request(asked(CHAT, *turns, NOTHING), CHAT, MESSAGES)
    assert json.loads(made.body)["messages"][-1]["content"][0]["type"] == "tool_result"
    assert made.warnings == (LEFT_OUT,)
