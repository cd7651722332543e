"""The JSON of a messages request, as far as another dialect may want it. Fields in no shape are found apart."""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.wire.dialects.reading import NULL


class Source(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Of an image or a document: ``type`` says which of the others is there."""

    type: str
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    content: str | tuple[Block, ...] | None = None


class Block(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A content block of any kind: ``type`` says which of the others is there."""

    type: str
    text: str | None = None
    cache_control: msgspec.Raw = NULL
    citations: msgspec.Raw = NULL
    source: Source | str | None = None
    title: str | None = None
    context: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = NULL
    caller: msgspec.Raw = NULL
    tool_use_id: str | None = None
    content: str | tuple[Block, ...] | Block | None = None
    is_error: bool | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None


class Message(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """``content``: only a system message may be without, where it sets something."""

    role: Literal["user", "assistant", "system"]
    content: str | tuple[Block, ...] | None = None


class Tool(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """``name``: sets of tools have none."""

    name: str | None = None
    type: str | None = None
    description: str | None = None
    input_schema: msgspec.Raw = NULL
    strict: bool | None = None
    cache_control: msgspec.Raw = NULL


class ToolChoice(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Thinking(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    budget_tokens: int | None = None
    display: str | None = None


class OutputFormat(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    schema: msgspec.Raw = NULL


class OutputConfig(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    effort: str | None = None
    format: OutputFormat | None = None


class Metadata(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    user_id: str | None = None


class Thread(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A conversation that the provider keeps. ``previous_message_id``: where it goes on from."""

    type: str
    previous_message_id: str | None = None


class Request(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """``max_tokens``: needed but where tokens are counted. ``output_format``: what older clients write for
    ``output_config.format``.
    """

    messages: tuple[Message, ...]
    max_tokens: int | None = None
    model: msgspec.Raw = NULL
    stream: bool | None = None
    routing_preferences: msgspec.Raw = NULL
    system: str | tuple[Block, ...] | None = None
    tools: msgspec.Raw = NULL
    tool_choice: ToolChoice | None = None
    temperature: int | float | None = None
    top_p: int | float | None = None
    top_k: int | None = None
    stop_sequences: tuple[str, ...] | None = None
    metadata: Metadata | None = None
    service_tier: str | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    output_format: OutputFormat | None = None
    cache_control: msgspec.Raw = NULL
    context_management: msgspec.Raw = NULL
    thread: Thread | None = None
