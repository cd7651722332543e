"""Who is asked in a cascade, and whose word counts."""

from __future__ import annotations

import pytest

from plano.domain.intent import Asked, Intent, degraded
from plano.intent.cascade import BURST, Band, Cascade, Share, Step, Steps, embedded_alone, model_alone

SAID = Intent("talk", asked=Asked("plano/r", 0.05, "answered"))
FAILED = Intent(None, router="degraded", trouble="500", asked=Asked("plano/r", 0.05, "500"))


def own(best: float, route: str | None = "code") -> Intent:
    """What the embedded router says of two routes."""
    return Intent(route, (("code", best), ("talk", best / 2)), threshold=0.6, margin=best / 2, text="hi")


def led(steps: Steps, embedded: Intent, model: Intent = SAID) -> tuple[list[Step], Intent]:
    """(Who was asked, the answer.)"""
    asked: list[Step] = []
    step = next(steps)
    try:
        while True:
            asked.append(step)
            step = steps.send(embedded if step == "embedded" else model)
    except StopIteration as end:
        return asked, end.value


def cascade(most: float = 1.0) -> Cascade:
    return Cascade(Band(0.3, 0.8), Share(most))


@pytest.mark.parametrize(
    ("best", "is_asked"),
    [(0.0, False), (0.299, False), (0.3, True), (0.6, True), (0.799, True), (0.8, False), (1.0, False)],
)
def test_the_band(best: float, is_asked: bool) -> None:
    """From its lower end on and below its upper end the embedded router is unsure."""
    asked, answer = led(cascade().steps(), own(best))
    assert asked == (["embedded", "model"] if is_asked else ["embedded"])
    assert answer.escalation == ("asked" if is_asked else "not_needed")
    assert answer.route == ("talk" if is_asked else "code")


def test_nothing_to_read() -> None:
    """Where nothing could be scored the model would have nothing to read either."""
    assert led(cascade().steps(), Intent(None))[0] == ["embedded"]


def test_the_models_word() -> None:
    """Its route counts, also none; the scores stay those of the embedded router, and who decided is said."""
    for route in ("talk", None):
        said = Intent(route, text="longer", asked=SAID.asked)
        _, answer = led(cascade().steps(), own(0.7), said)
        assert (answer.route, answer.router, answer.said_by) == (route, "ok", "plano/r")
        assert (answer.scores, answer.threshold, answer.text) == (own(0.7).scores, 0.6, "hi")


def test_a_model_in_trouble() -> None:
    """Then the unsure word counts, and is marked."""
    _, answer = led(cascade().steps(), own(0.7), FAILED)
    assert (answer.route, answer.router, answer.trouble, answer.said_by) == ("code", "degraded", "500", None)
    assert answer.asked == FAILED.asked


def test_an_embedded_router_in_trouble() -> None:
    """The model stands in; when it fails too there is no route."""
    _, answer = led(cascade().steps(), degraded("late"))
    assert (answer.route, answer.router, answer.trouble) == ("talk", "ok", None)
    _, answer = led(cascade().steps(), degraded("late"), FAILED)
    assert (answer.route, answer.router, answer.trouble) == (None, "degraded", "late")


def test_the_share_is_bounded() -> None:
    """Of many unsure decisions no more than the share goes to the model, and the first few."""
    one = cascade(0.2)
    answers = [led(one.steps(), own(0.5))[1] for _ in range(1000)]
    asked = sum(answer.escalation == "asked" for answer in answers)
    assert asked <= 0.2 * 1000 + BURST
    assert asked >= 0.2 * 1000
    refused = [answer for answer in answers if answer.escalation == "over_share"]
    assert len(refused) == 1000 - asked
    assert {(answer.route, answer.router) for answer in refused} == {("code", "ok")}


def test_rare_doubt_is_never_refused() -> None:
    """One unsure decision in ten stays below a share of a fifth: the model is asked each time."""
    one = cascade(0.2)
    answers = [led(one.steps(), own(0.5 if number % 10 == 0 else 0.9))[1] for number in range(1000)]
    assert "over_share" not in {answer.escalation for answer in answers}


def test_no_share() -> None:
    """A share of 0 asks never, of 1 always."""
    nobody, always = cascade(0.0), cascade(1.0)
    assert {led(nobody.steps(), own(0.5))[1].escalation for _ in range(50)} == {"over_share"}
    assert {led(always.steps(), own(0.5))[1].escalation for _ in range(50)} == {"asked"}


def test_a_model_that_could_not_be_asked_costs_nothing() -> None:
    """While its breaker is open the share is kept for when it is well again."""
    one = cascade(0.01)
    for _ in range(100):
        _, answer = led(one.steps(), own(0.5), degraded("ejected"))
        assert (answer.route, answer.router, answer.trouble, answer.escalation) == (
            *("code", "degraded", "ejected", "held_back"),
        )
    assert led(one.steps(), own(0.5))[1].escalation == "asked"


def test_one_router_alone() -> None:
    """What it says is the answer."""
    assert led(embedded_alone(), own(0.5)) == (["embedded"], own(0.5))
    assert led(model_alone(), own(0.5)) == (["model"], SAID)
