"""Every field of a chat completions request with the feature it expresses; and the places of features."""

from __future__ import annotations

from typing import Any

from plano.wire.canonical.request import Effort, Format, ToolChoice
from plano.wire.dialects import efforts
from plano.wire.dialects.chat import shapes
from plano.wire.dialects.fates import Field, Ledger, Place, Range, Words, by_encoder
from plano.wire.dialects.reading import given_object, missing

_MOST_STOPS = 4

TIERS = Words(("auto", "default", "flex", "scale", "priority", "fast"))
RETENTIONS = Words(("in_memory", "in-memory", "24h"))
VERBOSITIES = ("low", "medium", "high")
"""What the Responses API takes as well."""


def _read_stop(value: str | tuple[str, ...]) -> tuple[str, ...] | None:
    return (value,) if isinstance(value, str) else value or None


def _read_choice(value: str | shapes.ToolChoice) -> ToolChoice | None:
    if isinstance(value, str):
        # 'any' is Mistral's word for 'required'.
        return ToolChoice("required" if value == "any" else value)  # type: ignore[arg-type]  # of the shape's words
    if value.allowed_tools is not None:
        named = [tool.function or tool.custom for tool in value.allowed_tools.tools]
        names = tuple([tool.name for tool in named if tool is not None])
        return ToolChoice("allowed", names=names, is_forced=value.allowed_tools.mode == "required")
    tool = value.function or value.custom
    if tool is None and value.type in ("function", "custom"):
        raise missing(f"tool_choice.{value.type}")
    return ToolChoice("named", tool.name) if tool is not None else None


def _read_effort(value: str) -> Effort:
    return Effort("off", value) if value == "none" else Effort("on", value)


def _read_format(value: shapes.ResponseFormat) -> Format | None:
    if value.type == "text":
        return None
    schema = value.json_schema
    if schema is None:
        if value.type == "json_schema":
            raise missing("response_format.json_schema")
        return Format(value.type)
    wanted = given_object(schema.schema, "response_format.json_schema.schema")
    return Format(value.type, schema.name, wanted, schema.strict, schema.description)


def _true(value: bool) -> bool | None:
    return value or None


def _more_than_one(value: int) -> int | None:
    return value if value != 1 else None


def _beyond_text(value: tuple[str, ...]) -> tuple[str, ...] | None:
    return value if set(value) - {"text"} else None


