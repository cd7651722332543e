"""The tables of answers: complete, and the lines that are made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.canonical.notes import MOST, Notes
from plano.wire.dialects.answer_fates import ANSWER_TABLES, BECAUSE, NO_NEWS, lost
from plano.wire.dialects.fates import MAX_WARNINGS
from plano.wire.dialects.responses.answer import Response
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_every_member_has_a_fate(source: Dialect, target: Dialect) -> None:
    """What a target has no place for has a reason; and no reason stands there for nothing."""
    features = {field.feature for field in ANSWER_TABLES[source][0]}
    assert features - set(ANSWER_TABLES[target][1]) <= set(BECAUSE)
    used = {field.feature for fields, _ in ANSWER_TABLES.values() for field in fields}
    assert set(BECAUSE) <= used


def test_the_lines() -> None:
    """Kinds first; what the target has is no loss; names that could break a header are not shown."""
    notes = Notes()
    for path in ("id", "choices[].logprobs.content", "a: b", "usage.cost"):
        notes.member(path)
    notes.kind("image")
    assert lost(notes, CHAT, MESSAGES).warnings == (
        "'image': dropped from the answer, only its own dialect knows it",
        "choices[].logprobs.content: dropped from the answer, the target gives no log probabilities",
        "a member with an odd name: dropped from the answer, only its own dialect knows it",
        "usage.cost: dropped from the answer, the target does not tell the price",
    )


def test_what_no_caller_can_act_on_is_set_apart() -> None:
    """Machines of the provider and shares of a total that arrives are named, but not to the caller."""
    notes = Notes()
    for path in ("system_fingerprint", "usage.prompt_tokens_details.audio_tokens", "usage.cost"):
        notes.member(path)
    found = lost(notes, CHAT, MESSAGES)
    assert found.asides == (
        "system_fingerprint: dropped from the answer, only its own dialect knows it",
        "usage.prompt_tokens_details.audio_tokens: dropped from the answer, the total arrives",
    )
    assert found.warnings == ("usage.cost: dropped from the answer, the target does not tell the price",)
    assert set(BECAUSE) >= NO_NEWS


def test_lines_are_bounded() -> None:
    """However much an upstream writes."""
    notes = Notes()
    for number in range(500):
        notes.member(f"x{number}")
        notes.kind(f"k{number}")
    lines = lost(notes, CHAT, MESSAGES).warnings
    assert len(lines) == MAX_WARNINGS + 1
    assert lines[-1] == f"and {2 * MOST - MAX_WARNINGS} more"


SCHEMAS = {
    CHAT: ("openai_chat", "CreateChatCompletionResponse", "CreateChatCompletionStreamResponse"),
    MESSAGES: ("anthropic", "Message"),
    RESPONSES: ("openresponses", "ResponseResource"),
}
OF_OTHER_PARTS = re.compile(
    r"content\[\]\.(content|file_id|tool_use_id|type)\b|output\[\]\.(output|created_by|type)\b"
    r"|output\[\]\.content\[\]\.(detail|file_url|filename|image_url|video_url|type)$"
)
"""What parts have that only their own dialect knows: the part is named."""


def paths_of(schemas: Any, schema: Any, path: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The place of every property, with ``[]`` for any index."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        if name not in seen:
            yield from paths_of(schemas, schemas[name], path, (*seen, name))
        return
    for key, inner in schema.get("properties", {}).items():
        place = f"{path}.{key}" if path else key
        yield place
        yield from paths_of(schemas, inner, place, seen)
    if "items" in schema:
        yield from paths_of(schemas, schema["items"], f"{path}[]", seen)
    for word in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(word, ()):
            yield from paths_of(schemas, inner, path, seen)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_property_of_the_schemas_has_a_row(dialect: Dialect) -> None:
    """In the table, above or below a row of it, in a part that is named as a whole, or repeated from the request."""
    spec, *names = SCHEMAS[dialect]
    text = resources.files("llm_comply.specs").joinpath(f"{spec}.json").read_text(encoding="utf-8")
    schemas = json.loads(text)["components"]["schemas"]
    rows = {field.path for field in ANSWER_TABLES[dialect][0]}
    repeated = set(Response.__struct_fields__) if dialect is RESPONSES else set()
    missing = []
    for found in {
        path.replace(".delta", ".message") for name in names for path in paths_of(schemas, schemas[name], "")
    }:
        is_near = any(found == row or found.startswith((f"{row}.", f"{row}[")) or row.startswith(found) for row in rows)
        is_asked = not found.startswith("output") and re.split(r"[.\[]", found)[0] in repeated
        if not (is_near or is_asked or OF_OTHER_PARTS.match(found)):
            missing.append(found)
    assert missing == []
