"""Scores and features of a match."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from plano.intent.bank import Bank
from plano.intent.encoders.geometry import Floats, unit
from plano.intent.matching import FEATURES, RouteVectors, Space, Views

D = 12
CHANCE = np.random.default_rng(7)
BEGINNING = CHANCE.bit_generator.state


def rows(count: int) -> Floats:
    """Random unit vectors."""
    return unit(CHANCE.normal(size=(count, D)).astype(np.float32))


@pytest.fixture(autouse=True)
def _same_chance() -> None:
    """Every test has the same vectors, whichever ran before it."""
    CHANCE.bit_generator.state = BEGINNING


@pytest.fixture
def space() -> Space:
    """A space with a bank of eight tasks."""
    requests = np.rint(rows(16) * 127).astype(np.int8)
    return Space(rows(3), Bank.of(rows(8), requests, np.arange(0, 17, 2)))


def feature(match_features: tuple[float, ...], name: str) -> float:
    """One feature by its name."""
    return match_features[FEATURES.index(name)]


def test_every_order_of_the_routes_gives_the_same_scores(space: Space) -> None:
    """Shuffled routes get their own scores and the same features, to the last bit."""
    views = Views(rows(2), length=30)
    routes = [space.route(rows(count), None) for count in (1, 3, 2, 5)]
    first = space.match(views, routes)
    for order in permutations(range(4)):
        match = space.match(views, [routes[place] for place in order])
        assert match.scores == tuple(first.scores[place] for place in order)
        assert match.features == first.features


def test_the_whole_description_and_its_best_facet_count(space: Space) -> None:
    """Half each, whatever the other facets are: one of them that is the request itself is half of the cosine."""
    asked, described = rows(1), rows(4)
    route = space.route(np.concatenate((described, asked)), None)
    match = space.match(Views(asked, length=30), [route])
    whole = float((described[:1] @ asked.T)[0, 0])
    assert feature(match.features, "direct") == pytest.approx((whole + 1) / 2, abs=1e-5)


def test_what_a_route_means_counts_as_a_facet_and_for_the_bank(space: Space) -> None:
    """The whole description stays the whole; a task of the bank is as like the route as the likest of all readings."""
    asked, described = rows(1), rows(2)
    route = space.route(described, None, meant=asked)
    match = space.match(Views(asked, length=30), [route])
    whole = float((described[:1] @ asked.T)[0, 0])
    assert feature(match.features, "direct") == pytest.approx((whole + 1) / 2, abs=1e-5)
    both = [space.route(each, None).likeness for each in (described[:1], asked)]
    assert route.likeness == pytest.approx(np.maximum(*both), abs=1e-5)


def test_features_have_their_names_and_are_finite(space: Space) -> None:
    """One number per name, for one route as for many."""
    for count in (1, 2, 40):
        match = space.match(Views(rows(1), length=0), [space.route(rows(2), None) for _ in range(count)])
        assert len(match.features) == len(FEATURES)
        assert len(match.scores) == count
        assert np.isfinite(match.features).all()


def test_the_margin_is_capped_and_full_for_one_route(space: Space) -> None:
    """A lone route is as far ahead as a route can be; twins are not ahead at all."""
    asked = Views(rows(1), length=30)
    route = space.route(rows(3), None)
    assert feature(space.match(asked, [route]).features, "margin") == 0.15
    assert feature(space.match(asked, [route, route]).features, "margin") == 0


def test_a_short_last_turn_leans_on_what_led_to_it(space: Space) -> None:
    """With "yes" the second view counts three quarters; with a whole sentence one quarter."""
    last, before = rows(1), rows(1)
    route = RouteVectors(before, before[:0], before[:0], 0.0, np.zeros(8, np.float32), 0.0)
    views = np.concatenate((last, before))
    cosine = float((last @ before.T)[0, 0])
    short = space.match(Views(views, length=3), [route]).features
    long = space.match(Views(views, length=200), [route]).features
    assert feature(short, "direct") == pytest.approx(0.25 * cosine + 0.75, abs=1e-5)
    assert feature(long, "direct") == pytest.approx(0.75 * cosine + 0.25, abs=1e-5)
    assert feature(short, "is_followup") == 1


def test_examples_only_help(space: Space) -> None:
    """An example like the request raises the route's score; examples unlike it take nothing away."""
    asked = rows(1)
    described = rows(2)
    views = Views(asked, length=30)
    (bare,) = space.match(views, [space.route(described, None)]).scores
    (helped,) = space.match(views, [space.route(described, asked)]).scores
    (unhelped,) = space.match(views, [space.route(described, -asked)]).scores
    assert helped > bare
    assert unhelped == bare


