"""What stands often in a responses request, as it is sent."""

from __future__ import annotations

from typing import Any

import msgspec


class Said(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="message"):
    """``content``: words, or parts."""

    role: str
    content: str | list[Any]


class Call(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="function_call"):
    """What the model called. ``arguments``: the text of a JSON object."""

    call_id: str
    name: str
    arguments: str


class Tool(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="function", omit_defaults=True):
    """What the model may call. ``strict``: the API takes a missing one for true, the other dialects for false."""

    name: str
    description: str | None = None
    parameters: msgspec.Raw | None = None
    strict: bool | None = None
