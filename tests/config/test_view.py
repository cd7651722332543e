"""The tolerant reading: an answer to every question, whatever the file looks like."""

from __future__ import annotations

import pytest

from plano.config.checks import check
from plano.config.document import Mapping, Scalar, read
from plano.config.view import Part, View, shown, text_of


def view(text: str) -> View:
    root, _ = read(text)
    assert isinstance(root, Mapping)
    return View.of(root, is_dev=False)


@pytest.mark.parametrize(
    "value", ["", "x", "[]", "[[]]", "{}", "[{}]", "[x, {}]", "{a: {b: [c]}}", "[{a: b}]", "~", "''"]
)
@pytest.mark.parametrize(
    "path",
    [
        "version",
        "listeners",
        "listeners:\n - address",
        "listeners:\n  egress_traffic",
        "model_providers",
        "model_providers:\n - model",
        "model_providers:\n - model: openai/x\n   headers",
        "model_aliases",
        "model_aliases:\n  a",
        "model_aliases:\n  a:\n    target",
        "routing_preferences",
        "routing_preferences:\n - models",
        "routing_preferences:\n - selection_policy",
        "routing_preferences:\n - selection_policy:\n     weights",
        "model_metrics_sources",
        "model_metrics_sources:\n - model_aliases",
        "callers",
        "callers:\n  keys",
        "admin",
        "routing",
        "routing:\n  session_cache",
        "overrides",
        "overrides:\n  llm_routing_model",
        "ratelimits",
        "ratelimits:\n - model",
        "tracing",
        "tracing:\n  exporters",
        "tracing:\n  opentracing_grpc_endpoint",
        "state_storage",
        "model_providers:\n - model: openai/x\n   routing_preferences",
        "llm_providers",
        "endpoints",
    ],
)
def test_no_check_stumbles(path: str, value: str) -> None:
    """Every check runs over every wrong shape at every place without an exception."""
    check(view(f"{path}: {value}\n"))


def test_text_of() -> None:
    """A usable scalar is not null, not blank, not a container."""
    root, _ = read("a: x\nb: ''\nc:\nd: [x]\n")
    assert isinstance(root, Mapping)
    part = Part(root)
    assert part.text("a") is not None
    assert [part.text(key) for key in "bcde"] == [None] * 4
    assert text_of(None) is None


def test_shown_is_what_was_written() -> None:
    """A scalar is quoted as it stands in the file, not as filled in."""
    root, _ = read("$A")
    assert isinstance(root, Scalar)
    assert shown(Scalar("value", root.place, True, root.written, ("A",))) == "'$A'"


def test_providers_of_both_lists() -> None:
    """Providers are found under the old name as well, with their parts."""
    providers = view("llm_providers:\n  - model: a/b/c\n  - model: d/*\n    name: e\n  - 5\n  - {}\n").providers
    assert [(each.prefix, each.model_id, each.is_wildcard) for each in providers] == [
        ("a", "b/c", False),
        ("d", "*", True),
        ("", "", False),
    ]
    assert [each.label.text if each.label else None for each in providers] == ["a/b/c", "e", None]
