"""From the tree to the schema: the place, the reason and the hint of each kind of misfit."""

from __future__ import annotations

import pytest

from plano.config.document import Mapping, read
from plano.config.findings import Problem
from plano.config.validation import validate


def problems(text: str) -> tuple[Problem, ...]:
    root, wrong = read(text)
    assert wrong == ()
    assert isinstance(root, Mapping)
    file, found = validate(root)
    assert (file is None) is bool(found)
    return found


HEAD = "version: v1\n"


@pytest.mark.parametrize(
    ("section", "code", "reason", "hint", "column"),
    [
        ("rooting: {}", "PL-C010", "unknown key 'rooting'", "did you mean 'routing'?", 1),
        ("model_list: []", "PL-C010", "unknown key 'model_list'", "did you mean 'model_providers'?", 1),
        (
            "callers: {kees: {}, keys: {a: 0123456789abcdef}}",
            "PL-C010",
            "unknown key 'kees'",
            "did you mean 'keys'?",
            11,
        ),
        (
            "routing: {zzz: 1}",
            "PL-C010",
            "unknown key 'zzz'",
            "known keys: exploration_percent, llm_provider, model, route_on_user_only, "
            "router, routing_budget, session_cache, session_max_entries, session_ttl_seconds",
            11,
        ),
        ("mode: llm", "PL-C016", "'mode' is not supported", "there is one mode; remove it", 1),
        (
            "state_storage: {connection_string: x}",
            "PL-C012",
            "missing key 'type' in 'state_storage'",
            "add 'type: sqlite' (memory or sqlite)",
            17,
        ),
        (
            "model_aliases: {a: {}}",
            "PL-C012",
            "missing key 'target' in 'model_aliases.a'",
            "add 'target: openai/gpt-4o'",
            20,
        ),
        ("model_aliases: {a: }", "PL-C012", "'a' has no value", "give it a value", 17),
        ("routing: 5", "PL-C013", "'routing' wants keys below it, found '5'", None, 10),
        ("routing: [5]", "PL-C013", "'routing' wants keys below it, found a list", None, 10),
        ("ratelimits: 5", "PL-C013", "'ratelimits' wants a list, found '5'", "begin each item with '- '", 13),
        ("ratelimits: {a: b}", "PL-C013", "'ratelimits' wants a list, found keys", "begin each item with '- '", 14),
        ("model_providers: []", "PL-C014", "'model_providers' is empty", "it needs at least one entry", 18),
        ("admin: {port: 70000}", "PL-C014", "expected a whole number from 0 to 65535, found '70000'", None, 15),
        ("admin: {token: [a]}", "PL-C013", "expected a key, found a list", None, 16),
        ("admin: {token: pineapple}", "PL-C014", "the key is shorter than 16 characters", None, 16),
        ("prompt_caching: {enabled: on}", "PL-C013", "expected true or false, found 'on'", None, 27),
        (
            "state_storage: {type: sqlit}",
            "PL-C015",
            "expected memory or sqlite, found 'sqlit'",
            "did you mean 'sqlite'?",
            23,
        ),
        (
            "model_metrics_sources: [{type: Cost}]",
            "PL-C015",
            "expected cost or latency, found 'Cost'",
            "did you mean 'cost'?",
            32,
        ),
        ("model_metrics_sources: [5]", "PL-C013", None, None, 25),
        ("listeners: 5", "PL-C013", "'listeners' wants a list, found '5'", "begin each item with '- '", 12),
        (
            "tracing: {span_attributes: {header_prefixes: ['a b']}}",
            "PL-C017",
            "expected the name of a header field",
            None,
            47,
        ),
        (
            'model_aliases: {"\\e": {target: a}}',
            "PL-C014",
            "the text holds a line break or control character",
            None,
            17,
        ),
    ],
)
def test_misfits(section: str, code: str, reason: str | None, hint: str | None, column: int) -> None:
    """One misfit is one problem: code, reason, hint and place."""
    (problem,) = problems(f"{HEAD}{section}\n")
    assert problem.place is not None
    assert (problem.code, problem.place.line, problem.place.column) == (code, 2, column)
    if reason is not None:
        assert (problem.reason, problem.hint) == (reason, hint)


def test_all_at_once() -> None:
    """One misfit does not hide another."""
    found = problems(f"{HEAD}a: 1\nb: 2\nadmin: {{port: x, c: 3}}\n")
    assert len(found) == 4


def test_an_optional_key_without_a_value_is_absent() -> None:
    """A key with nothing behind it counts as not written, where it may be left out."""
    assert problems(f"{HEAD}routing:\nlisteners:\nadmin: {{port: , token: }}\n") == ()


def test_variables_are_shown_as_written() -> None:
    """A misfit of a filled-in value shows the variable, which is what stands in the file."""
    root, _ = read(f"{HEAD}admin: {{port: x}}\n")
    assert isinstance(root, Mapping)
    assert "found 'x'" in validate(root)[1][0].reason
