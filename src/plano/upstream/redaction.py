"""Providers echo keys in their error texts; callers must not read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from plano.domain.secret import KEY_SHAPES, MASK, SHORTEST_SECRET, Secret

MAX_LEVELS = 32


def clean(value: Any, secrets: Iterable[Secret], *, levels: int = MAX_LEVELS) -> Any:
    """``value`` (JSON) with every key in its texts masked: the known ones, and whatever looks like one.

    ``levels``: how many containers within each other are looked into; deeper ones are masked as a whole.
    """
    if isinstance(value, str):
        return clean_text(value, secrets)
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return MASK
    if isinstance(value, dict):
        return {clean_text(name, secrets): clean(member, secrets, levels=levels - 1) for name, member in value.items()}
    return [clean(item, secrets, levels=levels - 1) for item in value]


def clean_text(text: str, secrets: Iterable[Secret]) -> str:
    """``text`` with keys masked; a short key (``x``, where none is needed) only where it is a word of its own."""
    for secret in secrets:
        known = secret.reveal()
        if len(known) >= SHORTEST_SECRET:
            text = text.replace(known, MASK)
        elif known:
            text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", MASK, text)
    return KEY_SHAPES.sub(MASK, text)