# fmt: off
OPTIONS = (
    Field("tool_choice", "tool_choice", "tool_choice", _read_choice),
    Field("parallel_tool_calls", "parallel_tool_calls", "parallel_tool_calls"),
    Field("max_tokens", "max_output_tokens", "max_tokens", within=(Range(1),)),
    Field("max_completion_tokens", "max_output_tokens", "max_completion_tokens", within=(Range(1),)),
    Field("temperature", "temperature", "temperature", within=(Range(0, 2),)),
    Field("top_p", "top_p", "top_p", within=(Range(0, 1),)),
    Field("stop", "stop", "stop", _read_stop),
    Field("seed", "seed", "seed"),
    Field("presence_penalty", "presence_penalty", "presence_penalty", within=(Range(-2, 2),)),
    Field("frequency_penalty", "frequency_penalty", "frequency_penalty", within=(Range(-2, 2),)),
    Field("logit_bias", "logit_bias", "logit_bias"),
    Field("logprobs", "logprobs", "logprobs", _true),
    Field("top_logprobs", "top_logprobs", "top_logprobs", within=(Range(0, 20),)),
    Field("user", "user", "user"),
    Field("safety_identifier", "safety_identifier", "safety_identifier"),
    Field("metadata", "metadata", "metadata"),
    Field("service_tier", "service_tier", "service_tier", within=(TIERS,)),
    Field("verbosity", "verbosity", "verbosity", within=(Words(VERBOSITIES),)),
    Field("reasoning_effort", "reasoning", "reasoning_effort", _read_effort, within=(Words(efforts.WORDS),)),
    Field("response_format", "format", "response_format", _read_format),
    Field("store", "stored_completion", "store", _true),
    Field("prompt_cache_key", "prompt_cache_key", "prompt_cache_key"),
    Field("prompt_cache_retention", "prompt_cache_retention", "prompt_cache_retention", within=(RETENTIONS,)),
    Field("modalities", "audio", "modalities", _beyond_text),
    Field("n", "n", "n", _more_than_one, within=(Range(1, 128),)),
)
FIELDS = (
    Field("model", "model"),
    Field("messages", "messages"),
    Field("stream", "stream"),
    Field("stream_options", "stream_options"),
    Field("stream_options.include_obfuscation", "obfuscation"),
    *OPTIONS,
    Field("messages[].role", "messages"),
    Field("messages[].role (system, developer)", "system"),
    Field("messages[].role (system, developer) after the first turn", "late_system"),
    Field("messages[].content", "text"),
    Field("messages[].content (assistant, last)", "unfinished_turn"),
    Field("messages[].name", "speaker_name"),
    Field("messages[].content[].text", "text"),
    Field("messages[].content[].cache_control", "cache"),
    Field("messages[].content[].image_url.url", "image"),
    Field("messages[].content[].image_url.detail", "image.detail"),
    Field("messages[].content[].file.file_data", "document"),
    Field("messages[].content[].file.filename", "document"),
    Field("messages[].content[].file.file_id", "uploaded_file"),
    Field("messages[].content[].input_audio", "sound"),
    Field("messages[].content[].refusal", "refusal"),
    Field("messages[].content[].type (any other)", "foreign_block"),
    Field("messages[].content[].type (of the other side)", "misplaced_block"),
    Field("messages[].content[].prompt_cache_breakpoint", "foreign_setting"),
    Field("messages[].refusal", "refusal"),
    Field("messages[].annotations", "bookkeeping"),
    Field("messages[].reasoning_content", "thinking"),
    Field("messages[].reasoning_details", "thinking"),
    Field("messages[].tool_calls[]", "tool_call"),
    Field("messages[].tool_calls[].custom", "tool_call"),
    Field("messages[].tool_call_id", "tool_result"),
    Field("messages[].function_call", "functions"),
    Field("messages[].audio", "audio"),
    Field("tools[].function", "tools"),
    Field("tools[].function.strict", "tool_strict"),
    Field("tools[].custom", "tools"),
    Field("tools[].custom.format", "tool_grammar"),
    Field("tools[].cache_control", "cache"),
    Field("tools[].type (any other)", "server_tools"),
    Field("tool_choice.type", "server_tools"),
    Field("functions", "functions"),
    Field("function_call", "functions"),
    Field("audio", "foreign_setting"),
    Field("prediction", "foreign_setting"),
    Field("moderation", "foreign_setting"),
    Field("prompt_cache_options", "foreign_setting"),
    Field("web_search_options", "server_tools"),
)
# fmt: on


def _write_user(body: dict[str, Any], value: str, ledger: Ledger) -> None:
    body["user"] = ledger.short("user", value)


def _write_stop(body: dict[str, Any], value: tuple[str, ...], ledger: Ledger) -> None:
    if len(value) > _MOST_STOPS:
        ledger.changed("stop", f"only the first {_MOST_STOPS} are sent, the target takes no more")
    body["stop"] = value[:_MOST_STOPS]


def _write_limit(body: dict[str, Any], value: int, ledger: Ledger) -> None:
    body[ledger.target.limit_field] = ledger.within_limit(value)


def _write_choice(body: dict[str, Any], choice: ToolChoice, _ledger: Ledger) -> None:
    if "tools" not in body and choice.mode in ("auto", "none"):
        return
    if choice.mode == "named":
        body["tool_choice"] = {"type": "function", "function": {"name": choice.name}}
    elif choice.mode == "allowed":
        tools = [{"type": "function", "function": {"name": name}} for name in choice.names]
        mode = "required" if choice.is_forced else "auto"
        body["tool_choice"] = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}
    else:
        body["tool_choice"] = choice.mode


