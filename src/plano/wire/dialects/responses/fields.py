"""Every field of a responses request and the feature it expresses; and where this dialect expresses a feature."""

from __future__ import annotations

from typing import Any

from plano.wire.canonical.request import Effort, Format, ToolChoice
from plano.wire.dialects import efforts
from plano.wire.dialects.chat.fields import RETENTIONS, TIERS, VERBOSITIES
from plano.wire.dialects.fates import Field, Ledger, Place, Range, Words, by_encoder
from plano.wire.dialects.reading import given, given_object, missing, needed
from plano.wire.dialects.responses import shapes

MIN_OUTPUT_TOKENS = 16
"""The least that the API takes."""

_TIERS = Words((*TIERS.words, "ultrafast"))
_SHOWN = ("auto", "concise", "detailed")
_EFFORTS = (Words(efforts.WORDS, "effort"), Words(_SHOWN, "summary"), Words(_SHOWN, "generate_summary"))

THOUGHTS = "reasoning.encrypted_content"
LOGPROBS = "message.output_text.logprobs"


def _read_choice(value: str | shapes.ToolChoice) -> ToolChoice | None:
    if isinstance(value, str):
        return ToolChoice(value)  # type: ignore[arg-type]  # the shape allows these words only
    if value.type == "allowed_tools":
        names = tuple([tool.name for tool in value.tools if tool.name is not None])
        return ToolChoice("allowed", names=names, is_forced=value.mode == "required")
    if value.type in ("function", "custom"):
        needed(value.name, "tool_choice.name")
    return ToolChoice("named", value.name) if value.name is not None else None


def _read_effort(value: shapes.Reasoning) -> Effort | None:
    summary = value.summary or value.generate_summary
    if value.effort is None and summary is None:
        return None
    mode = "off" if value.effort == "none" else "on" if value.effort is not None else "adaptive"
    return Effort(mode, value.effort, summary=summary)  # type: ignore[arg-type]  # one of the three words


def _read_format(value: shapes.TextConfig) -> Format | None:
    wanted = value.format
    if wanted is None or wanted.type == "text":
        return None
    schema = given_object(wanted.schema, "text.format.schema")
    if schema is None and wanted.type == "json_schema":
        raise missing("text.format.schema")
    return Format(wanted.type, wanted.name, schema, wanted.strict, wanted.description)


def _read_verbosity(value: shapes.TextConfig) -> str | None:
    return value.verbosity


