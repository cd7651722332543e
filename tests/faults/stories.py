"""What a caller makes of an answer, read by rules of its own: nothing of the gateway's readers is used here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Api = Literal["chat", "messages", "responses"]


@dataclass
class Story:
    """``text``: all of it. ``terminals``: how often the dialect's own end came. ``errors``: of error events.

    ``is_done``: did ``[DONE]`` come? ``malformed``: events that are no JSON.
    """

    text: str = ""
    terminals: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    is_done: bool = False
    malformed: int = 0


def stream_story(api: Api, body: bytes) -> Story:
    """The story of an event stream."""
    story = Story()
    for data in _data(body.removeprefix(b"\xef\xbb\xbf")):
        if data == b"[DONE]":
            story.is_done = True
            continue
        try:
            document = json.loads(data)
        except ValueError:
            story.malformed += 1
            continue
        _FOLLOW[api](story, document)
    return story


def plain_story(api: Api, body: bytes) -> Story:
    """The story of a plain answer."""
    document = json.loads(body)
    if "error" in document and document["error"] is not None:
        return Story(errors=[document["error"]])
    match api:
        case "chat":
            (choice,) = document["choices"]
            return Story(choice["message"]["content"], int(choice["finish_reason"] == "stop"))
        case "messages":
            text = "".join(block["text"] for block in document["content"])
            return Story(text, int(document["stop_reason"] == "end_turn"))
        case "responses":
            parts = [part for item in document["output"] for part in item["content"]]
            return Story("".join(part["text"] for part in parts), int(document["status"] == "completed"))


def _data(body: bytes) -> Iterator[bytes]:
    for event in body.replace(b"\r\n", b"\n").split(b"\n\n"):
        lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
        if lines:
            yield b"\n".join(lines)


def _follow_chat(story: Story, document: dict[str, Any]) -> None:
    if "error" in document:
        story.errors.append(document["error"])
    for choice in document.get("choices") or []:
        story.text += choice["delta"].get("content") or ""
        story.terminals += choice["finish_reason"] == "stop"


def _follow_messages(story: Story, document: dict[str, Any]) -> None:
    match document["type"]:
        case "content_block_delta":
            story.text += document["delta"]["text"]
        case "message_stop":
            story.terminals += 1
        case "error":
            story.errors.append(document["error"])


def _follow_responses(story: Story, document: dict[str, Any]) -> None:
    match document["type"]:
        case "response.output_text.delta":
            story.text += document["delta"]
        case "response.completed":
            story.terminals += 1
        case "response.failed":
            assert document["response"]["status"] == "failed"
            story.errors.append(document["error"])


_FOLLOW: Mapping[Api, Callable[[Story, dict[str, Any]], None]] = {
    "chat": _follow_chat,
    "messages": _follow_messages,
    "responses": _follow_responses,
}
