"""What each generation of Claude is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.messages.generations import generation_of
from plano.wire.dialects.target import Target
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, minimal, request

FIRST, ONE, EFFORT, NONE, UNASKED = range(5)
TOOLS = [{"type": "function", "function": {"name": "f"}}]


def sent(model: str, **members: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a Messages upstream gets for a chat request, and the warnings."""
    made = request(minimal(CHAT, max_tokens=9000, **members), CHAT, Target(MESSAGES, "anthropic", model))
    body: dict[str, Any] = json.loads(made.body)
    return body, made.warnings


@pytest.mark.parametrize(
    ("model", "generation"),
    [
        ("claude-3-5-haiku-20241022", FIRST),
        ("claude-sonnet-4-20250514", FIRST),
        ("claude-opus-4-0", FIRST),
        ("claude-opus-4-1-20250805", ONE),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", ONE),
        ("claude-sonnet-4-6", EFFORT),
        ("anthropic/claude-opus-4.7", NONE),
        ("claude-opus-4-8", NONE),
        ("claude-sonnet-5", UNASKED),
        ("claude-haiku-5-5", UNASKED),
        ("claude-mythos-preview", UNASKED),
        ("kimi-k3", FIRST),
    ],
)
def test_models_by_name(model: str, generation: int) -> None:
    """Dates are no versions; a Claude without a number is new; whoever is no Claude does as the first ones."""
    found = generation_of(model)
    seen = {("both", 0): FIRST, ("one", 0): ONE, ("one", 4): EFFORT, ("none", 5): NONE}[found.samples, len(found.words)]
    assert seen + found.thinks_unasked == generation


@pytest.mark.parametrize(
    ("model", "effort", "thinking", "word"),
    [
        ("claude-sonnet-4-5", "high", {"type": "enabled", "budget_tokens": 6750}, None),
        ("claude-sonnet-4-6", "minimal", {"type": "adaptive"}, "low"),
        ("claude-sonnet-4-6", "xhigh", {"type": "adaptive"}, "high"),
        ("claude-opus-4-8", "xhigh", {"type": "adaptive", "display": "summarized"}, "xhigh"),
        ("claude-sonnet-5", "none", None, None),
    ],
)
def test_thinking_by_a_budget_or_by_an_effort(model: str, effort: str, thinking: Any, word: str | None) -> None:
    """Only the form that the model takes; thoughts are shown."""
    body, warnings = sent(model, reasoning_effort=effort)
    assert body.get("thinking") == thinking
    assert body.get("output_config") == (None if word is None else {"effort": word})
    assert bool(warnings) == (effort == "none")


def test_an_effort_stays_where_a_tool_is_forced() -> None:
    """The model does not think then, but the effort is of the whole answer; a form keeps its place beside it."""
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
    body, warnings = sent(
        "claude-opus-5", reasoning_effort="low", tools=TOOLS, tool_choice="required", response_format=form
    )
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": {"type": "object"}}, "effort": "low"}
    assert "thinking" not in body
    assert warnings == ("reasoning_effort: dropped, the target does not think where a tool is forced",)


@pytest.mark.parametrize(
    ("model", "kept", "dropped"),
    [
        ("claude-sonnet-4-20250514", {"temperature": 0.2, "top_p": 0.9}, ()),
        ("claude-sonnet-4-5", {"temperature": 0.2}, ("top_p",)),
        ("claude-opus-4-7", {}, ("temperature", "top_p")),
        ("kimi-k3", {"temperature": 0.2, "top_p": 0.9}, ()),
    ],
)
def test_settings_of_sampling_that_a_model_takes(model: str, kept: Any, dropped: tuple[str, ...]) -> None:
    """The others are dropped, and named."""
    body, warnings = sent(model, temperature=0.2, top_p=0.9)
    assert {name: body[name] for name in ("temperature", "top_p") if name in body} == kept
    assert tuple([line.partition(":")[0] for line in warnings]) == dropped


def test_the_default_is_left_out_without_a_word() -> None:
    """A temperature of 1 is what the model has anyway."""
    body, warnings = sent("claude-opus-4-8", temperature=1)
    assert ("temperature" in body, warnings) == (False, ())


def test_a_budget_takes_no_narrow_top_p() -> None:
    """The vendor refuses a top_p below 0.95 beside a budget."""
    body, warnings = sent("claude-sonnet-4-20250514", top_p=0.9, reasoning_effort="low")
    assert "top_p" not in body
    assert warnings == ("top_p: dropped, the target thinks at its own temperature",)
    assert sent("claude-sonnet-4-20250514", top_p=0.97, reasoning_effort="low")[0]["top_p"] == 0.97


@pytest.mark.parametrize("source", [CHAT, RESPONSES])
@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "claude-opus-4.7", "claude-haiku-5-5", "claude-sonnet-4-5"])
def test_a_turn_of_the_model_at_the_end(model: str, source: Dialect) -> None:
    """Up to 4.5 Claude goes on with it; newer ones would answer 400, so it is refused with its place."""
    turns = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Well,"}]
    name = "messages" if source is CHAT else "input"
    target = Target(MESSAGES, "anthropic", model)
    if model == "claude-sonnet-4-5":
        body = json.loads(request(minimal(source) | {name: turns}, source, target).body)
        assert [message["role"] for message in body["messages"]] == ["user", "assistant"]
        return
    with pytest.raises(InvalidRequest) as caught:
        request(minimal(source) | {name: turns}, source, target)
    assert caught.value.param == f"{name}[1].content"
