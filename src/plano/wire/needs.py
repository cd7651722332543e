"""What a request asks of a model, read from a body of any dialect; only what decides who can serve it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from plano.domain.catalog import Modality
from plano.domain.request import Needs

_MEDIA: Mapping[str, Modality] = MappingProxyType(
    {
        "image_url": "image",  # chat
        "input_audio": "audio",
        "file": "pdf",
        "video_url": "video",
        "image": "image",  # messages
        "document": "pdf",
        "input_image": "image",  # responses
        "input_file": "pdf",
    }
)
"""Type of a content part to what a model must read; no two dialects mean different things by one type."""

_NESTED = ("content", "output")
"""Where a part keeps further parts: results of tools."""

_OUTPUT_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_SCHEMA_KEYS = frozenset({"response_format", "output_format", "text"})
_REASONING_KEYS = frozenset({"reasoning_effort", "reasoning", "thinking", "enable_thinking"})
_NO_REASONING = ("none", "disabled")
_MAX_PARTS = 10_000
_KEPT = frozenset(
    {"previous_response_id", "conversation", "prompt", "container", "thread", "cached_content", "cachedContent"}
)
"""Members that name what one provider keeps."""


def needs_of(document: Mapping[str, Any], size: int) -> Needs:
    """The needs of a body of ``size`` bytes. Never raises: what is wrong with a body is found elsewhere."""
    messages = document.get("messages") or document.get("input")
    kinds: set[Modality] = set()
    parts = media_bytes = 0
    kept = not _KEPT.isdisjoint(document) and any(document.get(name) is not None for name in _KEPT)
    # Nearly every message is text and nothing else: this runs on the path of each request.
    rich = (
        [one for one in messages if type(one) is dict and ("output" in one or type(one.get("content")) is list)]
        if type(messages) is list
        else []
    )
    for part in _parts(rich) if rich else ():
        kind = _MEDIA.get(part["type"])
        if kind is not None and parts < _MAX_PARTS and not _is_text(part):
            kinds.add(kind)
            parts += 1
            media_bytes += _text_size(part)
            kept = kept or _is_uploaded(part)
        elif "file_id" in part:
            # Uploads for the tools of a provider.
            kept = True
    return Needs(
        size - media_bytes if size > media_bytes else 0,
        tuple(sorted(kinds)) if kinds else (),
        parts,
        "tools" in document and bool(document["tools"]),
        _wants_schema(document),
        _limit(document),
        not _REASONING_KEYS.isdisjoint(document) and _wants_reasoning(document),
        kept or ("input" in document and _has_reference(messages)),
    )


def _parts(messages: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Content parts, and those inside results of tools."""
    for message in messages:
        for key in _NESTED:
            content = message.get(key)
            if isinstance(content, list):
                yield from _with_nested(content)


def _with_nested(content: list[Any]) -> Iterator[Mapping[str, Any]]:
    for part in content:
        if isinstance(part, dict) and isinstance(part.get("type"), str):
            yield part
            below = part.get("content")
            if isinstance(below, list):
                yield from [one for one in below if isinstance(one, dict) and isinstance(one.get("type"), str)]


def _is_text(part: Mapping[str, Any]) -> bool:
    """Is it a document that is given as text?"""
    source = part.get("source")
    return isinstance(source, dict) and source.get("type") in ("text", "content")


def _is_uploaded(part: Mapping[str, Any]) -> bool:
    """Is it a file by the id that a provider gave it? In all dialects it stands in the part or one level below."""
    return "file_id" in part or any(type(inner) is dict and "file_id" in inner for inner in part.values())


def _has_reference(items: Any) -> bool:
    """Does an item stand for one that a provider keeps?"""
    return type(items) is list and any(type(one) is dict and one.get("type") == "item_reference" for one in items)


def _text_size(part: Mapping[str, Any]) -> int:
    """Characters of what a part holds: an image is no text, however long its base64 is."""
    values = [*part.values()]
    values += [inner for value in values if isinstance(value, dict) for inner in value.values()]
    return sum([len(value) for value in values if isinstance(value, str)])


def _wants_schema(document: Mapping[str, Any]) -> bool:
    """Must the answer follow a JSON schema? ``json_object`` is no schema, and nearly every model knows it."""
    if _SCHEMA_KEYS.isdisjoint(document):
        return False
    asked = document.get("response_format") or document.get("output_format")
    if asked is None:
        text = document.get("text")
        asked = text.get("format") if isinstance(text, dict) else None
    return isinstance(asked, dict) and asked.get("type") == "json_schema"


def _wants_reasoning(document: Mapping[str, Any]) -> bool:
    """Is thought asked for, in the words of chat (OpenAI, Qwen), messages or responses?"""
    said = [document.get(name) for name in sorted(_REASONING_KEYS)]
    words = [each.get("effort", each.get("type", "on")) if isinstance(each, dict) else each for each in said]
    return any(word is not None and word is not False and word not in _NO_REASONING for word in words)


def _limit(document: Mapping[str, Any]) -> int | None:
    for name in _OUTPUT_LIMITS:
        if name in document:
            value = document[name]
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
    return None
