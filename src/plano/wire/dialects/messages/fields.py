"""Every field of a messages request and the feature it expresses; and where this dialect expresses a feature."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.wire.canonical.request import Effort, Format, ToolChoice
from plano.wire.dialects.fates import Field, Ledger, Place, Range, Words, by_encoder
from plano.wire.dialects.messages import shapes
from plano.wire.dialects.reading import given, given_object, missing, needed

_CHOICES: dict[str, Any] = {"auto": "auto", "any": "required", "none": "none"}
_CHOICE_TYPES = {"auto": "auto", "required": "any", "none": "none"}
_LONGEST_USER = 512
_FORMAT = "json_schema"
_OUTPUT = (Words(("low", "medium", "high", "xhigh", "max"), "effort"), Words((_FORMAT,), "format.type"))
_THINKING = (
    Words(("enabled", "disabled", "adaptive", "between_tools"), "type"),
    Range(1024, member="budget_tokens"),
    Words(("summarized", "omitted"), "display"),
)
_TIERS = {"standard_only": "default"}
_TIER_WORDS = {"auto": "auto", "default": "standard_only"}


def _read_choice(value: shapes.ToolChoice) -> ToolChoice:
    if value.type != "tool":
        return ToolChoice(_CHOICES[value.type])
    return ToolChoice("named", needed(value.name, "tool_choice.name"))


def _read_parallel(value: shapes.ToolChoice) -> bool | None:
    return None if value.disable_parallel_tool_use is None else not value.disable_parallel_tool_use


def _read_user(value: shapes.Metadata) -> str | None:
    return value.user_id


def _read_tier(value: str) -> str:
    return _TIERS.get(value, value)


def _read_stop(value: tuple[str, ...]) -> tuple[str, ...] | None:
    return value or None


def _read_thinking(value: shapes.Thinking) -> Effort | None:
    if value.type == "enabled":
        if value.budget_tokens is None:
            raise missing("thinking.budget_tokens")
        return Effort("on", budget=value.budget_tokens, summary=value.display)
    return Effort("off") if value.type == "disabled" else Effort("adaptive", summary=value.display)


def _read_config(value: shapes.OutputConfig) -> Format | None:
    return None if value.format is None else _read_format(value.format, "output_config.format")


def _read_format(value: shapes.OutputFormat, name: str = "output_format") -> Format | None:
    if value.type != _FORMAT:
        return None
    schema = given_object(value.schema, f"{name}.schema")
    if schema is None:
        raise missing(f"{name}.schema")
    return Format(_FORMAT, schema=schema, is_strict=True)


# fmt: off
OPTIONS = (
    Field("tool_choice", "tool_choice", "tool_choice", _read_choice),
    Field("tool_choice.disable_parallel_tool_use", "parallel_tool_calls", "tool_choice", _read_parallel),
    Field("max_tokens", "max_output_tokens", "max_tokens", within=(Range(1),)),
    Field("temperature", "temperature", "temperature", within=(Range(0, 1),)),
    Field("top_p", "top_p", "top_p", within=(Range(0, 1),)),
    Field("top_k", "top_k", "top_k", within=(Range(0),)),
    Field("stop_sequences", "stop", "stop_sequences", _read_stop),
    Field("metadata.user_id", "user", "metadata", _read_user),
    Field("service_tier", "service_tier", "service_tier", _read_tier, within=(Words(("auto", "standard_only")),)),
    Field("thinking", "reasoning", "thinking", _read_thinking, within=_THINKING),
    Field("output_config.format", "format", "output_config", _read_config, within=_OUTPUT),
    Field("output_format", "format", "output_format", _read_format, within=(Words((_FORMAT,), "type"),)),
    Field("cache_control", "cache", "cache_control", given),
    Field("context_management", "context_management", "context_management", given),
    Field("thread", "thread", "thread"),
)
FIELDS = (
    Field("model", "model"),
    Field("messages", "messages"),
    Field("stream", "stream"),
    Field("system", "system"),
    *OPTIONS,
    Field("system[].cache_control", "cache"),
    Field("output_config.effort", "reasoning"),
    Field("output_config.task_budget", "foreign_setting"),
    Field("thinking.display", "reasoning_summary"),
    Field("thinking.block_binding", "foreign_setting"),
    Field("messages[].role", "messages"),
    Field("messages[].role (system)", "late_system"),
    Field("messages[].clear_at", "foreign_setting"),
    Field("messages[].output_config", "foreign_setting"),
    Field("messages[].content", "text"),
    Field("messages[].content (assistant, last)", "unfinished_turn"),
    Field("messages[].content[].text", "text"),
    Field("messages[].content[].cache_control", "cache"),
    Field("messages[].content[].citations", "citations"),
    Field("messages[].content[].source (image)", "image"),
    Field("messages[].content[].source (document)", "document"),
    Field("messages[].content[].context", "file_context"),
    Field("messages[].content[].source (search_result)", "text"),
    Field("messages[].content[].source.file_id", "uploaded_file"),
    Field("messages[].content[].title", "document"),
    Field("messages[].content[].context", "document"),
    Field("messages[].content[].transformations", "image.detail"),
    Field("messages[].content[].thinking", "thinking"),
    Field("messages[].content[].signature", "thinking"),
    Field("messages[].content[].data", "thinking"),
    Field("messages[].content[].input", "tool_call"),
    Field("messages[].content[].encrypted_content", "bookkeeping"),
    Field("messages[].content[].tool_changes", "tool_details"),
    Field("messages[].content[].caller", "bookkeeping"),
    Field("messages[].content[].toolset_name", "bookkeeping"),
    Field("messages[].content[].tool_use_id", "tool_result"),
    Field("messages[].content[].content", "tool_result"),
    Field("messages[].content[].is_error", "tool_error"),
    Field("messages[].content[].type (any other)", "foreign_block"),
    Field("messages[].content[].type (of the other side)", "misplaced_block"),
    Field("tools[].input_schema", "tools"),
    Field("tools[].strict", "tool_strict"),
    Field("tools[].cache_control", "cache"),
    Field("tools[].type (any other)", "server_tools"),
    Field("tools[].allowed_callers", "tool_details"),
    Field("tools[].defer_loading", "tool_details"),
    Field("tools[].eager_input_streaming", "tool_details"),
    Field("tools[].input_examples", "tool_details"),
    Field("compaction", "compaction"),
    Field("container", "container"),
    Field("mcp_servers", "mcp"),
    Field("billing_policy", "foreign_setting"),
    Field("fallback_credit_token", "foreign_setting"),
    Field("fallbacks", "foreign_setting"),
    Field("diagnostics", "foreign_setting"),
    Field("inference_geo", "foreign_setting"),
    Field("workspace_id", "foreign_setting"),
    Field("speed", "foreign_setting"),
    Field("user_profile_id", "foreign_setting"),
)
# fmt: on


def _write_choice(body: dict[str, Any], choice: ToolChoice, _ledger: Ledger) -> None:
    if "tools" not in body and choice.mode in ("auto", "none"):
        return
    if choice.mode == "named":
        written = {"type": "tool", "name": choice.name}
    elif choice.mode == "allowed":
        body["tools"] = [tool for tool in body.get("tools", ()) if tool.name in choice.names]
        written = {"type": "any" if choice.is_forced else "auto"}
    else:
        written = {"type": _CHOICE_TYPES[choice.mode]}
    body["tool_choice"] = written


def _write_parallel(body: dict[str, Any], value: bool, _ledger: Ledger) -> None:
    if not body.get("tools") or value:
        return
    choice = body.setdefault("tool_choice", {"type": "auto"})
    if choice["type"] != "none":
        choice["disable_parallel_tool_use"] = True


def _write_stop(body: dict[str, Any], value: tuple[str, ...], ledger: Ledger) -> None:
    """Anthropic refuses sequences of nothing but white space."""
    kept = [sequence for sequence in value if sequence.strip()]
    if len(kept) != len(value):
        ledger.changed("stop", "sequences of white space alone are dropped, the target refuses them")
    if kept:
        body["stop_sequences"] = kept


def _write_temperature(body: dict[str, Any], value: float, ledger: Ledger) -> None:
    if value > 1:
        ledger.changed("temperature", "lowered to 1, the most that the target takes")
    body["temperature"] = min(value, 1)


def _write_user(body: dict[str, Any], value: str, ledger: Ledger) -> None:
    body["metadata"] = {"user_id": ledger.short("user", value, longest=_LONGEST_USER)}


def _write_safety_identifier(body: dict[str, Any], value: str, ledger: Ledger) -> None:
    if "metadata" in body:
        ledger.changed("safety_identifier", "dropped, the target knows one user")
    else:
        body["metadata"] = {"user_id": ledger.short("safety_identifier", value, longest=_LONGEST_USER)}


def _write_tier(body: dict[str, Any], value: str, ledger: Ledger) -> None:
    word = _TIER_WORDS.get(value)
    if word is None:
        ledger.lost("service_tier")
    else:
        body["service_tier"] = word


def _write_format(body: dict[str, Any], wanted: Format, ledger: Ledger) -> None:
    if wanted.schema is None:
        ledger.lost("format")
    else:
        if wanted.description is not None:
            ledger.changed("format", "its description is dropped")
        if wanted.is_strict is False:
            ledger.changed("format", "the target always holds to the schema")
        body["output_config"] = {"format": {"type": "json_schema", "schema": wanted.schema}}


def _write_cache(body: dict[str, Any], value: msgspec.Raw, _ledger: Ledger) -> None:
    body["cache_control"] = value


# fmt: off
PLACES = {
    "model": Place("model", "the id at the provider", by_encoder),
    "messages": Place("messages", "results of one round of tool calls stand in one user message", by_encoder),
    "stream": Place("stream"),
    "stream_options": Place("", "usage always comes with the stream"),
    "system": Place("system"),
    "late_system": Place("system", "moved to the beginning, with a warning"),
    "text": Place("messages[].content", "white space alone is left out; in the last turn it is refused", by_encoder),
    "unfinished_turn": Place("messages[].content", "refused for Claude from 4.6 on, which goes on with none"),
    "image": Place("messages[].content[].source (image)"),
    "document": Place("messages[].content[].source (document)"),
    "refusal": Place("messages[].content[].text"),
    "thinking": Place("messages[].content[].thinking", "only where this provider made it, else dropped with a warning"),
    "tool_call": Place("messages[].content[].input", "arguments that are no JSON object stand in 'input'"),
    "tool_result": Place("messages[].content[].tool_use_id"),
    "tool_error": Place("messages[].content[].is_error"),
    "citations": Place("messages[].content[].citations"),
    "cache": Place("messages[].content[].cache_control", write=_write_cache),
    "tools": Place("tools[].input_schema", "a tool for free text takes it as 'input'; odd names change"),
    "tool_strict": Place("tools[].strict"),
    "tool_choice": Place("tool_choice", write=_write_choice),
    "allowed_tools": Place("tools", "only the allowed tools are sent"),
    "parallel_tool_calls": Place("tool_choice.disable_parallel_tool_use", write=_write_parallel),
    "max_output_tokens": Place("max_tokens", "missing: the model's maximum where it is known, else 4096", by_encoder),
    "temperature": Place("temperature", "at most 1; dropped with a warning where none is taken", _write_temperature),
    "top_p": Place("top_p", "dropped with a warning where none is taken"),
    "top_k": Place("top_k"),
    "stop": Place("stop_sequences", "those of white space alone are dropped with a warning", _write_stop),
    "user": Place("metadata.user_id", "longer than 512 characters: its digest", _write_user),
    "safety_identifier": Place("metadata.user_id", "unless there is a user", _write_safety_identifier),
    "service_tier": Place("service_tier", "'auto' and 'default'; others are dropped with a warning", _write_tier),
    "reasoning": Place("thinking", "a budget below 'max_tokens', or an effort, as the model has it", by_encoder),
    "format": Place("output_config.format", "'json_object' is dropped with a warning", _write_format),
    "bookkeeping": Place("", "not needed"),
}
# fmt: on