def test_words_in_common_are_added_to_the_cosine(space: Space) -> None:
    """Of the route that has them: in its score, and as what speaks against none."""
    views, routes = Views(rows(2), length=30), [space.route(rows(count), None) for count in (1, 3)]
    without, with_them = space.match(views, routes), space.match(views, routes, (0.0, 1.0))
    assert with_them.scores == pytest.approx((without.scores[0], without.scores[1] + 0.08))
    best = space.match(views, routes, (10.0, 0.0))
    assert feature(best.features, "direct") == pytest.approx(
        feature(space.match(views, routes[:1]).features, "direct") + 0.8
    )


def test_a_farewell_is_noticed_in_a_followup_only(space: Space) -> None:
    """A closing after something was said has all the likeness there is beyond 0.45, a first message none."""
    closing = space.closings[1:2]
    routes = [space.route(rows(2), None)]
    alone = space.match(Views(closing, length=6), routes).features
    later = space.match(Views(np.concatenate((closing, rows(1))), length=6), routes).features
    alike = space.match(Views(np.concatenate((-closing, rows(1))), length=6), routes).features
    assert feature(alone, "farewell") == 0
    assert feature(later, "farewell") == pytest.approx(0.55, abs=1e-5)
    assert feature(alike, "farewell") == 0


def test_the_tasks_nearby_lead_from_a_request_to_a_description(space: Space) -> None:
    """A request like those of task 2 favours the route described as task 2 is, though their vectors are unlike."""
    requests = unit(space.bank.requests[4:5].astype(np.float32))
    texts = space.bank.texts
    near, far = space.route(texts[2:3], None), space.route(texts[5:6], None)
    match = space.match(Views(requests, length=30), [near, far])
    direct = [float((route.facets @ requests.T)[0, 0]) for route in (near, far)]
    assert match.scores[0] - direct[0] > match.scores[1] - direct[1]
    assert feature(match.features, "bank_best") == pytest.approx(float((texts @ requests[0]).max()), abs=1e-5)


def test_an_example_that_every_request_is_like_gains_nothing(space: Space) -> None:
    """Examples take a handicap of as much as strangers are more like them than like the description."""
    common = rows(1)
    alike = np.repeat(np.rint(common * 127).astype(np.int8), 16, axis=0)
    crowded = replace(space, bank=Bank.of(space.bank.texts, alike, space.bank.starts))
    described = rows(2)
    views = Views(common, length=30)
    bare = feature(crowded.match(views, [crowded.route(described, None)]).features, "direct")
    taught = feature(crowded.match(views, [crowded.route(described, common)]).features, "direct")
    assert taught == pytest.approx(bare, abs=0.01)


def test_an_example_must_be_clearly_more_alike_than_the_description(space: Space) -> None:
    """The best of many examples is a little like anything: a lead of 0.05 over the description does not count."""
    asked, aside = np.eye(2, D, dtype=np.float32)
    described, example = ((c * asked + np.sqrt(1 - c * c) * aside)[None].astype(np.float32) for c in (0.80, 0.85))
    views = Views(asked[None], length=30)
    (bare,) = space.match(views, [space.route(described, None)]).scores
    (taught,) = space.match(views, [space.route(described, example)]).scores
    assert taught == bare


def test_what_a_route_excludes_takes_its_lead_away(space: Space) -> None:
    """As far as it is ahead of the description by more than 0.05; what lies behind takes nothing."""
    asked, described = rows(1), rows(1)
    views = Views(asked, length=40)
    bare = feature(space.match(views, [space.route(described, None)]).features, "direct")
    ahead = space.match(views, [space.route(described, None, excluded=asked)])
    behind = space.match(views, [space.route(described, None, excluded=-asked)])
    assert feature(ahead.features, "direct") == pytest.approx(bare - (1.0 - bare - 0.05), abs=1e-5)
    assert feature(behind.features, "direct") == bare


def test_the_bank_knows_a_route_by_what_it_is_told(space: Space) -> None:
    """A foreign description is compared with the bank's by the encoder that reads it, with requests by both."""
    described, read = rows(2), rows(1)
    route = space.route(described, None, known_by=read)
    assert np.array_equal(route.likeness, space.route(read, None).likeness)
    assert np.array_equal(route.facets, described)
