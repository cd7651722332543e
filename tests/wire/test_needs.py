"""What a request asks of a model, in three dialects."""

from __future__ import annotations

from typing import Any

import pytest

from plano.domain.request import Needs
from plano.wire.needs import needs_of

DATA = "x" * 1000


def user(*content: Any, key: str = "messages") -> dict[str, Any]:
    """A body with one user message."""
    return {key: [{"role": "user", "content": list(content)}]}


@pytest.mark.parametrize(
    ("document", "media", "parts"),
    [
        ({"messages": [{"role": "user", "content": "hi"}]}, (), 0),
        (user({"type": "text", "text": "hi"}), (), 0),
        (user({"type": "image_url", "image_url": {"url": DATA}}), ("image",), 1),
        (user({"type": "input_audio", "input_audio": {"data": DATA}}), ("audio",), 1),
        (user({"type": "file", "file": {"file_data": DATA}}), ("pdf",), 1),
        (user({"type": "image", "source": {"type": "base64", "data": DATA}}), ("image",), 1),
        (user({"type": "document", "source": {"type": "base64", "data": DATA}}), ("pdf",), 1),
        (user({"type": "document", "source": {"type": "text", "data": DATA}}), (), 0),
        (
            user({"type": "tool_result", "content": [{"type": "image", "source": {"type": "base64", "data": DATA}}]}),
            ("image",),
            1,
        ),
        (user({"type": "input_image", "image_url": DATA}, key="input"), ("image",), 1),
        (user({"type": "input_file", "file_data": DATA}, key="input"), ("pdf",), 1),
        (
            {"input": [{"type": "function_call_output", "output": [{"type": "input_image", "image_url": DATA}]}]},
            ("image",),
            1,
        ),
        ({"input": "hi"}, (), 0),
        (
            user({"type": "image_url", "image_url": {"url": DATA}}, {"type": "file", "file": {}}, {"type": "file"}),
            ("image", "pdf"),
            3,
        ),
    ],
)
def test_media(document: dict[str, Any], media: tuple[str, ...], parts: int) -> None:
    """Kinds of content by their parts; a document given as text is text."""
    found = needs_of(document, 5000)
    assert (found.media, found.media_parts) == (media, parts)


def test_an_image_is_no_text() -> None:
    """The bytes of media are not part of the prompt's; whatever the size, it is never negative."""
    document = user({"type": "image_url", "image_url": {"url": DATA}})
    assert needs_of(document, 1200).prompt_bytes == 191
    assert needs_of(document, 10).prompt_bytes == 0


@pytest.mark.parametrize(
    ("members", "needs"),
    [
        ({}, Needs(9)),
        ({"tools": []}, Needs(9)),
        ({"tools": [{}]}, Needs(9, tools=True)),
        ({"response_format": {"type": "json_schema"}}, Needs(9, structured_output=True)),
        ({"response_format": {"type": "json_object"}}, Needs(9)),
        ({"text": {"format": {"type": "json_schema"}}}, Needs(9, structured_output=True)),
        ({"output_format": {"type": "json_schema"}}, Needs(9, structured_output=True)),
        ({"max_tokens": 5}, Needs(9, max_output_tokens=5)),
        ({"max_completion_tokens": 6, "max_tokens": 5}, Needs(9, max_output_tokens=6)),
        ({"max_output_tokens": 7}, Needs(9, max_output_tokens=7)),
        ({"max_tokens": True}, Needs(9)),
        ({"max_tokens": -1}, Needs(9)),
        ({"max_tokens": "5"}, Needs(9)),
    ],
)
def test_other_needs(members: dict[str, Any], needs: Needs) -> None:
    """Tools, schemas and limits, under the names of each dialect."""
    assert needs_of(members, 9) == needs


@pytest.mark.parametrize(
    "document",
    [
        {"messages": 5},
        {
            "messages": [
                5,
                None,
                {"content": 5},
                {"content": [5, {"type": 5}, {"type": "image_url", "image_url": None}]},
            ]
        },
        {"response_format": 5, "text": 5, "tools": 5},
        {"input": [{"content": [{"type": "tool_result", "content": [5, {"type": []}]}]}]},
    ],
)
def test_odd_bodies(document: dict[str, Any]) -> None:
    """Whatever a body holds, reading its needs raises nothing."""
    assert needs_of(document, 9).prompt_bytes <= 9


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({}, False),
        ({"reasoning_effort": "high"}, True),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning_effort": None}, False),
        ({"reasoning": {"effort": "low"}}, True),
        ({"reasoning": {"effort": "none"}}, False),
        ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, True),
        ({"thinking": {"type": "disabled"}}, False),
        ({"enable_thinking": True}, True),
        ({"enable_thinking": False}, False),
        ({"reasoning": {"effort": ["odd"]}}, True),
    ],
)
def test_thought_before_the_answer(member: dict[str, Any], expected: bool) -> None:
    """Asked for in the words of any dialect; odd values are somebody else's to refuse."""
    assert needs_of({"messages": [], **member}, 10).reasoning is expected


@pytest.mark.parametrize(
    ("document", "is_kept"),
    [
        ({"messages": [{"role": "user", "content": "hi"}]}, False),
        (user({"type": "file", "file": {"file_data": DATA}}), False),
        (user({"type": "file", "file": {"file_id": "file-1"}}), True),
        (user({"type": "image", "source": {"type": "file", "file_id": "file_1"}}), True),
        (user({"type": "container_upload", "file_id": "file_1"}), True),
        (user({"type": "input_image", "file_id": "file-1"}, key="input"), True),
        (user({"type": "tool_result", "content": [{"type": "image", "source": {"file_id": "f"}}]}), True),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, True),
        ({"input": "hi", "previous_response_id": "resp_1"}, True),
        ({"input": "hi", "previous_response_id": None}, False),
        ({"input": "hi", "conversation": {"id": "conv_1"}}, True),
        ({"input": "hi", "prompt": {"id": "pmpt_1"}}, True),
        ({"messages": [], "container": "container_1"}, True),
        ({"messages": [], "thread": {"type": "x"}}, True),
    ],
)
def test_what_one_provider_keeps(document: dict[str, Any], is_kept: bool) -> None:
    """Files by their ids, responses, conversations, stored prompts, containers: nobody else has them."""
    assert needs_of(document, 100).kept is is_kept
