"""OpenAI chat completions: the request as a noun, and the copy that one attempt sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plano.domain.conversation import Conversation, Role, Turn
from plano.domain.request import ChatRequest, Edits
from plano.domain.route import RouteTable
from plano.errors import InvalidRequest, ModelRequired
from plano.wire import json_guard

ReadPreferences = Callable[[Any, bytes], RouteTable]
"""Value and source bytes of ``routing_preferences`` to a route table; raises InvalidPreferences."""

_MODEL = json_guard.Member("model")
_PREFERENCES = json_guard.Member("routing_preferences")

_ROUTED_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}


def parse_request(body: bytes, read_preferences: ReadPreferences) -> ChatRequest:
    """The request of a chat completions body.

    Raises InvalidJson, InvalidRequest, ModelRequired or InvalidPreferences, each with the place.
    """
    document = json_guard.loads(body)
    if not isinstance(document, dict):
        raise InvalidRequest("the body must be a JSON object")
    model = _model(document)
    conversation = parse_conversation(document.get("messages"))
    is_stream = _is_stream(document)
    edits, preferences = Edits(_MODEL.spans(body)[1], None), None
    if "routing_preferences" in document:
        member, (start, end) = _PREFERENCES.spans(body)
        preferences = read_preferences(document["routing_preferences"], body[start:end])
        edits = Edits(edits.model, json_guard.removal_span(body, member))
    return ChatRequest(model, conversation, preferences, is_stream, body, edits)


def derive_body(request: ChatRequest, upstream_id: str) -> tuple[bytes | memoryview, ...]:
    """The body one attempt sends, in parts that share the caller's bytes.

    They are the caller's bytes with ``model`` replaced and ``routing_preferences`` removed.
    """
    (start, end), removed = request.edits.model, request.edits.removed
    body, model = memoryview(request.body), json_guard.dumps(upstream_id)
    if removed is None:
        return body[:start], model, body[end:]
    if removed[0] < start:
        return body[: removed[0]], body[removed[1] : start], model, body[end:]
    return body[:start], model, body[end : removed[0]], body[removed[1] :]


def parse_conversation(messages: Any) -> Conversation:
    """The user and assistant turns that have text. Raises InvalidRequest, naming the first wrong place."""
    if not isinstance(messages, list):
        said = "is required" if messages is None else "must be a list"
        raise InvalidRequest(f"'messages' {said}", param="messages")
    turns = []
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise InvalidRequest("a message must be an object", param=f"messages[{index}]")
        role = message.get("role")
        if not isinstance(role, str):
            raise InvalidRequest("'role' must be a string", param=f"messages[{index}].role")
        text = _text(message.get("content"), index)
        routed = _ROUTED_ROLES.get(role)
        if routed is not None and text.strip():
            turns.append(Turn(routed, text))
    return Conversation(tuple(turns))


def _text(content: Any, index: int) -> str:
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if not isinstance(content, list):
        raise InvalidRequest("'content' must be a string, a list or null", param=f"messages[{index}].content")
    texts = []
    for place, part in enumerate(content):
        if not isinstance(part, dict):
            raise InvalidRequest("a content part must be an object", param=f"messages[{index}].content[{place}]")
        if part.get("type") == "text":
            text = part.get("text")
            if not isinstance(text, str):
                where = f"messages[{index}].content[{place}].text"
                raise InvalidRequest("'text' must be a string", param=where)
            texts.append(text)
    return "\n".join(texts)


def _model(document: dict[str, Any]) -> str:
    model = document.get("model")
    if model is None or model == "":
        raise ModelRequired("'model' is required: name a declared model, or 'auto'", param="model")
    if not isinstance(model, str):
        raise InvalidRequest("'model' must be a string", param="model")
    return model


def _is_stream(document: dict[str, Any]) -> bool:
    stream = document.get("stream")
    if stream is None or isinstance(stream, bool):
        return bool(stream)
    raise InvalidRequest("'stream' must be true or false", param="stream")
