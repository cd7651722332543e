"""Text from outside, as it may stand in a line that people read."""

from __future__ import annotations


def visible(text: str) -> str:
    """Control and direction marks, line ends and lone surrogates by their numbers: one line that can be encoded."""
    if text.isprintable():
        return text
    return "".join([mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in text])
