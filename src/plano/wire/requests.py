"""A body of any dialect as a request, and the copy of it that one attempt sends where that dialect is spoken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plano.domain.model import Dialect
from plano.domain.request import ChatRequest, Edits
from plano.domain.route import RouteTable
from plano.errors import InvalidRequest, ModelRequired
from plano.wire import json_guard
from plano.wire.dialects.turns import text_turns
from plano.wire.needs import needs_of

ReadPreferences = Callable[[Any, bytes], RouteTable]
"""Value and source bytes of ``routing_preferences`` to a route table; raises InvalidPreferences."""

COPIED_BYTES = 16 * 1024
"""So much is copied in less time than it takes to look at it in place."""

_MODEL = json_guard.Member("model")
_PREFERENCES = json_guard.Member("routing_preferences")


def parse_request(body: bytes, dialect: Dialect, read_preferences: ReadPreferences) -> ChatRequest:
    """The request of a body of ``dialect``.

    Raises InvalidJson, InvalidRequest, ModelRequired or InvalidPreferences, each with the place.
    """
    document = json_guard.loads(body)
    if not isinstance(document, dict):
        raise InvalidRequest("the body must be a JSON object")
    model = _model(document)
    conversation = text_turns(document, dialect)
    is_stream = _is_stream(document)
    edits, preferences = edits_of(body, has_preferences="routing_preferences" in document), None
    if edits.removed is not None:
        start, end = _PREFERENCES.spans(body)[1]
        preferences = read_preferences(document["routing_preferences"], body[start:end])
    needs = needs_of(document, len(body))
    continues = _continues(document) if dialect is Dialect.OPENAI_RESPONSES else None
    return ChatRequest(model, conversation, preferences, is_stream, body, edits, dialect, needs, continues=continues)


def edits_of(body: bytes, *, has_preferences: bool) -> Edits:
    """Where an attempt differs from ``body``, one that ``json_guard.loads`` accepted and that names a model."""
    removed = json_guard.removal_span(body, _PREFERENCES.spans(body)[0]) if has_preferences else None
    return Edits(_MODEL.spans(body)[1], removed)


def derive_body(request: ChatRequest, upstream_id: str) -> tuple[bytes | memoryview, ...]:
    """The body one attempt sends, in parts; those of a large body share the caller's bytes.

    They are the caller's bytes with ``model`` replaced and ``routing_preferences`` removed.
    """
    (start, end), removed = request.edits.model, request.edits.removed
    body: bytes | memoryview = request.body
    model = json_guard.dumps(upstream_id)
    if len(body) > COPIED_BYTES:
        body = memoryview(body)
    if removed is None:
        return body[:start], model, body[end:]
    if removed[0] < start:
        return body[: removed[0]], body[removed[1] : start], model, body[end:]
    return body[:start], model, body[end : removed[0]], body[removed[1] :]


def _model(document: dict[str, Any]) -> str:
    model = document.get("model")
    if model is None or model == "":
        raise ModelRequired("'model' is required: name a declared model, or 'auto'", param="model")
    if not isinstance(model, str):
        raise InvalidRequest("'model' must be a string", param="model")
    return model


def _continues(document: dict[str, Any]) -> str | None:
    continues = document.get("previous_response_id")
    if continues is None or isinstance(continues, str):
        return continues or None
    raise InvalidRequest("previous_response_id: must be a string", param="previous_response_id")


def _is_stream(document: dict[str, Any]) -> bool:
    stream = document.get("stream")
    if stream is None or isinstance(stream, bool):
        return bool(stream)
    raise InvalidRequest("'stream' must be true or false", param="stream")
