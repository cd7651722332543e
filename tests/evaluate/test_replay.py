"""Kept records under another configuration, without any model call."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from plano.assembly import Decider
from plano.config.load import load_text
from plano.domain.catalog import Price, Rates
from plano.domain.decision import Expected
from plano.domain.intent import Asked
from plano.domain.snapshot import Pace, Quote
from plano.domain.usage import Usage
from plano.evaluate.replay import Replayed, replay
from plano.intent.fixed import FixedClassifier
from plano.observe.entry import Considered, Entry, Explained, Stayed
from tests.running import CHAT, CODE, KEYS, A, B, C, mission_text

CHEAPEST = mission_text().replace("    models:", "    selection_policy: {prefer: cheapest}\n    models:", 1)
PRICED = {A: Rates(3.0, 15.0), B: Rates(2.5, 10.0), C: Rates(0.15, 0.6)}


def considered(name: str, rank: int, latency: float) -> Considered:
    """A candidate as a record has it."""
    quote = Quote(PRICED[name].input + PRICED[name].output, "config", 1.0, price=Price(PRICED[name]))
    return Considered(name, rank, None, quote, Pace(latency, "measured", 1.0, tpot_s=0.01), 0.0, Expected(100))


def entry(
    *models: str, route: str | None = CODE, scores: tuple[float, float] = (0.9, 0.1), text: str | None = None
) -> Entry:
    """A record whose decision ranked these models."""
    candidates = tuple(considered(name, rank, 0.1 * rank) for rank, name in enumerate(models, 1))
    given = dict(zip((CODE, CHAT), scores, strict=True))
    explained = Explained("s", route, "ok", given, 0.5, 0.5, "none", candidates, 9, "h", text)
    return Entry("t", 0.0, 200, 0.5, model=C, prompt_bytes=400, usage=Usage(100, 50), served_by=A, decision=explained)


def replayed(entries: Sequence[Entry], text: str = CHEAPEST, *, answer: str | None = CODE) -> list[Replayed]:
    """The records under ``text``; a router that is asked says ``answer``."""
    decider = Decider.build(load_text(text, KEYS), classifier=FixedClassifier(default=answer))
    return list(replay(entries, decider))


def test_another_policy() -> None:
    """The same route, another first model, with what both would have cost and taken by the numbers of then."""
    (one,) = replayed([entry(A, B)])
    assert (one.is_rerouted, one.is_moved, one.basis) == (False, True, "scores")
    assert (one.old.model, one.new.model) == (A, B)
    assert one.old.usd == pytest.approx((100 * 3 + 50 * 15) / 1e6)
    assert one.new.usd == pytest.approx((100 * 2.5 + 50 * 10) / 1e6)
    assert (one.old.first_token_s, one.new.first_token_s) == (0.1, 0.2)


def test_the_same_configuration_changes_nothing() -> None:
    """Nothing is other where nothing was changed."""
    (one,) = replayed([entry(A, B)], mission_text())
    assert (one.is_rerouted, one.is_moved) == (False, False)


def test_scores_are_read_anew() -> None:
    """A route that is gone leaves the next one that reached the threshold, or none."""
    without = mission_text().replace(f"name: {CODE}", "name: poetry")
    (one,) = replayed([entry(A, B, scores=(0.6, 0.55))], without)
    assert (one.old.route, one.new.route, one.new.model, one.basis) == (CODE, CHAT, C, "unscored")
    (two,) = replayed([entry(A, B, scores=(0.9, 0.1))], without)
    assert (two.new.route, two.new.model) == (None, C)


def test_the_router_is_asked_where_its_text_was_kept() -> None:
    """Then new routes are judged as well."""
    (one,) = replayed([entry(A, B, text="hello")], mission_text(), answer=CHAT)
    assert (one.new.route, one.new.model, one.basis) == (CHAT, C, "router")


def test_another_threshold() -> None:
    """The scores of then are read by the threshold of the new configuration."""
    (one,) = replayed([entry(A, B)], mission_text() + "routing: {router: {threshold: 0.95}}\n")
    assert (one.old.route, one.new.route, one.basis) == (CODE, None, "scores")


def test_the_word_of_a_router_model() -> None:
    """It is kept while its route exists, as nobody asks a model again; nor is one asked that is only configured now."""
    said = entry(A, B, route=CHAT, scores=(0.9, 0.1), text="hello")
    assert said.decision is not None
    asked = Asked("plano/r", 0.05, "answered")
    said = msgspec.structs.replace(said, decision=msgspec.structs.replace(said.decision, asked=asked))
    (one,) = replayed([said], mission_text())
    assert (one.new.route, one.basis) == (CHAT, "model")
    (two,) = replayed([said], mission_text().replace(f"name: {CHAT}", "name: poetry"))
    assert (two.new.route, two.basis) == (None, "model")
    (three,) = replayed([entry(A, B, text="hello")], mission_text() + f"overrides: {{llm_routing_model: {C}}}\n")
    assert (three.new.route, three.basis) == (CODE, "model")


def test_a_request_that_measured_a_model() -> None:
    """It is compared by the order it would have had otherwise."""
    measuring = entry(B, A)
    assert measuring.decision is not None
    explained = msgspec.structs.replace(measuring.decision, is_exploration=True)
    (one,) = replayed([msgspec.structs.replace(measuring, decision=explained)], mission_text())
    assert (one.old.model, one.is_moved) == (A, False)


def test_a_request_that_followed_its_session() -> None:
    """Nobody decided anything for it."""
    decided = entry(A, B)
    assert decided.decision is not None
    pinned = msgspec.structs.replace(decided.decision, session=Stayed(True, False, A, 1.0, 0), scores={})
    assert replayed([msgspec.structs.replace(decided, decision=pinned)]) == []


def test_what_cannot_be_replayed_is_left_out() -> None:
    """Requests without a decision, and models that are not declared any more."""
    gone = msgspec.structs.replace(entry(A, B), model="acme/gone")
    assert replayed([Entry("t", 0.0, 400, 0.1), gone]) == []
