"""Inline preferences: what the endpoint's table leaves open, and the laws behind it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.limits import MAX_MODELS_PER_ROUTE, MAX_PREFERENCES_BYTES
from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.domain.route import AUTHORS_ORDER, RouteTable, SelectionPolicy
from plano.errors import InvalidPreferences
from plano.wire.preferences import parse_preferences

NAMES = ("a/one", "a/two", "b/one")
HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")
TABLE = ModelTable(
    {name: Model(name, name[0], name[2:], HERE) for name in NAMES},
    wildcards={"w": Model("w/*", "w", "*", HERE)},
    aliases={"fast": "a/two"},
    default="a/one",
)
ENTRY: dict[str, Any] = {"name": "n", "description": "d", "models": ["a/one"]}


def read(*entries: Any) -> RouteTable:
    """The routes of a list with these entries."""
    return parse_preferences(list(entries), json.dumps(entries).encode(), TABLE)


def place_of(*entries: Any) -> str | None:
    """The place of the mistake."""
    with pytest.raises(InvalidPreferences) as caught:
        read(*entries)
    assert caught.value.param is not None
    assert caught.value.message.startswith(caught.value.param)
    return caught.value.param


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(min_size=1, max_size=3) | json_values,
        "description": st.text(min_size=1, max_size=3) | json_values,
        "models": st.lists(st.sampled_from((*NAMES, "fast", "two", "x")), max_size=3) | json_values,
        "selection_policy": st.fixed_dictionaries(
            {}, optional={"prefer": st.sampled_from(["cheapest", "none", "best"]) | json_values, "weights": json_values}
        )
        | json_values,
        "examples": json_values,
    },
)


@given(json_values | st.lists(entries | json_values, max_size=3))
def test_routes_or_a_place(value: Any) -> None:
    """Any JSON gives routes that can be used, or a mistake with its place inside the list; nothing else is raised."""
    try:
        table = parse_preferences(value, b"", TABLE)
    except InvalidPreferences as error:
        assert str(error.param).startswith("routing_preferences")
    else:
        names = [route.name for route in table.routes]
        assert len(set(names)) == len(names)
        assert all(route.models and all(TABLE.find(name) for name in route.models) for route in table.routes)


def test_everything_there_is() -> None:
    """Names, aliases, bare ids and wildcards are resolved; one model counts once; extra keys are ignored."""
    policy = {
        "prefer": "balanced",
        "weights": {"price": 2, "latency": 0},
        "max_usd_per_mtok": 5,
        "max_ttft_s": 0.5,
        "x": 1,
    }
    models = ["fast", "a/two", "two", "w/new"]
    (route,) = read({**ENTRY, "models": models, "selection_policy": policy, "examples": ["e"], "x": 1}).routes
    assert route.models == ("a/two", "w/new")
    assert route.policy == SelectionPolicy("balanced", 2.0, 0.0, 5.0, 0.5)
    assert route.examples == ("e",)


def test_an_ambiguous_bare_id() -> None:
    """Two providers have it: the mistake names both."""
    with pytest.raises(InvalidPreferences, match="a/one and b/one"):
        read({**ENTRY, "models": ["one"]})


@pytest.mark.parametrize("policy", [None, {}, {"prefer": None}, {"prefer": ""}])
def test_saying_nothing(policy: Any) -> None:
    """Absence in all its forms is the author's order."""
    assert read({**ENTRY, "selection_policy": policy}).routes[0].policy == AUTHORS_ORDER


@pytest.mark.parametrize(
    ("policy", "place"),
    [
        ({"prefer": "Cheapest"}, "prefer"),
        ({"weights": []}, "weights"),
        ({"weights": {"cost": -1}}, "weights.cost"),
        ({"weights": {"cost": 1e308, "latency": 1e308}}, "weights.cost"),
        ({"weights": {"cost": 0, "latency": 0.0}}, "weights"),
        ({"weights": {"latency": "1"}}, "weights.latency"),
        ({"weights": {"cost": True}}, "weights.cost"),
        ({"max_usd_per_mtok": 0}, "max_usd_per_mtok"),
        ({"max_ttft_s": -0.1}, "max_ttft_s"),
        ({"max_ttft_s": False}, "max_ttft_s"),
    ],
)
def test_numbers_of_a_policy(policy: Any, place: str) -> None:
    """Weights are at least 0, ceilings above it, and true is no number."""
    assert place_of(ENTRY, {**ENTRY, "name": "m", "selection_policy": policy}) == (
        f"routing_preferences[1].selection_policy.{place}"
    )


@pytest.mark.parametrize(("examples", "place"), [("e", ""), ([5], "[0]"), (["e", " "], "[1]"), (["e" * 2049], "[0]")])
def test_examples(examples: Any, place: str) -> None:
    """Examples are a list of texts of bounded length."""
    assert place_of({**ENTRY, "examples": examples}) == f"routing_preferences[0].examples{place}"


def test_the_second_of_a_name() -> None:
    """A name used twice: the place is the second one."""
    assert place_of(ENTRY, {**ENTRY, "name": "m"}, ENTRY) == "routing_preferences[2].name"


def test_sizes_count_bytes() -> None:
    """Limits are bytes of UTF-8, and inclusive."""
    assert read({**ENTRY, "name": "é" * 64}).routes[0].name == "é" * 64
    assert place_of({**ENTRY, "name": "é" * 65}) == "routing_preferences[0].name"
    assert parse_preferences([ENTRY], b" " * MAX_PREFERENCES_BYTES, TABLE).routes
    with pytest.raises(InvalidPreferences):
        parse_preferences([ENTRY], b" " * (MAX_PREFERENCES_BYTES + 1), TABLE)
    assert read({**ENTRY, "models": ["a/one"] * MAX_MODELS_PER_ROUTE}).routes[0].models == ("a/one",)


def test_ceilings_are_plain_numbers() -> None:
    """The smallest number above 0 is a ceiling."""
    policy = read({**ENTRY, "selection_policy": {"max_ttft_s": math.ulp(0.0)}}).routes[0].policy
    assert policy.max_ttft_s == math.ulp(0.0)
