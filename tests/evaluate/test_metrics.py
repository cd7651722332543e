"""The metrics, against numbers counted by hand."""

from __future__ import annotations

import pytest

from plano.evaluate.metrics import Groups, measure
from tests.evaluate.made import case


def test_counts_none_as_a_class() -> None:
    """Five cases, three right: shares by hand."""
    cases = [case("code"), case("code"), case("chat"), case(None), case(None)]
    metrics = measure(cases, ["code", "chat", None, None, "code"])
    assert metrics.cases == 5
    assert metrics.accuracy == pytest.approx(2 / 5)
    assert metrics.routed_accuracy == pytest.approx(1 / 3)
    assert metrics.none_precision == pytest.approx(1 / 2)
    assert metrics.none_recall == pytest.approx(1 / 2)
    assert metrics.groups is None
    # code: 1 hit of 2 wanted and 2 given; chat: none of 1 and 1; none: 1 of 2 and 2.
    assert metrics.macro_f1 == pytest.approx((0.5 + 0 + 0.5) / 3)


def test_f1_counts_what_was_given_and_what_was_wanted() -> None:
    """code: 1 hit of 1 wanted and 3 given, 1/2; none: 0 of 2 and 0; a route that is never wanted is no class."""
    metrics = measure([case("code"), case(None), case(None)], ["code", "code", "code"])
    assert metrics.macro_f1 == pytest.approx((0.5 + 0) / 2)
    assert measure([case("code"), case(None)], ["chat", None]).macro_f1 == pytest.approx((0 + 1) / 2)


def test_perfect_answers_are_one_everywhere() -> None:
    """All right is 1 in every share."""
    cases = [case("code"), case("chat"), case(None)]
    metrics = measure(cases, ["code", "chat", None])
    shares = (metrics.accuracy, metrics.routed_accuracy, metrics.none_precision, metrics.none_recall, metrics.macro_f1)
    assert shares == (1, 1, 1, 1, 1)


def test_spans_and_conversations_are_right_as_a_whole() -> None:
    """Turns count in their own order; a span is a run of one right answer; one wrong turn spoils both."""
    cases = [
        case("chat", conversation="a", turn=5),
        case("code", conversation="a", turn=1),
        case("code", conversation="a", turn=3),
        case("code", conversation="a", turn=7),
        case(None, conversation="b", turn=1),
        case("chat"),
    ]
    answers = ["chat", "code", "chat", "code", None, None]
    # a: code code | chat | code, the first span spoilt; b: one span.
    assert measure(cases, answers).groups == Groups(2, 0.5, 4, 0.75)


def test_conversations_of_two_sets_are_two() -> None:
    """The same conversation id in another set is another conversation."""
    cases = [case("code", conversation="a", dataset="x"), case("code", conversation="a", dataset="y")]
    assert measure(cases, ["code", None]).groups == Groups(2, 0.5, 2, 0.5)


def test_nothing_to_count_is_zero() -> None:
    """No case is no error."""
    metrics = measure([], [])
    assert (metrics.cases, metrics.accuracy, metrics.macro_f1) == (0, 0, 0)


def test_one_answer_per_case() -> None:
    """A missing answer is a mistake of the caller, not a wrong answer."""
    with pytest.raises(ValueError, match="zip"):
        measure([case("code")], [])