def _write_top_logprobs(body: dict[str, Any], value: int, _ledger: Ledger) -> None:
    """Only together with 'logprobs', as the API wants it."""
    if body.get("logprobs"):
        body["top_logprobs"] = value


def _write_parallel(body: dict[str, Any], value: bool, _ledger: Ledger) -> None:
    if body.get("tools"):
        body["parallel_tool_calls"] = value


def _write_effort(body: dict[str, Any], effort: Effort, ledger: Ledger) -> None:
    if not ledger.can_think(effort):
        return
    word = efforts.word(effort)
    if word is not None:
        body["reasoning_effort"] = word
    elif effort.mode == "off":
        ledger.lost("reasoning")
    else:
        ledger.changed("reasoning", "the target decides by itself how much it thinks")
    if effort.summary is not None:
        ledger.lost("reasoning_summary")


def _write_format(body: dict[str, Any], wanted: Format, _ledger: Ledger) -> None:
    if wanted.kind != "json_schema":
        body["response_format"] = {"type": wanted.kind}
        return
    schema: dict[str, Any] = {"name": wanted.name or "answer"}
    if wanted.description is not None:
        schema["description"] = wanted.description
    if wanted.schema is not None:
        schema["schema"] = wanted.schema
    if wanted.is_strict is not None:
        schema["strict"] = wanted.is_strict
    body["response_format"] = {"type": "json_schema", "json_schema": schema}


# fmt: off
PLACES = {
    "model": Place("model", "the id at the provider", by_encoder),
    "messages": Place("messages", write=by_encoder),
    "stream": Place("stream"),
    "stream_options": Place("stream_options.include_usage", "always asked for"),
    "system": Place("messages[].content", "one system message, texts joined by a blank line"),
    "late_system": Place("messages[].content", "a system message where it stood"),
    "text": Place("messages[].content", "texts without images are joined by a blank line", by_encoder),
    "unfinished_turn": Place("messages[].content"),
    "image": Place("messages[].content[].image_url.url", "from a tool result: in a user message behind it"),
    "image.detail": Place("messages[].content[].image_url.detail"),
    "document": Place("messages[].content[].file.file_data", "plain text becomes text; an address is refused"),
    "sound": Place("messages[].content[].input_audio"),
    "speaker_name": Place("messages[].name"),
    "refusal": Place("messages[].refusal"),
    "tool_call": Place("messages[].tool_calls[]"),
    "tool_result": Place("messages[].tool_call_id"),
    "tool_error": Place("messages[].content", "the text begins with 'Error: '"),
    "tools": Place("tools[].function", "a tool for free text takes it as 'input'; odd names change"),
    "tool_strict": Place("tools[].function.strict"),
    "tool_choice": Place("tool_choice", write=_write_choice),
    "allowed_tools": Place("tool_choice.allowed_tools"),
    "parallel_tool_calls": Place("parallel_tool_calls", write=_write_parallel),
    "max_output_tokens": Place("max_tokens", "'max_completion_tokens' where the provider calls it so", _write_limit),
    "temperature": Place("temperature"),
    "top_p": Place("top_p"),
    "stop": Place("stop", "the first 4", _write_stop),
    "seed": Place("seed"),
    "presence_penalty": Place("presence_penalty"),
    "frequency_penalty": Place("frequency_penalty"),
    "logit_bias": Place("logit_bias"),
    "logprobs": Place("logprobs"),
    "top_logprobs": Place("top_logprobs", "only where log probabilities are asked for", _write_top_logprobs),
    "user": Place("user", "longer than 64 characters: its digest", _write_user),
    "safety_identifier": Place("safety_identifier"),
    "metadata": Place("metadata"),
    "service_tier": Place("service_tier"),
    "verbosity": Place("verbosity"),
    "reasoning": Place("reasoning_effort", "a budget becomes the nearest word", _write_effort),
    "format": Place("response_format", write=_write_format),
    "stored_completion": Place("store"),
    "prompt_cache_key": Place("prompt_cache_key"),
    "prompt_cache_retention": Place("prompt_cache_retention"),
    "bookkeeping": Place("", "not needed"),
}
# fmt: on
