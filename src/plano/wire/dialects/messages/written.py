"""What stands often in a messages request, as it is sent."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.wire.canonical.request import PlainMessage, Text


class Call(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="tool_use", omit_defaults=True):
    """What the model called. ``input``: a JSON object."""

    id: str
    name: str
    input: msgspec.Raw
    cache_control: msgspec.Raw | None = None


class Result(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="tool_result", omit_defaults=True):
    """What a tool answered."""

    tool_use_id: str
    content: str | list[Any] | None = None
    is_error: bool | None = None
    cache_control: msgspec.Raw | None = None


Block = Text | Call | Result | dict[str, Any]
Message = PlainMessage | dict[str, Any]
