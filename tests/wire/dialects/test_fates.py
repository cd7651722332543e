"""The tables: complete by the vendors' own types, and true, field by field."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from anthropic.types.beta import MessageCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses import ResponseCreateParams

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.fates import FEATURES, MAX_WARNINGS, Field, Ledger, by_feature, fate
from plano.wire.dialects.reference import TABLES
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, SCHEMA, TARGETS, minimal, request

VENDORS: dict[Dialect, Any] = {
    CHAT: CompletionCreateParams,
    MESSAGES: MessageCreateParams,
    RESPONSES: ResponseCreateParams,
}
TEXT_SCHEMA = {"type": "json_schema", "name": "n", "schema": SCHEMA}
OPENAI_VALUES: dict[str, Any] = {
    "parallel_tool_calls": False,
    "temperature": 0.5,
    "top_p": 0.5,
    "top_logprobs": 2,
    "user": "u",
    "safety_identifier": "s",
    "metadata": {"k": "v"},
    "service_tier": "auto",
    "store": True,
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "tool_choice": "required",
    "stream_options.include_obfuscation": {"include_obfuscation": True},
}
VALUES: dict[Dialect, dict[str, Any]] = {
    CHAT: OPENAI_VALUES
    | {
        "max_tokens": 2000,
        "max_completion_tokens": 2000,
        "stop": ["a"],
        "seed": 1,
        "presence_penalty": 0.5,
        "frequency_penalty": 0.5,
        "logit_bias": {"1": 1},
        "logprobs": True,
        "verbosity": "low",
        "reasoning_effort": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
        "modalities": ["audio"],
        "n": 2,
        "functions": [],
        "function_call": "auto",
        "audio": {},
        "prediction": {},
        "moderation": {},
        "prompt_cache_options": {},
        "web_search_options": {},
        "tool_choice.type": {"type": "odd"},
    },
    MESSAGES: {
        "tool_choice": {"type": "any"},
        "tool_choice.disable_parallel_tool_use": {"type": "auto", "disable_parallel_tool_use": True},
        "max_tokens": 2000,
        "temperature": 0.5,
        "top_p": 0.5,
        "top_k": 5,
        "stop_sequences": ["a"],
        "metadata.user_id": {"user_id": "u"},
        "service_tier": "auto",
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "output_config.format": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "output_format": {"type": "json_schema", "schema": SCHEMA},
        "workspace_id": "w",
        "cache_control": {"type": "ephemeral"},
        "container": "c",
        "mcp_servers": [],
        "thinking.display": {"type": "enabled", "budget_tokens": 1024, "display": "omitted"},
        "thinking.block_binding": {"type": "enabled", "budget_tokens": 1024, "block_binding": {}},
        "thread": {"type": "create"},
        "compaction": {"type": "summarize"},
        "billing_policy": {"type": "billing_policy"},
        "fallback_credit_token": "t",
        "fallbacks": "default",
        "context_management": {},
        "diagnostics": {},
        "inference_geo": "eu",
        "speed": "fast",
        "user_profile_id": "u",
    },
    RESPONSES: OPENAI_VALUES
    | {
        "max_output_tokens": 2000,
        "include (message.output_text.logprobs)": ["message.output_text.logprobs"],
        "text.format": {"format": TEXT_SCHEMA},
        "text.verbosity": {"verbosity": "low"},
        "reasoning": {"effort": "low"},
        "previous_response_id": "r",
        "conversation": "c",
        "prompt": {"id": "p"},
        "background": True,
        "include": ["file_search_call.results"],
        "truncation": "auto",
        "max_tool_calls": 3,
        "background_options": {},
        "client_metadata": {},
        "context_management": [],
        "image": {},
        "moderation": {},
        "prompt_cache_options": {},
        "access_programs": {},
        "tool_choice.type": {"type": "file_search"},
    },
}
TOOLS: dict[Dialect, list[dict[str, Any]]] = {
    CHAT: [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
    MESSAGES: [{"name": "f", "input_schema": SCHEMA}],
    RESPONSES: [{"type": "function", "name": "f", "parameters": SCHEMA}],
}
CASES = [
    (source, target, field, VALUES[source][field.path])
    for source in DIALECTS
    for target in DIALECTS
    for field in TABLES[source][0]
    if source is not target and field.path in VALUES[source]
]


@pytest.mark.parametrize(
    ("source", "target", "field", "value"), CASES, ids=lambda case: case.path if isinstance(case, Field) else ""
)
def test_a_field_has_the_fate_that_the_table_says(source: Dialect, target: Dialect, field: Field, value: Any) -> None:
    """Passed: same name, same value. Mapped: no word of loss. Dropped: named. Refused: 400 with its path."""
    name = field.path.partition(".")[0].partition(" ")[0]
    base = minimal(source, tools=TOOLS[source]) | ({"max_tokens": 4000} if source is MESSAGES else {})
    document = base | {name: value}
    found = fate(field, TABLES[target][1])
    if found == "refuse":
        with pytest.raises(InvalidRequest) as caught:
            request(document, source, target)
        assert caught.value.param == field.path
        return
    made = request(document, source, target)
    body = json.loads(made.body)
    if found == "drop":
        row = TABLES[source][0]
        path = by_feature(row)[field.feature].path if field.name else field.path
        assert any(line.startswith((f"{path}:", f"{field.path}:")) for line in made.warnings)
    else:
        assert made.warnings == ()
        assert found == "map" or body[name] == value


def test_every_top_level_field_has_a_value_here() -> None:
    """The test above leaves out nothing but what every request has."""
    always = {"model", "messages", "stream", "stream_options", "input", "instructions", "system"}
    for dialect, values in VALUES.items():
        tops = {
            field.path
            for field in TABLES[dialect][0]
            if "[" not in field.path and not field.path.startswith("output_c")
        }
        of_reasoning = {"reasoning.summary", "reasoning.context", "reasoning.mode"}
        assert tops - always - values.keys() <= of_reasoning | {"include (reasoning.encrypted_content)"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_field_of_the_vendor_is_in_the_table(dialect: Dialect) -> None:
    """The official client knows no top-level field that the table does not."""
    forms = get_args(VENDORS[dialect])
    known = {field.path.partition(".")[0].partition(" ")[0].partition("[")[0] for field in TABLES[dialect][0]}
    theirs = {name for form in forms for name in form.__annotations__}
    assert theirs - known - {"prefill", "workspace_id", "betas"} == set()


def test_features_and_places_fit() -> None:
    """Every field and every place is about a feature that has a row; no row is left over."""
    used = set()
    for fields, places in TABLES.values():
        used |= {field.feature for field in fields} | places.keys()
    assert used == FEATURES.keys()


def test_warnings_are_bounded() -> None:
    """One line for each field; beyond the bound only their number."""
    ledger = Ledger(TABLES[CHAT][0], TARGETS[MESSAGES], lambda _message, _index: "")
    for number in range(100):
        ledger.strange(f"messages[{number}].odd{number}")
        ledger.strange(f"messages[{number}].same")
    assert len(ledger.warnings) == MAX_WARNINGS + 1
    assert ledger.warnings[-1] == f"and {101 - MAX_WARNINGS} more"


ASKED_TO_THINK: dict[Dialect, dict[str, Any]] = {
    CHAT: {"reasoning_effort": "high"},
    MESSAGES: {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    RESPONSES: {"reasoning": {"effort": "high"}},
}
LIMITS = {CHAT: "max_completion_tokens", MESSAGES: "max_tokens", RESPONSES: "max_output_tokens"}


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_what_is_known_of_the_model_is_kept_to(source: Dialect, target: Dialect) -> None:
    """Its own limit of an answer, and whether it thinks: providers refuse the rest, and the caller is told."""
    if source is target:
        return
    known = msgspec.structs.replace(TARGETS[target], max_output_tokens=3000, thinks=False)
    made = request(minimal(source) | {LIMITS[source]: 32_000} | ASKED_TO_THINK[source], source, known)
    body = json.loads(made.body)
    assert body[LIMITS[target]] == 3000
    assert not body.keys() & {"reasoning_effort", "thinking", "reasoning", "output_config"}
    name = "max_tokens" if source is CHAT else LIMITS[source]
    assert set(made.warnings) == {
        f"{name}: lowered to 3000, the most that the target takes",
        f"{next(iter(ASKED_TO_THINK[source]))}: dropped, the model does not think",
    }
    below = request(minimal(source) | {LIMITS[source]: 2000}, source, known)
    assert (json.loads(below.body)[LIMITS[target]], below.warnings) == (2000, ())
