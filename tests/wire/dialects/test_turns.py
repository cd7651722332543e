"""What the router is shown: the same words, whatever the dialect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.conversation import Turn
from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.turns import ENVELOPES, text_turns, without_envelopes
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, REQUESTS, RESPONSES


def shown(document: Any, dialect: Dialect) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in text_turns(document, dialect).turns]


def test_the_same_conversation_is_shown_alike() -> None:
    """Texts of users and models; no system prompt, call, result, image or document."""
    expected = [
        ("user", "Weather in Oslo and Rome?"),
        ("assistant", "I look."),
        ("user", "And what is this?"),
    ]
    for dialect in DIALECTS:
        assert shown(REQUESTS[dialect], dialect) == expected


@pytest.mark.parametrize(
    ("document", "dialect"),
    [
        (
            {
                "messages": [
                    {"role": "user", "content": "one"},
                    {"role": "assistant", "content": None, "tool_calls": []},
                    {"role": "tool", "tool_call_id": "c", "content": "result"},
                    {"role": "user", "content": "two"},
                ]
            },
            CHAT,
        ),
        (
            {
                "system": "be brief",
                "messages": [
                    {"role": "user", "content": "one"},
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {}}]},
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "result"}]},
                    {"role": "user", "content": [{"type": "text", "text": "two"}]},
                ],
            },
            MESSAGES,
        ),
        (
            {
                "instructions": "be brief",
                "input": [
                    {"role": "user", "content": "one"},
                    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                    {"type": "function_call_output", "call_id": "c", "output": "result"},
                    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "two"}]},
                ],
            },
            RESPONSES,
        ),
        (
            {
                "messages": [
                    {"role": "system", "content": "s"},
                    *[{"role": "user", "content": t} for t in ("one", "two")],
                ]
            },
            CHAT,
        ),
    ],
)
def test_tools_are_not_shown(document: Any, dialect: Dialect) -> None:
    """Calls and results leave the two texts of the user."""
    assert shown(document, dialect) == [("user", "one"), ("user", "two")]


def test_parts() -> None:
    """Several texts are joined by line feeds; an image without words is no turn."""
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    parts = [{"type": "text", "text": "a"}, image, {"type": "text", "text": "b"}]
    messages = [{"role": "user", "content": parts}, {"role": "user", "content": [image]}]
    assert shown({"messages": messages}, CHAT) == [("user", "a\nb")]


def test_a_bare_input_is_a_turn() -> None:
    """The Responses API takes a string for a conversation."""
    assert shown({"input": "hi"}, RESPONSES) == [("user", "hi")]
    assert shown({"input": "  "}, RESPONSES) == []
    assert shown({"messages": []}, CHAT) == []


REMINDER = "<system-reminder>x</system-reminder>"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (REMINDER, ""),
        ("<system-reminder>x", ""),
        (REMINDER + REMINDER, ""),
        (REMINDER + "fix it", "fix it"),
        (f"fix {REMINDER}it", "fix it"),
        (f"fix it<environment_context>{REMINDER}</environment_context>", "fix it"),
        ("what does <system-reminders> mean?", "what does <system-reminders> mean?"),
        ("a < b and </system-reminder>", "a < b and </system-reminder>"),
    ],
)
def test_envelopes_are_taken_out(text: str, kept: str) -> None:
    """What a coding agent writes into the user's turn is not the user's; a turn of nothing else is none."""
    assert without_envelopes(text) == kept
    turns = text_turns({"messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]}, MESSAGES).turns
    assert turns == ((Turn("user", kept),) if kept else ())
    assert shown({"messages": [{"role": "assistant", "content": text}]}, CHAT) == [("assistant", text)]


@given(st.lists(st.sampled_from(["word", *[f"<{tag}>" for tag in ENVELOPES], *[f"</{tag}>" for tag in ENVELOPES]])))
def test_what_is_kept_was_there(pieces: list[str]) -> None:
    """Taking envelopes out leaves a subsequence; doing it twice changes nothing more than once did for plain text."""
    text = " ".join(pieces)
    kept = iter(text)
    assert all(character in kept for character in without_envelopes(text))


def test_envelopes_take_linear_time() -> None:
    """A megabyte of openings without an end is one step, not a search from each of them."""
    assert without_envelopes("<system-reminder>" * 60_000) == ""
    assert without_envelopes(REMINDER * 30_000) == ""


@pytest.mark.parametrize(
    ("document", "dialect", "param"),
    [
        ({}, CHAT, "messages"),
        ({"messages": {}}, MESSAGES, "messages"),
        ({"messages": ["x"]}, CHAT, "messages[0]"),
        ({"messages": [{"role": 1}]}, CHAT, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 1}]}, CHAT, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [1]}]}, MESSAGES, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, CHAT, "messages[0].content[0].text"),
        ({}, RESPONSES, "input"),
        ({"input": 5}, RESPONSES, "input"),
        ({"input": [{"type": "message"}]}, RESPONSES, "input[0].role"),
        ({"input": [None]}, RESPONSES, "input[0]"),
    ],
)
def test_mistakes_name_their_place(document: Any, dialect: Dialect, param: str) -> None:
    """The first wrong place is the one that is named."""
    with pytest.raises(InvalidRequest) as caught:
        text_turns(document, dialect)
    assert caught.value.param == param
