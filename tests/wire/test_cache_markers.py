"""Where markers of prompt caches go, and that every other byte stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.config.load import load_text
from plano.domain.model import Dialect
from plano.wire.cache_markers import is_marked, marked, takes_markers

MESSAGES, CHAT = Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_CHAT
MARKER = {"cache_control": {"type": "ephemeral"}}
LONG = "é" * 4_000
HI = [{"role": "user", "content": "hi"}]
MARKED_HI = [{"role": "user", "content": [{"type": "text", "text": "hi", **MARKER}]}]
TEXT = {"type": "text", "text": LONG}
TOOL = {"name": "t", "description": LONG, "input_schema": {"type": "object"}}
FUNCTION = {"type": "function", "function": {"name": "t", "description": LONG}}


def after(document: Any, dialect: Dialect = MESSAGES, *, from_tokens: int = 1024) -> Any:
    """The document with its markers."""
    return json.loads(marked(json.dumps(document).encode(), dialect, from_tokens=from_tokens))


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ({"system": LONG, "messages": HI}, {"system": [{**TEXT, **MARKER}], "messages": MARKED_HI}),
        (
            {"system": [{"type": "text", "text": "a"}, TEXT], "messages": HI},
            {"system": [{"type": "text", "text": "a"}, {**TEXT, **MARKER}], "messages": MARKED_HI},
        ),
        ({"tools": [TOOL, TOOL], "messages": HI}, {"tools": [TOOL, {**TOOL, **MARKER}], "messages": MARKED_HI}),
        (
            {"system": "a", "tools": [TOOL], "messages": HI},
            {"system": [{"type": "text", "text": "a", **MARKER}], "tools": [TOOL], "messages": MARKED_HI},
        ),
        (
            {"system": "", "tools": [TOOL], "messages": HI},
            {"system": "", "tools": [{**TOOL, **MARKER}], "messages": MARKED_HI},
        ),
        (
            {"tools": [TOOL], "messages": [*HI, {"content": [{"type": "tool_result", "tool_use_id": "1"}]}]},
            {
                "tools": [{**TOOL, **MARKER}],
                "messages": [*HI, {"content": [{"type": "tool_result", "tool_use_id": "1", **MARKER}]}],
            },
        ),
    ],
    ids=["system text", "system blocks", "tools", "system before tools", "empty system", "last block of any kind"],
)
def test_messages(before: Any, expected: Any) -> None:
    """The end of the system prompts, else of the tools, and the end of the conversation; nothing else changes."""
    assert after(before) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (
            {"messages": [{"role": "system", "content": LONG}, *HI]},
            {"messages": [{"role": "system", "content": [{**TEXT, **MARKER}]}, *HI]},
        ),
        (
            {"messages": [*HI, {"role": "developer", "content": [TEXT, {"type": "file"}]}]},
            {"messages": [*HI, {"role": "developer", "content": [{**TEXT, **MARKER}, {"type": "file"}]}]},
        ),
        ({"messages": HI * 2, "tools": [FUNCTION]}, {"messages": [*MARKED_HI, *HI], "tools": [FUNCTION]}),
    ],
    ids=["system text", "last text part", "first message without system"],
)
def test_chat(before: Any, expected: Any) -> None:
    """The last text of the first system prompt, else of the first message."""
    assert after(before, CHAT) == expected


@pytest.mark.parametrize(
    ("document", "dialect"),
    [
        ({"system": "a" * 4095, "messages": HI}, MESSAGES),
        ({"messages": [{"role": "user", "content": LONG}]}, MESSAGES),
        ({"messages": [{"role": "user", "content": LONG}]}, CHAT),
        ({"tools": [{**TOOL, "defer_loading": True}], "messages": [{"role": "user", "content": ""}]}, MESSAGES),
        ({"tools": [{**TOOL, "defer_loading": True}], "messages": [{"content": [{"type": "thinking"}]}]}, MESSAGES),
        ({"tools": [{**TOOL, "defer_loading": True}], "messages": [{"content": [{"text": ""}]}]}, MESSAGES),
        ({"tools": [FUNCTION], "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, CHAT),
    ],
)
def test_no_place(document: Any, dialect: Dialect) -> None:
    """A short prefix, an empty text, thoughts, deferred tools: the very same bytes."""
    body = json.dumps(document).encode()
    assert marked(body, dialect, from_tokens=1024) is body


def test_the_threshold_is_exact() -> None:
    """4 bytes are a token: 1,024 of them are enough, and what is configured counts only above that."""
    for tokens, size, is_enough in ((0, 4096, True), (0, 4095, False), (2000, 8000, True), (2000, 7999, False)):
        body = json.dumps({"system": "a" * size, "messages": HI}).encode()
        assert (marked(body, MESSAGES, from_tokens=tokens) != body) is is_enough


@pytest.mark.parametrize("wrong", [{}, [], 5, None, "x", [5], [[]], {"a": 1}, [{}], [None]])
@pytest.mark.parametrize("dialect", [MESSAGES, CHAT])
@pytest.mark.parametrize("name", ["messages", "system", "tools"])
def test_odd_bodies(wrong: Any, dialect: Dialect, name: str) -> None:
    """What is wrong in a dialect is for others to complain about: no error comes from here."""
    after({"system": LONG, "messages": [{"role": "system", "content": LONG}], name: wrong}, dialect)


@pytest.mark.parametrize(
    ("document", "is_own"),
    [
        ({"cache_control": {"type": "ephemeral"}}, True),
        ({"system": [{"type": "text", "text": "a", **MARKER}]}, True),
        ({"tools": [{"name": "t", **MARKER}]}, True),
        ({"messages": [{"content": [{"type": "tool_result", "content": [{"type": "text", **MARKER}]}]}]}, True),
        ({"messages": [{"content": "a", **MARKER}]}, True),
        ({"input": [{"content": [{"type": "input_text", **MARKER}]}]}, True),
        ({"messages": [{"content": [{"type": "text", "text": "a", "cache_control": None}]}]}, False),
        ({"messages": [{"content": 'say "cache_control": {}'}]}, False),
        ({"tools": [{"input_schema": {"properties": {"cache_control": {"type": "string"}}}}]}, False),
        ({"metadata": {"cache_control": "x"}}, False),
    ],
)
def test_own_markers(document: Any, is_own: bool) -> None:
    """A marker of the caller's counts where a provider would read one: not in texts, schemas and metadata."""
    assert is_marked(json.dumps(document).encode()) is is_own
    spelled = json.dumps(document).replace('"cache_control"', '"c\\u0061che_control"')
    assert is_marked(spelled.encode()) is is_own


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
blocks = st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": st.text(min_size=1)}), min_size=1, max_size=3)
turns = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "system"]), "content": st.text() | blocks}),
    min_size=1,
    max_size=4,
)