def _read_include(value: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple([word for word in value if word not in (THOUGHTS, LOGPROBS)]) or None


def _read_logprobs(value: tuple[str, ...]) -> bool | None:
    return True if LOGPROBS in value else None


def _read_truncation(value: str) -> str | None:
    return None if value == "disabled" else value


def _true(value: bool) -> bool | None:
    return value or None


# fmt: off
OPTIONS = (
    Field("tool_choice", "tool_choice", "tool_choice", _read_choice),
    Field("parallel_tool_calls", "parallel_tool_calls", "parallel_tool_calls"),
    Field("max_output_tokens", "max_output_tokens", "max_output_tokens", within=(Range(1),)),
    Field("temperature", "temperature", "temperature", within=(Range(0, 2),)),
    Field("top_p", "top_p", "top_p", within=(Range(0, 1),)),
    Field("include (message.output_text.logprobs)", "logprobs", "include", _read_logprobs),
    Field("top_logprobs", "top_logprobs", "top_logprobs", within=(Range(0, 20),)),
    Field("user", "user", "user"),
    Field("safety_identifier", "safety_identifier", "safety_identifier"),
    Field("metadata", "metadata", "metadata"),
    Field("service_tier", "service_tier", "service_tier", within=(_TIERS,)),
    Field("text.format", "format", "text", _read_format),
    Field("text.verbosity", "verbosity", "text", _read_verbosity, within=(Words(VERBOSITIES, "verbosity"),)),
    Field("reasoning", "reasoning", "reasoning", _read_effort, within=_EFFORTS),
    Field("store", "store", "store", _true),
    Field("previous_response_id", "previous_response_id", "previous_response_id"),
    Field("conversation", "conversation", "conversation", given),
    Field("prompt", "prompt", "prompt", given),
    Field("background", "background", "background", _true),
    Field("include", "include", "include", _read_include),
    Field("truncation", "truncation", "truncation", _read_truncation, within=(Words(("auto", "disabled")),)),
    Field("max_tool_calls", "max_tool_calls", "max_tool_calls", within=(Range(1),)),
    Field("prompt_cache_key", "prompt_cache_key", "prompt_cache_key"),
    Field("prompt_cache_retention", "prompt_cache_retention", "prompt_cache_retention", within=(RETENTIONS,)),
    Field("context_management", "context_management", "context_management", given),
)
FIELDS = (
    Field("model", "model"),
    Field("input", "messages"),
    Field("stream", "stream"),
    Field("stream_options", "stream_options"),
    Field("stream_options.include_obfuscation", "obfuscation"),
    Field("instructions", "system"),
    *OPTIONS,
    Field("reasoning.summary", "reasoning_summary"),
    Field("reasoning.context", "foreign_setting"),
    Field("reasoning.mode", "foreign_setting"),
    Field("include (reasoning.encrypted_content)", "bookkeeping"),
    Field("input[].role (system, developer)", "system"),
    Field("input[].role (system, developer) after the first turn", "late_system"),
    Field("input[].content", "text"),
    Field("input[].content (assistant, last)", "unfinished_turn"),
    Field("input[].content[].text", "text"),
    Field("input[].content[].annotations", "bookkeeping"),
    Field("input[].content[].logprobs", "bookkeeping"),
    Field("input[].content[].image_url", "image"),
    Field("input[].content[].detail", "image.detail"),
    Field("input[].content[].file_data", "document"),
    Field("input[].content[].file_url", "document"),
    Field("input[].content[].filename", "document"),
    Field("input[].content[].file_id", "uploaded_file"),
    Field("input[].content[].input_audio", "sound"),
    Field("input[].content[].refusal", "refusal"),
    Field("input[].content[].prompt_cache_breakpoint", "foreign_setting"),
    Field("input[].id", "bookkeeping"),
    Field("input[].status", "bookkeeping"),
    Field("input[].phase", "bookkeeping"),
    Field("input[].name (of an output)", "bookkeeping"),
    Field("input[].summary", "thinking"),
    Field("input[].encrypted_content", "thinking"),
    Field("input[].arguments", "tool_call"),
    Field("input[].input", "tool_call"),
    Field("input[].output", "tool_result"),
    Field("input[].type (any other)", "foreign_block"),
    Field("tools[].parameters", "tools"),
    Field("tools[].strict", "tool_strict"),
    Field("tools[].format", "tool_grammar"),
    Field("tools[].allowed_callers", "tool_details"),
    Field("tools[].defer_loading", "tool_details"),
    Field("tools[].output_schema", "tool_details"),
    Field("tools[].type (any other)", "server_tools"),
    Field("tool_choice.type", "server_tools"),
    Field("tool_choice.tools[].type", "server_tools"),
    Field("background_options", "foreign_setting"),
    Field("client_metadata", "foreign_setting"),
    Field("image", "foreign_setting"),
    Field("moderation", "foreign_setting"),
    Field("prompt_cache_options", "foreign_setting"),
    Field("access_programs", "foreign_setting"),
)
# fmt: on


def _write_choice(body: dict[str, Any], choice: ToolChoice, _ledger: Ledger) -> None:
    if "tools" not in body and choice.mode in ("auto", "none"):
        return
    if choice.mode == "named":
        kinds = _kinds(body)
        body["tool_choice"] = {"type": kinds.get(choice.name or "", "function"), "name": choice.name}
    elif choice.mode == "allowed":
        kinds = _kinds(body)
        tools = [{"type": kinds.get(name, "function"), "name": name} for name in choice.names]
        mode = "required" if choice.is_forced else "auto"
        body["tool_choice"] = {"type": "allowed_tools", "mode": mode, "tools": tools}
    else:
        body["tool_choice"] = choice.mode


def _kinds(body: dict[str, Any]) -> dict[str, str]:
    """The types of the tools that are no functions, by name."""
    custom = [tool["name"] for tool in body.get("tools", ()) if isinstance(tool, dict)]
    return dict.fromkeys(custom, "custom")


def _write_parallel(body: dict[str, Any], value: bool, _ledger: Ledger) -> None:
    if body.get("tools"):
        body["parallel_tool_calls"] = value


def _write_user(body: dict[str, Any], value: str, ledger: Ledger) -> None:
    body["user"] = ledger.short("user", value)


def _write_safety_identifier(body: dict[str, Any], value: str, ledger: Ledger) -> None:
    body["safety_identifier"] = ledger.short("safety_identifier", value)


def _write_cache_key(body: dict[str, Any], value: str, ledger: Ledger) -> None:
    body["prompt_cache_key"] = ledger.short("prompt_cache_key", value)


def _write_limit(body: dict[str, Any], value: int, ledger: Ledger) -> None:
    if value < MIN_OUTPUT_TOKENS:
        ledger.changed("max_output_tokens", f"raised to {MIN_OUTPUT_TOKENS}, the least that the target takes")
    body["max_output_tokens"] = max(ledger.within_limit(value), MIN_OUTPUT_TOKENS)


def _write_logprobs(body: dict[str, Any], _value: bool, _ledger: Ledger) -> None:
    body.setdefault("include", []).append(LOGPROBS)


_SUMMARIES = {word: word for word in ("auto", "concise", "detailed")}


def _write_effort(body: dict[str, Any], effort: Effort, ledger: Ledger) -> None:
    if not ledger.can_think(effort):
        return
    word = efforts.word(effort)
    if word is None and effort.mode == "off":
        ledger.lost("reasoning")
        return
    reasoning = {"effort": word} if word is not None else {}
    # Without a summary there is nothing to show the caller of what was thought.
    if effort.summary != "omitted":
        reasoning["summary"] = _SUMMARIES.get(effort.summary or "auto", "auto")
    if effort.mode != "off":
        body["reasoning"] = reasoning
        body.setdefault("include", []).append(THOUGHTS)
    else:
        body["reasoning"] = {"effort": word}


def _write_format(body: dict[str, Any], wanted: Format, ledger: Ledger) -> None:
    if wanted.kind not in ("text", "json_object", "json_schema"):
        ledger.lost("format")
        return
    written: dict[str, Any] = {"type": wanted.kind}
    if wanted.kind == "json_schema":
        written |= {"name": wanted.name or "answer", "schema": wanted.schema or {}}
        if wanted.description is not None:
            written["description"] = wanted.description
        if wanted.is_strict is not None:
            written["strict"] = wanted.is_strict
    body.setdefault("text", {})["format"] = written


def _write_verbosity(body: dict[str, Any], value: str, _ledger: Ledger) -> None:
    body.setdefault("text", {})["verbosity"] = value


def _write_stored(body: dict[str, Any], value: bool, _ledger: Ledger) -> None:
    body["store"] = value


# fmt: off
PLACES = {
    "model": Place("model", "the id at the provider", by_encoder),
    "messages": Place("input", write=by_encoder),
    "stream": Place("stream"),
    "stream_options": Place("", "usage always comes with the stream"),
    "system": Place("instructions", "texts joined by a blank line"),
    "late_system": Place("input[].content", "a system message where it stood"),
    "text": Place("input[].content", write=by_encoder),
    "unfinished_turn": Place("input[].content"),
    "image": Place("input[].content[].image_url"),
    "image.detail": Place("input[].content[].detail"),
    "document": Place("input[].content[].file_data", "plain text becomes text"),
    "refusal": Place("input[].content", "as text"),
    "thinking": Place("input[].encrypted_content", "only where this provider made it, else dropped with a warning"),
    "tool_call": Place("input[].arguments"),
    "tool_result": Place("input[].output"),
    "tool_error": Place("input[].output", "the text begins with 'Error: '"),
    "tools": Place("tools[].parameters", "odd names change"),
    "tool_strict": Place("tools[].strict", "missing: false"),
    "tool_grammar": Place("tools[].format"),
    "tool_choice": Place("tool_choice", write=_write_choice),
    "allowed_tools": Place("tool_choice.tools"),
    "parallel_tool_calls": Place("parallel_tool_calls", write=_write_parallel),
    "max_output_tokens": Place("max_output_tokens", "at least 16", _write_limit),
    "temperature": Place("temperature"),
    "top_p": Place("top_p"),
    "logprobs": Place("include (message.output_text.logprobs)", write=_write_logprobs),
    "top_logprobs": Place("top_logprobs"),
    "user": Place("user", "longer than 64 characters: its digest", _write_user),
    "safety_identifier": Place("safety_identifier", "longer than 64 characters: its digest", _write_safety_identifier),
    "metadata": Place("metadata"),
    "service_tier": Place("service_tier"),
    "verbosity": Place("text.verbosity", write=_write_verbosity),
    "reasoning": Place("reasoning", "a budget becomes the nearest word", _write_effort),
    "reasoning_summary": Place("reasoning.summary"),
    "format": Place("text.format", write=_write_format),
    "stored_completion": Place("store", "missing: false", _write_stored),
    "prompt_cache_key": Place("prompt_cache_key", "longer than 64 characters: its digest", _write_cache_key),
    "prompt_cache_retention": Place("prompt_cache_retention"),
    "bookkeeping": Place("", "not needed"),
}
# fmt: on
