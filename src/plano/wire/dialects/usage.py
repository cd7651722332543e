"""Token counts in the words of each dialect.

OpenAI counts what a cache gave as part of the input; Anthropic counts it beside the input. The canonical form counts as
OpenAI does.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from plano.domain.usage import Usage

MOST_TOKENS = 10**12
"""A count beyond it is none; integers of JSON have no end, and a product of one with a price may be no number."""

_UNKNOWN = Usage()


class InputDetails(msgspec.Struct, frozen=True, gc=False):
    """Parts of the input, as both dialects of OpenAI name them."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class OutputDetails(msgspec.Struct, frozen=True, gc=False):
    """Parts of the output, as both dialects of OpenAI name them."""

    reasoning_tokens: int | None = None


class ChatUsage(msgspec.Struct, frozen=True, gc=False):
    """``prompt_cache_hit_tokens`` is DeepSeek's name for cached tokens."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None
    prompt_cache_hit_tokens: int | None = None


class ThinkingDetails(msgspec.Struct, frozen=True, gc=False):
    """Parts of the output, as Anthropic names them."""

    thinking_tokens: int | None = None


class MessagesUsage(msgspec.Struct, frozen=True, gc=False):
    """Anthropic's: ``input_tokens`` is what no cache had a part in."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens_details: ThinkingDetails | None = None
    service_tier: str | None = None


class ResponsesUsage(msgspec.Struct, frozen=True, gc=False):
    """OpenAI's in the Responses API."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None


class _StrictInputDetails(InputDetails, frozen=True, gc=False, forbid_unknown_fields=True):
    pass


class _StrictOutputDetails(OutputDetails, frozen=True, gc=False, forbid_unknown_fields=True):
    pass


class _StrictThinkingDetails(ThinkingDetails, frozen=True, gc=False, forbid_unknown_fields=True):
    pass


class StrictChatUsage(ChatUsage, frozen=True, gc=False, forbid_unknown_fields=True):
    """With nothing beside it: what else a provider counted is found."""

    prompt_tokens_details: _StrictInputDetails | None = None
    completion_tokens_details: _StrictOutputDetails | None = None
    prompt_cache_miss_tokens: Any = None
    total_tokens: Any = None


class StrictMessagesUsage(MessagesUsage, frozen=True, gc=False, forbid_unknown_fields=True):
    """With nothing beside it: what else a provider counted is found."""

    output_tokens_details: _StrictThinkingDetails | None = None


class StrictResponsesUsage(ResponsesUsage, frozen=True, gc=False, forbid_unknown_fields=True):
    """With nothing beside it: what else a provider counted is found."""

    input_tokens_details: _StrictInputDetails | None = None
    output_tokens_details: _StrictOutputDetails | None = None
    total_tokens: Any = None


Shape = TypeVar("Shape", ChatUsage, MessagesUsage, ResponsesUsage)


def reported(value: Any, shape: type[Shape]) -> Shape | None:
    """What a provider put where its account belongs; None when that cannot be read. The answer is good all the same."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError:
        return None


def _checked(
    prompt: int | None, answer: int | None, cached: int | None, written: int | None, thought: int | None
) -> Usage:
    """The five counts; one below 0 or beyond ``MOST_TOKENS`` is not known."""
    return Usage(
        prompt if prompt is not None and 0 <= prompt <= MOST_TOKENS else None,
        answer if answer is not None and 0 <= answer <= MOST_TOKENS else None,
        cached if cached is not None and 0 <= cached <= MOST_TOKENS else None,
        written if written is not None and 0 <= written <= MOST_TOKENS else None,
        thought if thought is not None and 0 <= thought <= MOST_TOKENS else None,
    )


