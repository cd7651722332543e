"""What stands often in a chat completions request, as it is sent."""

from __future__ import annotations

import msgspec


class Function(msgspec.Struct, frozen=True, gc=False):
    """``arguments``: the text of a JSON object."""

    name: str
    arguments: str


class Call(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="function"):
    """What the model called."""

    id: str
    function: Function


class Result(msgspec.Struct, frozen=True, gc=False, tag_field="role", tag="tool"):
    """What a tool answered."""

    tool_call_id: str
    content: str


class Definition(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """``parameters``: JSON Schema."""

    name: str
    description: str | None = None
    parameters: msgspec.Raw | None = None
    strict: bool | None = None


class Tool(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="function"):
    """What the model may call."""

    function: Definition
