"""What a switch costs, and when a session may afford it: the numbers of the method's own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.catalog import Price, Rates
from plano.domain.episode import MAX_VISITS, Episode
from plano.ranking.switching import Terms, Turn, Verdict, begin, tightened, weigh

A, B, C = "a", "b", "c"
PRICES = {A: Price(Rates(3, 15, 0.3)), B: Price(Rates(5, 20, 0.5)), C: Price(Rates(0.1, 0.4))}
TERMS = Terms(25)
CONTEXT = 100_000


def turn(
    one: Episode,
    anchor: str,
    candidate: str,
    *,
    prices: dict[str, Price] = PRICES,
    terms: Terms = TERMS,
    now: float = 1.0,
) -> Verdict:
    """A warm turn."""
    return weigh(one, anchor, candidate, Turn(prices, terms, 0, now))


def episode(*, baseline_usd: float = 0.0, spend_usd: float = 0.0, switches: int = 0) -> Episode:
    """A session that began on A and has read 100,000 tokens there."""
    return Episode(A, CONTEXT, baseline_usd, spend_usd, switches).visited(A, CONTEXT, 0.0)


def test_sixty_three_turns() -> None:
    """From nothing: kept through warm turn 62 (ceiling 0.465), let go at 63 (0.4725), at a cost of 0.47."""
    one, verdicts = episode(), []
    for _ in range(63):
        verdicts.append(turn(one, A, B))
        one = verdicts[-1].episode
        assert one.spend_usd <= 0.25 * one.baseline_usd + 1e-9
    assert [verdict.reason for verdict in verdicts] == ["over_cap"] * 62 + ["within_cap"]
    assert verdicts[61].ceiling_usd == pytest.approx(0.465)
    assert verdicts[62].ceiling_usd == pytest.approx(0.4725)
    assert (verdicts[62].model, one.switches) == (B, 1)
    assert one.spend_usd == pytest.approx(0.47)
    assert all(verdict.model == A and verdict.is_retained for verdict in verdicts[:62])


@pytest.mark.parametrize(("baseline", "reason", "ceiling"), [(2.0, "within_cap", 0.5075), (1.0, "over_cap", 0.2575)])
def test_the_baseline_decides(baseline: float, reason: str, ceiling: float) -> None:
    """This turn's own share is in the ceiling."""
    verdict = turn(episode(baseline_usd=baseline), A, B)
    assert verdict.reason == reason
    assert verdict.ceiling_usd == pytest.approx(ceiling)
    assert verdict.cost_usd == pytest.approx(0.47)


def test_the_same_model() -> None:
    """Nothing is spent; the baseline grows."""
    verdict = turn(episode(), A, A)
    assert (verdict.reason, verdict.model) == ("same_anchor", A)
    assert verdict.episode.baseline_usd == pytest.approx(0.03)
    assert verdict.episode.switches == 0


def test_a_cheaper_model_is_free() -> None:
    """Reading anew at 0.1 costs less than reading from a cache at 0.3, whatever the ceiling; nothing is spent."""
    verdict = turn(episode(), A, C, terms=Terms(0))
    assert (verdict.reason, verdict.model, verdict.episode.spend_usd) == ("free", C, 0.0)
    assert verdict.cost_usd == pytest.approx(-0.02)


def test_the_way_back_is_warm() -> None:
    """A model that served a short while ago has the prompt: back to A is free, and to B again 0.02; after 301 s not."""
    at_b = episode(baseline_usd=10.0).visited(B, CONTEXT, 1.0)
    back = turn(at_b, B, A)
    assert back.reason == "free"
    assert back.cost_usd == pytest.approx(-0.02)
    again = turn(back.episode.visited(A, CONTEXT, 2.0), A, B, now=3.0)
    assert (again.reason, again.warm_tokens) == ("within_cap", CONTEXT)
    assert again.cost_usd == pytest.approx(0.02)
    later = turn(back.episode.visited(A, CONTEXT, 2.0), A, B, now=302.0)
    assert later.warm_tokens == 0
    assert later.cost_usd == pytest.approx(0.47)
    part = turn(episode(baseline_usd=10.0).visited(B, 80_000, 1.0).visited(A, CONTEXT, 2.0), A, B)
    assert part.cost_usd == pytest.approx(0.11)


@pytest.mark.parametrize("missing", [A, B])
def test_a_missing_price_is_never_0(missing: str) -> None:
    """Where a price is unknown the switch is allowed and said so; an unpriced model adds nothing to the baseline."""
    prices = {name: price for name, price in PRICES.items() if name != missing}
    verdict = turn(episode(), A, B, prices=prices)
    assert (verdict.reason, verdict.model, verdict.cost_usd) == ("no_pricing", B, None)
    assert verdict.episode.baseline_usd == (0.0 if missing == A else pytest.approx(0.03))
    assert verdict.episode.spend_usd == 0.0


