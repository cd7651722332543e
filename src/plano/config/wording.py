"""How texts of the file are quoted in messages: on one line, escaped, cut."""

from __future__ import annotations

import unicodedata

LONGEST_QUOTE = 80


def visible(character: str) -> str:
    """The character, or an escape when it is a control, format, direction or odd space character."""
    if character == "\t":
        return "\\t"
    if character == " " or unicodedata.category(character)[0] not in "CZ":
        return character
    return f"\\u{{{ord(character):x}}}"


def escaped(text: str) -> str:
    """``text`` on one line, without characters that could disturb a terminal."""
    return "".join(map(visible, text))


def quoted(text: str) -> str:
    """``text`` in quotes, escaped, at most ``LONGEST_QUOTE`` characters of it."""
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return f"'{escaped(cut)}'"


def columns(text: str) -> int:
    """Columns of a terminal that ``text`` takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