@given(turns, st.dictionaries(st.text(max_size=4), values, max_size=3), st.sampled_from([None, 2, "\t"]), st.booleans())
@pytest.mark.parametrize("dialect", [MESSAGES, CHAT])
def test_only_markers_are_added(
    dialect: Dialect, messages: list[Any], more: dict[str, Any], indent: Any, is_ascii: bool
) -> None:
    """However a body is written: without its markers, and with texts again where blocks were made, it is the same."""
    document = {**more, "messages": messages, "tools": [TOOL if dialect is MESSAGES else FUNCTION]}
    body = json.dumps(document, indent=indent, ensure_ascii=is_ascii).encode()
    made = marked(body, dialect, from_tokens=0)
    assert is_marked(made) or made is body
    assert _plain(json.loads(made), document) == document


def _plain(made: Any, before: Any) -> Any:
    """``made`` without markers, and with a text where ``before`` has one."""
    if isinstance(before, str) and isinstance(made, list):
        return made[0]["text"]
    if isinstance(made, dict):
        return {name: _plain(value, before.get(name)) for name, value in made.items() if name != "cache_control"}
    if isinstance(made, list):
        return [_plain(one, old) for one, old in zip(made, before, strict=True)]
    return made


@pytest.mark.parametrize(
    ("model", "dialect", "is_taken"),
    [
        ("anthropic/claude-sonnet-4", MESSAGES, True),
        ("digitalocean/anthropic-claude-3-5-sonnet", CHAT, True),
        ("openrouter/anthropic/claude-3.5", CHAT, True),
        ("edenai/Anthropic/Claude", CHAT, True),
        ("digitalocean/openai-gpt-4o", CHAT, False),
        ("openai/gpt-4o", CHAT, False),
        ("groq/claude-like", CHAT, False),
        ("openai/gpt-4o", Dialect.OPENAI_RESPONSES, False),
    ],
)
def test_who_takes_them(model: str, dialect: Dialect, is_taken: bool) -> None:
    """Every host of the Messages API, and by chat those of Claude that hand markers on."""
    text = f"version: v0.4.0\nmodel_providers: [{{model: {model}, access_key: $KEY}}]\n"
    declared = load_text(text, {"KEY": "sk-of-the-provider"}).models.models[model]
    assert takes_markers(declared, dialect) is is_taken
