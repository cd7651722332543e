"""Proofs of thoughts that travel through another dialect: who made one is written on it.

A provider takes back only what it made itself. In the dialect of its maker a proof has no mark; in another dialect it
carries the name of the provider, so that a later request can be told whom it belongs to.
"""

from __future__ import annotations

import re

from plano.domain.model import Dialect
from plano.wire.canonical.request import Reasoning

_SHOWN, _HIDDEN = "plano:t:", "plano:h:"


_PROOFS = {
    Dialect.ANTHROPIC_MESSAGES: re.compile(rb'"(?:signature|data)"\s*:\s*"([^"\\]+)"'),
    Dialect.OPENAI_RESPONSES: re.compile(rb'"encrypted_content"\s*:\s*"([^"\\]+)"'),
}
"""Where proofs stand in a body. Base64 needs no escapes; in a text that is quoted JSON every quote has one."""

_SIGNS = {
    Dialect.ANTHROPIC_MESSAGES: (b'"thinking"', b'"redacted_thinking"'),
    Dialect.OPENAI_RESPONSES: (b'"encrypted_content"',),
}


def proofs_in(body: bytes, dialect: Dialect) -> tuple[str, ...]:
    """The proofs in a request or an answer, in order; now and then something else that stands in such a place."""
    if not any(sign in body for sign in _SIGNS.get(dialect, ())):
        return ()
    return tuple([found.decode("utf-8", "replace") for found in _PROOFS[dialect].findall(body)])


def marked(thought: Reasoning) -> str | None:
    """The proof of a thought with its maker's name, None when it has none."""
    return None if thought.seal is None else mark(thought.seal, thought.maker, is_hidden=thought.is_hidden)


def mark(seal: str, maker: str | None, *, is_hidden: bool = False) -> str:
    """The proof with its maker's name; as it is when the maker is not known."""
    return seal if maker is None else f"{_HIDDEN if is_hidden else _SHOWN}{maker}:{seal}"


def thought(text: str, seal: str | None, *, is_hidden: bool = False) -> Reasoning:
    """A thought as it came in a request, with its maker where the proof names one."""
    if not seal:
        return Reasoning(text)
    if not seal.startswith((_SHOWN, _HIDDEN)):
        return Reasoning(text, seal, None, is_hidden)
    maker, _, bare = seal[len(_SHOWN) :].partition(":")
    return Reasoning(text, bare, maker, is_hidden or seal.startswith(_HIDDEN))
