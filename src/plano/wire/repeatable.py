"""May a request be sent to two models at once? Not where its provider keeps something, or does something, for it."""

from __future__ import annotations

from typing import Any

from plano.domain.model import Dialect
from plano.errors import InvalidJson
from plano.wire import json_guard

_OWN_TOOLS = frozenset({None, "function", "custom"})
"""Types of tools that the caller runs; all others are run by the provider."""

_AT_THE_PROVIDER = frozenset({"background", "conversation", "previous_response_id", "mcp_servers", "container"})
_SEARCHES = "web_search_options"


def is_repeatable(body: bytes, dialect: Dialect) -> bool:
    """Does the request leave nothing behind? Never raises: what is wrong with a body is found elsewhere."""
    try:
        document = json_guard.loads(body)
    except InvalidJson:
        return False
    if not isinstance(document, dict) or _SEARCHES in document:
        return False
    if any(document.get(name) for name in _AT_THE_PROVIDER):
        return False
    # What is kept unless the caller says otherwise differs by dialect.
    keeps = document.get("store", dialect is Dialect.OPENAI_RESPONSES)
    tools = document.get("tools") or []
    return keeps is False and isinstance(tools, list) and all(_is_callers(tool) for tool in tools)


def _is_callers(tool: Any) -> bool:
    return isinstance(tool, dict) and tool.get("type") in _OWN_TOOLS
