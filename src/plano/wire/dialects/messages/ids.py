"""Ids of tool calls as Anthropic takes them."""

from __future__ import annotations

import re

_ID = re.compile(r"[a-zA-Z0-9_-]+")
_OTHERS = re.compile(r"[^a-zA-Z0-9_-]")


def safe(call_id: str) -> str:
    """The id in letters, digits, ``_`` and ``-``; hosts of open models use dots and colons as well."""
    if call_id.isidentifier() and call_id.isascii():
        return call_id
    return call_id if _ID.fullmatch(call_id) else _OTHERS.sub("_", call_id) or "_"
