"""The JSON of a chat completions request, as far as another dialect may want it. Fields in no shape are found apart.

``reasoning_content``, ``reasoning_details`` and ``cache_control`` are extensions that many compatible hosts share
(https://api-docs.deepseek.com/guides/thinking_mode, https://openrouter.ai/docs/guides/best-practices/reasoning-tokens).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.wire.dialects.reading import NULL


class ImageUrl(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    url: str
    detail: str | None = None


class File(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class Audio(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    data: str
    format: str


class Part(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A content part of any kind: ``type`` says which of the others is there."""

    type: str
    text: str | None = None
    image_url: ImageUrl | None = None
    file: File | None = None
    input_audio: Audio | None = None
    refusal: str | None = None
    cache_control: msgspec.Raw = NULL


class FunctionCall(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str
    arguments: str


class CustomCall(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str
    input: str


class Call(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    id: str
    type: str = "function"
    function: FunctionCall | None = None
    custom: CustomCall | None = None
    index: int | None = None


class ReasoningDetail(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    text: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    format: str | None = None
    index: int | None = None


class Message(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | tuple[Part, ...] | None = None
    name: str | None = None
    tool_calls: tuple[Call, ...] | None = None
    tool_call_id: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning_details: tuple[ReasoningDetail, ...] | None = None
    annotations: msgspec.Raw = NULL


class Function(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str
    description: str | None = None
    parameters: msgspec.Raw = NULL
    strict: bool | None = None


class Grammar(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    definition: str
    syntax: str


class CustomFormat(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    grammar: Grammar | None = None


class CustomTool(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str
    description: str | None = None
    format: CustomFormat | None = None


class Tool(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    function: Function | None = None
    custom: CustomTool | None = None
    cache_control: msgspec.Raw = NULL


class Named(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str


class NamedTool(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    function: Named | None = None
    custom: Named | None = None


class AllowedTools(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    mode: Literal["auto", "required"]
    tools: tuple[NamedTool, ...]


class ToolChoice(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    function: Named | None = None
    custom: Named | None = None
    allowed_tools: AllowedTools | None = None


class JsonSchema(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str
    schema: msgspec.Raw = NULL
    strict: bool | None = None
    description: str | None = None


class ResponseFormat(msgspec.Struct, frozen=True, gc=False):
    """Hosts have further types, grammars among them."""

    type: str
    json_schema: JsonSchema | None = None


class StreamOptions(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Request(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    messages: tuple[Message, ...]
    model: msgspec.Raw = NULL
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    routing_preferences: msgspec.Raw = NULL
    tools: msgspec.Raw = NULL
    tool_choice: Literal["none", "auto", "required", "any"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: int | float | None = None
    top_p: int | float | None = None
    stop: str | tuple[str, ...] | None = None
    seed: int | None = None
    presence_penalty: int | float | None = None
    frequency_penalty: int | float | None = None
    logit_bias: dict[str, msgspec.Raw] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    user: str | None = None
    safety_identifier: str | None = None
    metadata: dict[str, msgspec.Raw] | None = None
    service_tier: str | None = None
    verbosity: str | None = None
    reasoning_effort: str | None = None
    response_format: ResponseFormat | None = None
    store: bool | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    modalities: tuple[str, ...] | None = None
    n: int | None = None
