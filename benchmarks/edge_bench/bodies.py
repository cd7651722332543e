"""Chat bodies of a given size, one kind for each thing that makes a body large."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from proxy_bench import workload

ENTRIES = 56
DESCRIPTION_BYTES = 2000
SMALL_TURN = "And the next one, please: which of the two is shorter?"


def small(mark: str) -> bytes:
    """The workload's own body, about 1.5 KB."""
    return workload.body(f"{workload.PROMPT} {mark}")


def image(mark: str, size: int) -> bytes:
    """A short text beside an image in base64."""
    data = b64encode(random.Random(1).randbytes(size * 3 // 4 - 600)).decode()
    url = {"url": f"data:image/png;base64,{data}"}
    return _body([{"type": "text", "text": f"what is this? {mark}"}, {"type": "image_url", "image_url": url}])


def text(mark: str, size: int) -> bytes:
    """One long message in plain ASCII."""
    return _body(f"{mark} {_prose(size - 200)}")


def messages(mark: str, size: int) -> bytes:
    """Many small messages, by turns."""
    turns = [{"role": ("user", "assistant")[number % 2], "content": SMALL_TURN} for number in range((size - 200) // 89)]
    return _document([*turns, {"role": "user", "content": f"{workload.PROMPT} {mark}"}])


def escapes(mark: str, size: int) -> bytes:
    """One long message of which every character is escaped by number."""
    return _body(f"{mark} {'ж' * ((size - 200) // 6)}")


def quotes(mark: str, size: int) -> bytes:
    """One long message of short quoted words: a quote and a backslash at every turn."""
    return _body(mark + ' "a"' * ((size - 200) // 6))


def preferences(mark: str, size: int) -> bytes:
    """A long text and an inline list of about 115 KB that was never seen before."""
    routes = [
        {
            "name": f"route {number}",
            "description": f"{mark} {number} {_prose(DESCRIPTION_BYTES)}",
            "models": [workload.MODEL],
        }
        for number in range(ENTRIES)
    ]
    room = size - len(json.dumps(routes)) - 200
    return _document([{"role": "user", "content": f"{mark} {_prose(room)}"}], routing_preferences=routes)


def numbers(mark: str, size: int) -> bytes:
    """A short text, and a member that Plano does not know: a list of small objects, as in large tool schemas."""
    rows = [{"a": number % 10, "b": [1, 2]} for number in range(size // 23)]
    return _document([{"role": "user", "content": f"{workload.PROMPT} {mark}"}], rows=rows)


KINDS: Mapping[str, Callable[[str, int], bytes]] = {
    "base64 image": image,
    "long text": text,
    "many small messages": messages,
    "all \\u escapes": escapes,
    "quoted words": quotes,
    "many small objects": numbers,
    "text and inline list": preferences,
}
"""Kind → a body with a mark, which makes it new to every memory, of about that many bytes."""


def _body(content: str | list[Any]) -> bytes:
    return _document([{"role": "user", "content": content}])


def _document(messages: list[dict[str, Any]], **more: Any) -> bytes:
    return json.dumps({"model": workload.MODEL, "messages": messages, "max_tokens": 512, **more}).encode()


def _prose(size: int) -> str:
    return (workload.EARLIER * (size // len(workload.EARLIER) + 1))[:size]