@pytest.mark.parametrize(("rate", "reason"), [(0.59, "within_cap"), (0.60, "within_cap"), (0.61, "over_cap")])
def test_all_of_the_baseline(rate: float, reason: str) -> None:
    """At 100 % the limit of the first warm turn is twice the cached rate."""
    prices = {**PRICES, B: Price(Rates(rate, 20))}
    assert turn(episode(), A, B, prices=prices, terms=Terms(100)).reason == reason


def test_nothing_may_be_spent() -> None:
    """At 0 % only what is cheaper or unpriced is let through."""
    assert turn(episode(baseline_usd=1000.0), A, B, terms=Terms(0)).reason == "over_cap"


def test_an_estimate_where_nothing_was_counted() -> None:
    """18 tokens of text: a cost of 3.96e-5 against a ceiling of 1.08e-6."""
    verdict = weigh(Episode(A), A, B, Turn({**PRICES, B: Price(Rates(2.5, 10))}, Terms(20), 18, 1.0))
    assert verdict.reason == "over_cap"
    assert verdict.cost_usd == pytest.approx(3.96e-5)
    assert verdict.ceiling_usd == pytest.approx(1.08e-6)


def test_the_baseline_is_that_of_the_beginning() -> None:
    """After a free switch it still grows by what staying would have cost."""
    at_c = turn(episode(), A, C).episode.visited(C, CONTEXT, 2.0)
    assert turn(at_c, C, C).episode.baseline_usd == pytest.approx(0.06)


def test_a_discount_stands_for_an_unknown_rate() -> None:
    """A tenth of the input price, or what is configured."""
    prices = {**PRICES, A: Price(Rates(3, 15))}
    assert turn(episode(), A, A, prices=prices).episode.baseline_usd == pytest.approx(0.03)
    assert turn(episode(), A, A, prices=prices, terms=Terms(25, 0.5)).episode.baseline_usd == pytest.approx(0.15)


def test_a_cold_session_begins_anew() -> None:
    """With an empty account, or, where it does not replenish, with the old one; never with the old visits."""
    old = episode(baseline_usd=2.0, spend_usd=0.5, switches=3)
    assert begin(B, old, TERMS) == begin(B, None, TERMS) == Episode(B)
    kept = begin(B, old, Terms(25, replenishes=False))
    assert (kept.baseline_usd, kept.spend_usd, kept.switches, kept.visits) == (2.0, 0.5, 0, ())


@pytest.mark.parametrize(
    ("header", "share"),
    [("5", 5), ("50", 20), ("12.5", 12.5), ("0", 0), ("101", 20), ("-1", 20), ("abc", 20), ("nan", 20), (None, 20)],
)
def test_a_caller_only_tightens(header: str | None, share: float) -> None:
    """A lower share counts; a higher one, or none at all, changes nothing."""
    terms = tightened(Terms(20, 0.3, replenishes=False), header)
    assert terms == Terms(share, 0.3, replenishes=False)


def test_a_caller_may_set_one() -> None:
    """Where none is configured the caller's own counts, which is tighter than none."""
    assert tightened(None, "10") == Terms(10)
    assert tightened(None, "x") is None


def test_visits_are_few() -> None:
    """The model unused for longest is forgotten; each stands once."""
    one = episode()
    for number in range(20):
        one = one.visited(f"m{number % 10}", number, float(number))
    assert len(one.visits) == MAX_VISITS
    assert one.visits[-1].tokens == 19
    assert len({visit.model for visit in one.visits}) == MAX_VISITS


@given(
    st.lists(st.tuples(st.sampled_from([A, B, C]), st.integers(0, 200_000), st.floats(0, 400)), max_size=40),
    st.floats(0, 100),
)
def test_the_ceiling_holds(turns: list[tuple[str, int, float]], share: float) -> None:
    """Whatever a router wants: spend never exceeds the share, and the session is where the verdict says."""
    one, anchor, now, terms = Episode(A), A, 0.0, Terms(share)
    for wanted, tokens, pause in turns:
        now += pause
        verdict = weigh(one, anchor, wanted, Turn(PRICES, terms, tokens, now))
        assert verdict.model == (anchor if verdict.is_retained else wanted)
        assert verdict.episode.spend_usd <= share / 100 * verdict.episode.baseline_usd + 1e-9
        anchor = verdict.model
        one = verdict.episode.visited(anchor, tokens, now)
