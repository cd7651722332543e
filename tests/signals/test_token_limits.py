"""Windows of tokens: what fits in now, and when the next one does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.model import Endpoint, Model, Origin
from plano.domain.request import Metered
from plano.domain.usage import Usage
from plano.signals.token_limits import SELECTOR, SLOTS, TokenLimit, TokenLimits, Window

ENDPOINT = Endpoint(Origin("http", "h", 1), "/", "h")
GPT, MINI = (Model(f"openai/{each}", "openai", each, ENDPOINT) for each in ("gpt-4o", "gpt-4o-mini"))
ALICE = {SELECTOR: "x-user", "x-user": "alice"}


def limit(*models: str, tokens: int = 10, span_s: float = 60.0, value: str = "alice") -> TokenLimit:
    """A limit for whoever is ``value``."""
    return TokenLimit(frozenset(models or ("gpt-4o",)), "x-user", value, tokens, span_s)


steps = st.lists(st.tuples(st.floats(0, 40), st.integers(0, 12)), max_size=40)


@given(steps)
def test_never_more_within_the_span(asked: list[tuple[float, int]]) -> None:
    """Whatever is asked and when: no 60 seconds ever hold more than 10 tokens; what waits as told always fits then."""
    window, now, let_in = Window(10, 60.0), 1000.0, []
    for pause, tokens in asked:
        now += pause
        wait = window.wait_s(tokens, now)
        if tokens > 10:
            assert wait == math.inf
            continue
        assert 0 <= wait <= 60.0 + 60.0 / SLOTS
        now += wait + 1e-6 if wait else 0.0
        assert window.wait_s(tokens, now) == 0
        window.add(tokens, now)
        let_in.append((now, tokens))
        assert all(sum(n for at, n in let_in if begin - 60 < at <= begin) <= 10 for begin, _ in let_in)


def test_more_than_the_limit_never_fits() -> None:
    """A request larger than the whole limit has no time to come back at."""
    assert Window(10, 60.0).wait_s(11, 5.0) == math.inf
    assert Window(10, 60.0).wait_s(10, 5.0) == 0


def test_an_overdrawn_window_empties() -> None:
    """Where a provider counted far more than the estimate, the next one waits until enough of it is forgotten."""
    window = Window(10, 60.0)
    window.add(8, 0.0)
    window.add(500, 30.5)
    assert window.wait_s(0, 31.0) == pytest.approx(31 + 60 - 31)
    assert window.wait_s(0, 91.1) == 0


def test_its_memory_is_bounded() -> None:
    """However many requests there are, a window keeps no more than its slots."""
    window = Window(10**9, 60.0)
    for number in range(10_000):
        window.add(1, number * 0.1)
    assert len(window._counts) <= SLOTS + 2
    assert window.wait_s(10**9, 1000.0) > 0


def test_who_is_limited() -> None:
    """The field that the selector names must be one of a limit, with its value; everyone else has none."""
    limits = TokenLimits([limit()])
    assert limits.selected(ALICE) == ("x-user", "alice")
    assert limits.selected({SELECTOR: " X-User ", "x-user": "alice"}) == ("x-user", "alice")
    for fields in (
        {},
        {"x-user": "alice"},
        {SELECTOR: "x-user"},
        {SELECTOR: "x-user", "x-user": "bob"},
        {SELECTOR: "x-team", "x-team": "alice", "x-user": "alice"},
    ):
        assert limits.selected(fields) is None


def test_which_models_are_limited() -> None:
    """By name or bare id; several models of one limit share it; a second limit of the same caller counts as well."""
    limits = TokenLimits([limit("openai/gpt-4o", "gpt-4o-mini"), limit("gpt-4o", tokens=5)])
    meter = limits.meter(Metered("x-user", "alice", 4), [GPT, MINI])
    meter.charge(GPT.name, 0.0)
    assert meter.wait_s(GPT.name, 0.0) > 0
    assert meter.wait_s(MINI.name, 0.0) == 0
    meter.charge(MINI.name, 0.0)
    assert meter.wait_s(MINI.name, 0.0) > 0
    other = Model("openai/other", "openai", "other", ENDPOINT)
    assert limits.meter(Metered("x-user", "alice", 4), [other]).wait_s(other.name, 0.0) == 0
    assert TokenLimits([limit(value="bob")]).meter(Metered("x-user", "alice", 11), [GPT]).wait_s(GPT.name, 0.0) == 0


@pytest.mark.parametrize(
    ("usage", "next_fits"),
    [
        (None, 2),
        (Usage(), 2),
        (Usage(3, 2), 2),
        (Usage(3, 6), 1),
        (Usage(9, None), 1),
        (Usage(900, 50), -1),
    ],
)
def test_settling(usage: Usage | None, next_fits: int) -> None:
    """8 estimated tokens become what the provider counted, prompt and answer, where that is more."""
    limits = TokenLimits([limit()])
    meter = limits.meter(Metered("x-user", "alice", 8), [GPT])
    meter.charge(GPT.name, 0.0).settle(usage, 1.0)
    fitting = [limits.meter(Metered("x-user", "alice", n), [GPT]).wait_s(GPT.name, 1.0) == 0 for n in range(4)]
    assert fitting.count(True) == next_fits + 1


def test_giving_back() -> None:
    """What a provider did not serve does not count; once forgotten, it is not subtracted a second time."""
    limits = TokenLimits([limit()])
    meter = limits.meter(Metered("x-user", "alice", 8), [GPT])
    charge = meter.charge(GPT.name, 0.0)
    charge.give_back()
    assert meter.wait_s(GPT.name, 0.0) == 0
    late = meter.charge(GPT.name, 0.0)
    assert meter.wait_s(GPT.name, 100.0) == 0
    meter.charge(GPT.name, 100.0)
    late.give_back()
    assert meter.wait_s(GPT.name, 100.0) > 0


def test_the_same_limit_goes_on() -> None:
    """After a reload a limit that stays knows what was counted; a changed one begins anew."""
    old = TokenLimits([limit(), limit("gpt-4o-mini")])
    for model in (GPT, MINI):
        old.meter(Metered("x-user", "alice", 8), [model]).charge(model.name, 0.0)
    new = TokenLimits([limit(), limit("gpt-4o-mini", tokens=11)])
    new.take_over(old)
    meter = new.meter(Metered("x-user", "alice", 8), [GPT, MINI])
    assert meter.wait_s(GPT.name, 0.0) > 0
    assert meter.wait_s(MINI.name, 0.0) == 0
