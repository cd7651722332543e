"""Ids of conversations that nobody named: the same for the same beginning, in every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.dialects.turns import text_turns
from plano.wire.implicit import Opening, opening, session_id

RUST = "You are a senior Rust engineer."


@pytest.mark.parametrize(
    ("label", "system", "tools", "first", "wanted"),
    [
        ("", RUST, (), "Write a Rust function that reverses a linked list.", "8e76b367cc3a4336"),
        ("", "You are helpful.", (), "hi", "9927398c39000ed9"),
        ("", "", (), "hello", "b4076d4c86272865"),
        ("acme", "You are helpful.", ("a", "b"), "hi", "3ecb1b0078fd240e"),
        ("acme", "You are helpful.", (), "hi", "01dc04244b4e0a63"),
        ("", "You are helpful.", (), "héllo", "fc15051336a7ab77"),
        ("", "A\nB", (), "hi", "52969c6fdb41ccd9"),
    ],
)
def test_the_ids_are_those_of_the_other_gateway(
    label: str, system: str, tools: tuple[str, ...], first: str, wanted: str
) -> None:
    """Known pairs."""
    assert session_id(label, Opening(system, tools, first)) == f"implicit:{wanted}"


def begun(document: dict[str, Any], dialect: Dialect) -> Opening | None:
    """The opening of a body."""
    return opening(json.dumps(document).encode(), text_turns(document, dialect))


CHAT = {
    "messages": [
        {"role": "system", "content": "A"},
        {"role": "developer", "content": [{"type": "text", "text": "B"}, {"type": "text", "text": "C"}]},
        {"role": "user", "content": "hi"},
        {"role": "user", "content": "and more"},
    ],
    "tools": [{"type": "function", "function": {"name": "t"}}, {"type": "function", "function": {"name": "u"}}],
}
MESSAGES = {
    "system": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}, {"type": "text", "text": "C"}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    "tools": [{"name": "t"}, {"name": "u"}],
}
RESPONSES = {
    "instructions": "A",
    "input": [{"role": "developer", "content": "B\nC"}, {"role": "user", "content": "hi"}],
    "tools": [{"type": "function", "name": "t"}, {"type": "function", "name": "u"}],
}


def test_dialects_begin_alike() -> None:
    """System texts, tools and the first words of the user are found where each dialect keeps them."""
    wanted = Opening("A\nB\nC", ("t", "u"), "hi")
    assert begun(CHAT, Dialect.OPENAI_CHAT) == wanted
    assert begun(MESSAGES, Dialect.ANTHROPIC_MESSAGES) == wanted
    assert begun(RESPONSES, Dialect.OPENAI_RESPONSES) == wanted
    assert begun({"input": "hi"}, Dialect.OPENAI_RESPONSES) == Opening("", (), "hi")


@pytest.mark.parametrize("messages", [[], [{"role": "system", "content": "A"}], [{"role": "user", "content": " "}]])
def test_no_user_no_beginning(messages: list[dict[str, Any]]) -> None:
    """Where nobody asks anything there is no conversation."""
    assert begun({"messages": messages}, Dialect.OPENAI_CHAT) is None
