"""What a list of routes is tried with, and that no route wins by its own words."""

from __future__ import annotations

from plano.config.settings import RoutingTest
from plano.domain.intent import Intent, Question
from plano.domain.route import Route
from plano.evaluate.probes import ANYTHING, Heard, Probe, heard, probes
from tests.evaluate.made import case

BILLING = Route("billing", "invoices, refunds and reminders", ("m",), examples=("where is my invoice?",))
PYTHON = Route("python", "programming", ("m",))


class Literal:
    """Gives a route 0.9 where its description or an example has the words of the prompt, else 0.1."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def recall(self, question: Question) -> Intent | None:
        return None

    def classify(self, question: Question) -> Intent:
        self.asked.append(question)
        text = question.conversation.turns[-1].text
        scores = [
            (one.name, 0.9 if text in one.description or text in one.examples else 0.1) for one in question.routes
        ]
        name, best = max(scores, key=lambda score: score[1])
        return Intent(name if best >= 0.5 else None, tuple(scores), threshold=0.5)


def test_probes() -> None:
    """Parts of descriptions, examples, tests that want something, cases, and what belongs nowhere; each once."""
    tests = (RoutingTest("a test", "billing"), RoutingTest("none", no_route=True), RoutingTest("any", first_model="m"))
    found = probes((BILLING, PYTHON), tests, (case("python", text="a case"), case("python", text="a case")))
    assert found[:8] == (
        Probe("invoices", "billing", "description"),
        Probe("refunds", "billing", "description"),
        Probe("reminders", "billing", "description"),
        Probe("programming", "python", "description"),
        Probe("where is my invoice?", "billing", "example"),
        Probe("a test", "billing", "test"),
        Probe("none", None, "test"),
        Probe("a case", "python", "case"),
    )
    assert [probe.text for probe in found[8:]] == list(ANYTHING)


def test_words_that_two_routes_share() -> None:
    """They are a prompt of each."""
    twin = Route("b", PYTHON.description, ("m",))
    found = probes((PYTHON, twin), (), ())
    assert [probe.wanted for probe in found if probe.text == "programming"] == ["python", "b"]


def test_own_words_are_left_out() -> None:
    """The scores are those without them; the route that is taken is that of the whole configuration."""
    said = heard(Literal(), (BILLING, PYTHON), probes((BILLING, PYTHON), (), ()))
    first, example, single = said[0], said[4], said[3]
    assert (first.got, first.scores, first.winner) == ("billing", {"billing": 0.1, "python": 0.1}, None)
    assert (example.got, example.scores["billing"]) == ("billing", 0.1)
    assert (single.got, single.scores["python"]) == ("python", 0.1)


def test_what_is_left_of_a_description() -> None:
    """The other parts; where none are left, the name."""
    router = Literal()
    heard(router, (BILLING, PYTHON), probes((BILLING, PYTHON), (), ())[:4])
    shown = [tuple(route.description for route in question.routes) for question in router.asked]
    assert shown[1] == ("refunds, reminders", "programming")
    assert shown[7] == (BILLING.description, "python")


def test_cases_are_asked_once() -> None:
    """There is nothing of them to leave out."""
    router = Literal()
    said = heard(router, (BILLING,), (Probe("invoices", "billing", "case"),))
    assert len(router.asked) == 1
    assert said == (Heard(Probe("invoices", "billing", "case"), "billing", {"billing": 0.9}, 0.5),)


def test_words_of_a_route_without_a_subject_are_no_prompts() -> None:
    """Nobody says "casual conversation"; its examples are what users say."""
    wide = Route("general", "casual conversation and simple queries", ("m",), examples=("how are you?",))
    rest = Route("default", "anything else", ("m",))
    found = [probe for probe in probes((wide, rest), (), ()) if probe.source != "anything"]
    assert found == [Probe("how are you?", "general", "example")]
