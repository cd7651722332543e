"""What a mock model says: OpenAI chat completions, the same answer for the same request, usage that adds up."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

_TOKEN = re.compile(r"\s*\S+")
_CREATED = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. ``tokens`` join to the text; ``prompt_tokens`` counts the words of all messages."""

    id: str
    model: str
    tokens: tuple[str, ...]
    prompt_tokens: int

    @property
    def usage(self) -> dict[str, int]:
        """Usage as OpenAI reports it."""
        completion = len(self.tokens)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
        }


def answer(request: Mapping[str, Any], body: bytes) -> Said:
    """What the model says to ``request``; ``body`` are its bytes, from which the id is made."""
    model = str(request.get("model", "mock"))
    messages = request.get("messages")
    said_before = messages if isinstance(messages, list) else []
    texts = [_text(message.get("content")) for message in said_before if isinstance(message, dict)]
    asked = next((text for text in reversed(texts) if text), "")
    shown = asked if len(asked) <= 200 else asked[:200] + "…"
    said = f"[{model}] This is a mock answer to: {shown}"
    return Said(
        id="chatcmpl-" + hashlib.sha256(body).hexdigest()[:24],
        model=model,
        tokens=tuple(_TOKEN.findall(said)),
        prompt_tokens=sum(len(_TOKEN.findall(text)) for text in texts),
    )


def whole(said: Said) -> bytes:
    """The body of a plain answer."""
    message = {"role": "assistant", "content": "".join(said.tokens), "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return msgspec.json.encode(
        {
            "id": said.id,
            "object": "chat.completion",
            "created": _CREATED,
            "model": said.model,
            "choices": [choice],
            "usage": said.usage,
        }
    )


def events(said: Said, *, with_usage: bool) -> Iterator[bytes]:
    """The events of a stream, ``[DONE]`` left out: role, one per token, finish, and usage when asked for."""
    yield _event(said, [_choice({"role": "assistant", "content": ""})])
    for token in said.tokens:
        yield _event(said, [_choice({"content": token})])
    yield _event(said, [_choice({}, finish="stop")])
    if with_usage:
        yield _event(said, [], usage=said.usage)


DONE = b"data: [DONE]\n\n"


def error(status: int, retry_after_s: float | None) -> bytes:
    """The body of an error answer."""
    kind = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}.get(
        status, "server_error"
    )
    again = "" if retry_after_s is None else f" Try again in {retry_after_s:g} s."
    detail = {"message": f"The mock provider was told to answer {status}.{again}", "type": kind, "param": None}
    return msgspec.json.encode({"error": {**detail, "code": _CODES.get(status)}})


def error_event() -> bytes:
    """An error in the middle of a stream."""
    detail = {"message": "The mock provider was told to fail here.", "type": "server_error", "code": "server_error"}
    return b"data: " + msgspec.json.encode({"error": detail}) + b"\n\n"


_CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def _choice(delta: dict[str, str], *, finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _event(said: Said, choices: list[dict[str, Any]], *, usage: dict[str, int] | None = None) -> bytes:
    chunk: dict[str, Any] = {
        "id": said.id,
        "object": "chat.completion.chunk",
        "created": _CREATED,
        "model": said.model,
        "choices": choices,
    }
    if usage is not None:
        chunk["usage"] = usage
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""
