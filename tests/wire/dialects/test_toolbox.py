"""Lists of tools that are remembered: nothing but the time of a translation may depend on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.toolbox import LONGEST_REMEMBERED, REMEMBERED, KnownTools
from plano.wire.dialects.translate import Translation, translate_request
from tests.wire.dialects.samples import CHAT, MESSAGES, PAIRS, REQUESTS, RESPONSES, SCHEMA, TARGETS

MARKER = {"type": "ephemeral"}
PATCH = {"name": "patch", "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}}}
ODD: dict[Dialect, list[dict[str, Any]]] = {
    CHAT: [
        {"type": "function", "function": {"name": "f", "parameters": SCHEMA}, "cache_control": MARKER},
        {"type": "custom", "custom": PATCH},
    ],
    MESSAGES: [
        {"name": "f", "input_schema": SCHEMA, "cache_control": MARKER, "defer_loading": True},
        {"name": "g", "input_schema": {"type": "object"}, "strict": False, "odd": 1},
    ],
    RESPONSES: [
        {"type": "function", "name": "f", "parameters": None, "strict": True},
        {"type": "custom", "name": "patch", "format": {"type": "grammar", "syntax": "lark", "definition": "x"}},
    ],
}


def sent(document: dict[str, Any], source: Dialect, target: Dialect, known: KnownTools | None) -> Translation:
    return translate_request(json.dumps(document).encode(), source, TARGETS[target], known=known)


def chat(name: str, **members: Any) -> dict[str, Any]:
    tool = {"type": "function", "function": {"name": name}}
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tools": [tool], **members}


@pytest.mark.parametrize(("source", "target"), PAIRS)
@pytest.mark.parametrize("is_odd", [False, True])
def test_it_makes_no_difference(source: Dialect, target: Dialect, is_odd: bool) -> None:
    """Body, warnings and echo are the same with and without, the first time and later, for each target in turn."""
    document = REQUESTS[source] | ({"tools": ODD[source], "tool_choice": None} if is_odd else {})
    known = KnownTools()
    for other in TARGETS:
        if other is not source:
            sent(document, source, other, known)
    expected = sent(document, source, target, None)
    assert [sent(document, source, target, known) for _ in range(2)] == [expected, expected]
    assert len(known) == 1


def test_a_warning_is_given_each_time() -> None:
    """What is lost of a tool that is remembered is said with every request, once."""
    known = KnownTools()
    document = chat("f", tools=ODD[CHAT])
    first, second = [sent(document, CHAT, RESPONSES, known).warnings for _ in range(2)]
    assert (
        first == second == ("messages[].content[].cache_control: dropped, the target finds cached prefixes by itself",)
    )


def test_lists_of_one_length_are_told_apart() -> None:
    """The bytes decide, not how many there are."""
    known = KnownTools()
    for name in ("f", "g", "f"):
        assert json.loads(sent(chat(name), CHAT, MESSAGES, known).body)["tools"][0]["name"] == name


def test_the_same_bytes_are_other_tools_in_another_dialect() -> None:
    """A list that is right in one dialect may be wrong in another one."""
    known = KnownTools()
    document = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    document["tools"] = [{"name": "f", "input_schema": SCHEMA}]
    sent(document, MESSAGES, RESPONSES, known)
    with pytest.raises(InvalidRequest, match=r"^tools\[0\]\.type: is required"):
        sent(chat("f", tools=document["tools"]), CHAT, RESPONSES, known)


def test_tools_are_chosen_by_name_from_remembered_ones() -> None:
    """Only the allowed ones are sent, whatever was made of the list before; and all of them again afterwards."""
    known = KnownTools()
    tools = [{"type": "function", "function": {"name": name}} for name in "fg"]
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [tools[1]]}}
    made = [
        json.loads(sent(chat("f", tools=tools, **more), CHAT, MESSAGES, known).body)["tools"]
        for more in ({}, {"tool_choice": allowed}, {})
    ]
    assert [[tool["name"] for tool in each] for each in made] == [["f", "g"], ["g"], ["f", "g"]]


@pytest.mark.parametrize(
    ("tools", "place"), [("x", "tools"), ([1], "tools[0]"), ([{"type": "function"}], "tools[0].function")]
)
def test_a_mistake_is_found_each_time(tools: Any, place: str) -> None:
    """With its place; and nothing of it is remembered."""
    known = KnownTools()
    for _ in range(2):
        with pytest.raises(InvalidRequest) as caught:
            sent(chat("f", tools=tools), CHAT, MESSAGES, known)
        assert caught.value.param == place
    assert len(known) == 0


def test_the_memory_is_bounded() -> None:
    """Neither many lists nor long ones fill it."""
    known = KnownTools()
    for number in range(2 * REMEMBERED):
        sent(chat("f" * (number + 1)), CHAT, MESSAGES, known)
        assert len(known) <= REMEMBERED
    before = len(known)
    assert before > 0
    sent(chat("f" * LONGEST_REMEMBERED), CHAT, MESSAGES, known)
    assert len(known) == before
