"""What a mock model says: the same answer for the same request, with usage that adds up."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\s*\S+")
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. ``tokens`` join to the text; ``prompt_tokens`` counts the words of all messages.

    ``id``: 24 hex digits of the request. ``shows_usage``: does a stream of chat completions end with an account?
    """

    id: str
    model: str
    tokens: tuple[str, ...]
    prompt_tokens: int
    is_stream: bool = False
    shows_usage: bool = False

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.tokens)


def answer(request: Mapping[str, Any], body: bytes, *, attempt: int = 1) -> Said:
    """What the model says to ``request``. ``body``: its bytes. ``attempt``: the how-manieth one of the same trace."""
    model = str(request.get("model", "mock"))
    texts = list(_texts(request))
    asked = next((text for text in reversed(texts) if text), "")
    shown = asked if len(asked) <= _LONGEST_SHOWN else asked[:_LONGEST_SHOWN] + "…"
    options = request.get("stream_options")
    return Said(
        id=hashlib.sha256(body).hexdigest()[:24],
        model=model,
        tokens=tuple(_TOKEN.findall(f"[{model} #{attempt}] This is a mock answer to: {shown}")),
        prompt_tokens=sum(len(_TOKEN.findall(text)) for text in texts),
        is_stream=bool(request.get("stream")),
        shows_usage=isinstance(options, dict) and bool(options.get("include_usage")),
    )


def _texts(request: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a request of any dialect, in order."""
    for name in ("system", "instructions"):
        yield _text(request.get(name))
    said_before = request.get("messages", request.get("input"))
    if isinstance(said_before, str):
        yield said_before
    elif isinstance(said_before, list):
        for message in said_before:
            if isinstance(message, dict):
                yield _text(message.get("content"))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""
