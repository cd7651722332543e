"""Which part of a conversation a router is shown.

Here live pure functions over text: the budgeted tail of a conversation that a router model reads, and the bounded
excerpts that the embedded router reads. No tokenizer, no model.
"""

from __future__ import annotations

import unicodedata

from plano.domain.conversation import Conversation, Turn

MAX_TURNS = 16
BUDGET_TOKENS = 8192
PROMPT_TOKENS = 211
"""What the words around the conversation count for. A constant, so that a budget keeps its meaning."""

_BYTES_PER_TOKEN = 4
_ELLIPSIS = "…"
_ELLIPSIS_BYTES = 3

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zl", "Zp", "Zs"})
_UNSEEN_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers and the empty braille pattern: letters and symbols by category, yet nothing is drawn."""


def shown(conversation: Conversation, *, budget_tokens: int = BUDGET_TOKENS) -> tuple[Turn, ...]:
    """The turns that fit the budget, oldest first: at most the last 16, at least the last one.

    A text counts UTF-8 bytes // 4 tokens, on top of 211. Turns are taken from the newest back; the first user turn
    that does not fit is trimmed in its middle, an assistant turn is left out, and either ends it. When nothing fits
    the last turn is shown in full.
    """
    recent = conversation.turns[-MAX_TURNS:]
    taken: list[Turn] = []
    used = PROMPT_TOKENS
    for turn in reversed(recent):
        tokens = len(_utf8(turn.text)) // _BYTES_PER_TOKEN
        if used + tokens <= budget_tokens:
            taken.append(turn)
            used += tokens
            continue
        if turn.role == "user" and used < budget_tokens:
            room = (budget_tokens - used) * _BYTES_PER_TOKEN
            taken.append(Turn("user", trimmed(turn.text, max_bytes=room)))
        break
    return tuple(reversed(taken)) or recent[-1:]


def trimmed(text: str, *, max_bytes: int) -> str:
    """The text in at most ``max_bytes`` bytes of UTF-8: three fifths from its start, ``…``, the rest from its end.

    A character that a cut would halve is left out. Up to three bytes there is no room for both ends: only the start.
    """
    data = _utf8(text)
    if len(data) <= max_bytes:
        return text
    if max_bytes <= _ELLIPSIS_BYTES:
        return data[:max_bytes].decode(errors="ignore")
    room = max_bytes - _ELLIPSIS_BYTES
    head = data[: room * 3 // 5].decode(errors="ignore")
    tail = data[len(data) - (room - len(_utf8(head))) :].decode(errors="ignore")
    return head + _ELLIPSIS + tail


def flat(turns: tuple[Turn, ...]) -> str:
    """The turns as one text: a single turn as it is, several with the role in front of each."""
    if len(turns) == 1:
        return turns[0].text
    return "\n".join(f"{turn.role}: {turn.text}" for turn in turns)


def excerpt(text: str, *, head: int, tail: int) -> str:
    """The first ``head`` and the last ``tail`` characters; the whole text when it is no longer than both together.

    What stands between them is ASCII: plain text is tokenised three times faster, and only plain text is respelt.
    """
    if len(text) <= head + tail:
        return text
    return f"{text[:head]} ... {text[len(text) - tail :]}"


def is_blank(text: str) -> bool:
    """Is there nothing to see: only white space, controls, joiners, lone marks and fillers?"""
    return all(char in _UNSEEN_LETTERS or unicodedata.category(char) in _UNSEEN_CATEGORIES for char in text)


def _utf8(text: str) -> bytes:
    # Half a surrogate pair cannot be encoded; it is shown as nothing, but it must not end a decision.
    return text.encode(errors="surrogatepass")
