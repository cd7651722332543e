"""Texts as hurried people type them: lower case, slips of the finger, filler words, only a part."""

from __future__ import annotations

from random import Random

_KEYS = "abcdefghijklmnopqrstuvwxyz"
_OPENERS = (
    "hey, ",
    "hi, ",
    "please ",
    "pls ",
    "ok so ",
    "quick question: ",
    "um, ",
    "hello! ",
    "I need help. ",
    "so, ",
)
_ENDINGS = (" please", " thanks", " pls", " ?", "!!", " thank you", " asap", " if you can", "...")
_SLIP_SHARE = 0.1
_MOST_SLIPS = 0.15


def noisy(text: str, chance: Random) -> str:
    """The text, in about six of ten cases made worse."""
    dice = chance.random()
    if dice < 0.35:
        return slipped(text, chance, share=chance.uniform(0.03, _MOST_SLIPS))
    if dice < 0.42:
        return text.lower()
    if dice < 0.50:
        return chance.choice(_OPENERS) + text
    if dice < 0.56:
        return text + chance.choice(_ENDINGS)
    if dice < 0.58:
        return text.upper()
    return text


def slipped(text: str, chance: Random, *, share: float = _SLIP_SHARE) -> str:
    """The text with this share of its letters swapped with the next, dropped, doubled or hit beside the key."""
    out: list[str] = []
    for char in text:
        if not char.isalpha() or chance.random() >= share:
            out.append(char)
            continue
        kind = chance.randrange(4)
        if kind == 0 and out:
            out.insert(len(out) - 1, char)
        elif kind == 1:
            out += (char, char)
        elif kind == 2:
            out.append(chance.choice(_KEYS))
    return "".join(out)
