"""The JSON of a responses request, as far as another dialect may want it. Fields in no shape are found apart."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from plano.wire.dialects.reading import NULL


class Audio(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    data: str
    format: str


class Part(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A content part of any kind: ``type`` says which of the others is there. Outputs of shells have parts without."""

    type: str = ""
    text: str | None = None
    image_url: str | None = None
    detail: str | None = None
    file_id: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None
    refusal: str | None = None
    input_audio: Audio | None = None
    annotations: msgspec.Raw = NULL
    logprobs: msgspec.Raw = NULL


class Item(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An item of the input of any kind: ``type`` says which of the others is there; without it, a message.

    ``arguments`` of a search for tools are of any form, ``output`` of a computer is an object.
    """

    type: str = "message"
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: str | tuple[Part, ...] | None = None
    id: str | None = None
    status: str | None = None
    phase: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: Any = None
    input: str | None = None
    output: str | tuple[Part, ...] | dict[str, msgspec.Raw] | None = None
    summary: tuple[Part, ...] | None = None
    encrypted_content: str | None = None


class Tool(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    name: str | None = None
    description: str | None = None
    parameters: msgspec.Raw = NULL
    strict: bool | None = None
    format: msgspec.Raw = NULL


class Named(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    name: str | None = None


class ToolChoice(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    name: str | None = None
    mode: Literal["auto", "required"] | None = None
    tools: tuple[Named, ...] = ()


class Format(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    schema: msgspec.Raw = NULL
    strict: bool | None = None
    description: str | None = None


class TextConfig(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    format: Format | None = None
    verbosity: str | None = None


class Reasoning(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    effort: str | None = None
    summary: str | None = None
    generate_summary: str | None = None


class StreamOptions(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    include_obfuscation: bool | None = None


class Request(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    input: str | tuple[Item, ...] | None = None
    model: msgspec.Raw = NULL
    instructions: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    routing_preferences: msgspec.Raw = NULL
    tools: msgspec.Raw = NULL
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | None = None
    temperature: int | float | None = None
    top_p: int | float | None = None
    top_logprobs: int | None = None
    user: str | None = None
    safety_identifier: str | None = None
    metadata: dict[str, msgspec.Raw] | None = None
    service_tier: str | None = None
    text: TextConfig | None = None
    reasoning: Reasoning | None = None
    store: bool | None = None
    previous_response_id: str | None = None
    conversation: msgspec.Raw = NULL
    prompt: msgspec.Raw = NULL
    background: bool | None = None
    include: tuple[str, ...] | None = None
    truncation: str | None = None
    max_tool_calls: int | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    context_management: msgspec.Raw = NULL
