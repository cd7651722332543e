"""How much text a request holds: what limits on tokens count before a provider has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

BYTES_PER_TOKEN = 4
"""By this rule of thumb a text is estimated before anyone has counted it."""

_SAID = ("system", "instructions", "messages", "input")
_BELOW = ("content", "text", "output", "arguments")


def text_tokens(body: bytes) -> int:
    """Estimated tokens of system prompts, messages and results of tools; schemas of tools and media left out.

    ``body``: of any dialect, an object that ``json_guard.loads`` accepted.
    """
    document = msgspec.json.decode(body)
    return sum([len(text.encode()) for name in _SAID for text in _texts(document.get(name))]) // BYTES_PER_TOKEN


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += [one[name] for name in _BELOW if name in one]
