"""A whole answer, whatever dialect it came in."""

from __future__ import annotations

import msgspec

from plano.domain.usage import Usage
from plano.wire.canonical.notes import Notes
from plano.wire.canonical.request import Reasoning, Refusal, Text, ToolCall

STOP = "stop"
STOP_SEQUENCE = "stop_sequence"
LENGTH = "length"
CONTEXT_WINDOW = "context_window"
TOOL_CALLS = "tool_calls"
CONTENT_FILTER = "content_filter"
PAUSE = "pause"
"""Why an answer ended. Any other word is the upstream's own, kept as it came."""


class Finish(msgspec.Struct, frozen=True, gc=False):
    """Why it ended. ``sequence``: the stop sequence that was met. ``explanation``: of a refusal."""

    reason: str
    sequence: str | None = None
    explanation: str | None = None


AnswerBlock = Text | Reasoning | Refusal | ToolCall


class Answer(msgspec.Struct, frozen=True):
    """One answer. ``created_s``: seconds since the epoch. ``logprobs``: a list of token records, as OpenAI has them.

    ``notes``: what not every dialect has a place for.
    """

    id: str | None
    model: str | None
    blocks: tuple[AnswerBlock, ...]
    finish: Finish
    usage: Usage | None = None
    created_s: int | None = None
    service_tier: str | None = None
    logprobs: msgspec.Raw | None = None
    notes: Notes = msgspec.field(default_factory=Notes)
