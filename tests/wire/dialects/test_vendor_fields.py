"""What the vendors document: taken where it is native, and never lost without a word where it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.translate import check_request
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, SCHEMA, request
from tests.wire.dialects.vendor_fields import CALL, Variant, fields_of

BASES: dict[Dialect, dict[str, Any]] = {
    CHAT: {"model": "m", "messages": [{"role": "user", "content": "hi"}]},
    MESSAGES: {"model": "m", "max_tokens": 4000, "messages": [{"role": "user", "content": "hi"}]},
    RESPONSES: {"model": "m", "input": [{"type": "message", "role": "user", "content": "hi"}]},
}
TOOLS: dict[Dialect, list[dict[str, Any]]] = {
    CHAT: [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
    MESSAGES: [{"name": "f", "input_schema": SCHEMA}],
    RESPONSES: [{"type": "function", "name": "f", "parameters": SCHEMA}],
}
CALLS: dict[Dialect, list[dict[str, Any]]] = {
    CHAT: [
        {"role": "user", "content": "go"},
        {
            "role": "assistant",
            "tool_calls": [{"id": CALL, "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
    ],
    MESSAGES: [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": CALL, "name": "f", "input": {}}]},
    ],
    RESPONSES: [
        {"type": "message", "role": "user", "content": "go"},
        {"type": "function_call", "call_id": CALL, "name": "f", "arguments": "{}"},
    ],
}
TURNS = ("messages", "input")
INCOMPLETE = re.compile(
    r"file\.file_data: is required"  # a file by no means at all
    r"|call_id: is required"  # a result of nothing
    r"|allowed_tools\.tools\[0\]\.type: is required|tool_choice\.tools\[0\]\.type: is required"
)
"""What a vendor's type allows and its words do not."""

SAYS_NOTHING = re.compile(
    r"=auto$|=text$|\{text\}$|=False$|=disabled$|=none$|=message$|\.type=custom$|=reasoning\.encrypted_content$"
    r"|citations\{\}$|^(metadata|output_config|reasoning|text|stream_options)\{\}$|include_usage$|parallel_tool_calls$"
    r"|input_(image|file)\}\.file_(id|url)$|^top_logprobs$"
    r"|display=(summarized|updates)$|format\{json_schema\}\.strict$"
    r"|messages\[\]\{(assistant|system)\}$|\{compaction\}$"
)
"""The default of every dialect, or nothing at all."""

BOOKKEEPING = re.compile(r"\.(caller|phase|status|id|name|logprobs|signature|encrypted_content)\b")
"""What the reference page calls 'not needed'."""

ALREADY_NAMED = re.compile(r"cache_control|reasoning\}")
"""Beside the field that is tried stands one with the same line."""


def document(dialect: Dialect, name: str, value: Any) -> dict[str, Any]:
    """A request with this member; turns stand behind a call, so that there may be results."""
    base = BASES[dialect]
    if name in TURNS and not isinstance(value, str):
        return base | {name: [*CALLS[dialect], *(value or ()), *base[name]]}
    tools = {"tools": TOOLS[dialect]} if name in ("tool_choice", "parallel_tool_calls") else {}
    return base | tools | ({} if value is None else {name: value})


def outcome(body: dict[str, Any], source: Dialect, target: Dialect) -> tuple[Any, tuple[str, ...]] | None:
    """What the target is sent and the warnings, None for a refusal that names its place."""
    try:
        made = request(body, source, target)
    except InvalidRequest as error:
        assert error.param, error.message
        return None
    return json.loads(made.body), made.warnings


def is_named(path: str, warnings: tuple[str, ...]) -> bool:
    """Does a line name the field, or one that holds it?"""
    plain = re.sub(r"\{[^}]*\}|=.*", "", path)
    return any(plain.startswith(re.split(r":| \(", line)[0]) for line in warnings)


def lost(source: Dialect, target: Dialect) -> Iterator[str]:
    """Fields whose presence changes neither what the target is sent nor what the caller is told."""
    for name, variant in fields_of(source):
        path = name + variant.path
        if SAYS_NOTHING.search(path) or BOOKKEEPING.search(path) or ALREADY_NAMED.search(path):
            continue
        made = outcome(document(source, name, variant.value), source, target)
        before = outcome(document(source, name, variant.without), source, target)
        if made is not None and before is not None and made == before and not is_named(path, made[1]):
            yield path


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_native_upstream_may_be_sent_all_that_its_vendor_documents(dialect: Dialect) -> None:
    """No documented form of a field is called a mistake."""
    refused = []
    count = 0
    for count, (name, variant) in enumerate(fields_of(dialect), 1):  # noqa: B007  # how many is asserted below
        try:
            check_request(json.dumps(document(dialect, name, variant.value)).encode(), dialect)
        except InvalidRequest as error:
            if not INCOMPLETE.search(error.message):
                refused.append((name + variant.path, error.message))
    assert refused == []
    assert count > 150


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_no_documented_field_is_lost_in_silence(source: Dialect, target: Dialect) -> None:
    """On the upstream's wire, named in a warning, or refused with its place."""
    if source is not target:
        assert list(lost(source, target)) == []


@pytest.mark.parametrize("source", DIALECTS)
def test_no_documented_option_is_called_unknown(source: Dialect) -> None:
    """Whatever stands beside the conversation and the tools has a row in the table; ``betas`` is a header field, and
    tools that are allowed are of any form.
    """
    target = next(each for each in DIALECTS if each is not source)
    made = [
        outcome(document(source, name, variant.value), source, target)
        for name, variant in fields_of(source)
        if name not in (*TURNS, "tools", "betas") and "allowed_tools" not in variant.path
    ]
    told = {line for each in made if each is not None for line in each[1]}
    assert {line for line in told if line.endswith("not known in this dialect")} == set()


def test_the_check_would_notice() -> None:
    """A field that changes nothing and is not named is found."""
    variant = Variant("{}.x", {}, {"x": 1})
    assert not is_named(f"odd{variant.path}", ("top_k: dropped",))
    assert is_named("odd{a}.x=1", ("odd.x: dropped",))