def from_chat(usage: ChatUsage) -> Usage:
    """Canonical counts."""
    inputs, outputs = usage.prompt_tokens_details, usage.completion_tokens_details
    return _checked(
        usage.prompt_tokens,
        usage.completion_tokens,
        inputs.cached_tokens if inputs is not None else usage.prompt_cache_hit_tokens,
        inputs.cache_write_tokens if inputs is not None else None,
        outputs.reasoning_tokens if outputs is not None else None,
    )


def from_messages(usage: MessagesUsage, *, earlier: Usage | None = None) -> Usage:
    """Canonical counts. ``earlier``: what the stream reported before; later counts are totals and replace it."""
    read, written, plain = usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.input_tokens
    output, details = usage.output_tokens, usage.output_tokens_details
    thought = details.thinking_tokens if details is not None else None
    if earlier is not None:
        read = earlier.cached_input_tokens if read is None else read
        written = earlier.cache_write_tokens if written is None else written
        output = earlier.output_tokens if output is None else output
        thought = earlier.reasoning_tokens if thought is None else thought
        if plain is None and earlier.input_tokens is not None:
            plain = earlier.input_tokens - (earlier.cached_input_tokens or 0) - (earlier.cache_write_tokens or 0)
    total = None if plain is None else plain + (read or 0) + (written or 0)
    return _checked(total, output, read, written, thought)


def at_begin(counts: Usage) -> Usage:
    """The counts that a message begins with: what they say of the answer is how far it had come, and no total."""
    return msgspec.structs.replace(counts, output_tokens=None, reasoning_tokens=None)


def from_responses(usage: ResponsesUsage) -> Usage:
    """Canonical counts."""
    inputs, outputs = usage.input_tokens_details, usage.output_tokens_details
    return _checked(
        usage.input_tokens,
        usage.output_tokens,
        inputs.cached_tokens if inputs is not None else None,
        inputs.cache_write_tokens if inputs is not None else None,
        outputs.reasoning_tokens if outputs is not None else None,
    )


def to_chat(usage: Usage) -> dict[str, Any]:
    """``usage`` of a chat completion. An unknown count is 0 on the wire, where the schema wants a number."""
    inputs, outputs = usage.input_tokens or 0, usage.output_tokens or 0
    written: dict[str, Any] = {
        "prompt_tokens": inputs,
        "completion_tokens": outputs,
        "total_tokens": inputs + outputs,
    }
    details = _input_details(usage)
    if details:
        written["prompt_tokens_details"] = details
    if usage.reasoning_tokens is not None:
        written["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return written


def to_messages(usage: Usage | None) -> dict[str, Any]:
    """``usage`` of a message, every member that the schema wants; what is unknown is null where it may be."""
    usage = usage if usage is not None else _UNKNOWN
    return _messages_counts(usage) | {"cache_creation": None, "inference_geo": None}


def to_messages_delta(usage: Usage | None) -> dict[str, Any]:
    """``usage`` of the last event of a stream of a message."""
    return _messages_counts(usage if usage is not None else _UNKNOWN)


def _messages_counts(usage: Usage) -> dict[str, Any]:
    cached, written, thought = usage.cached_input_tokens, usage.cache_write_tokens, usage.reasoning_tokens
    return {
        "input_tokens": max(0, (usage.input_tokens or 0) - (cached or 0) - (written or 0)),
        "output_tokens": usage.output_tokens or 0,
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": written,
        "output_tokens_details": {"thinking_tokens": thought} if thought is not None else None,
        "server_tool_use": None,
    }


def to_responses(usage: Usage) -> dict[str, Any]:
    """``usage`` of a response."""
    inputs, outputs = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "input_tokens": inputs,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0} | _input_details(usage),
        "output_tokens": outputs,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
        "total_tokens": inputs + outputs,
    }


def _input_details(usage: Usage) -> dict[str, int]:
    details = {}
    if usage.cached_input_tokens is not None:
        details["cached_tokens"] = usage.cached_input_tokens
    if usage.cache_write_tokens is not None:
        details["cache_write_tokens"] = usage.cache_write_tokens
    return details
