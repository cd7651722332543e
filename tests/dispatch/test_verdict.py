"""The table of endings, row by row, and the laws every row obeys."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.dispatch.verdict import (
    BY_CODE,
    BY_ENDING,
    BY_STATUS,
    BY_TYPE,
    SAID,
    SEVERITY,
    chain_failed,
    judge,
    outcome_of,
)
from plano.domain.attempt import Failed, Hold, NoAnswer, Refused, Skipped, Throttled, Try, Verdict

ENDINGS: tuple[NoAnswer, ...] = get_args(NoAnswer)
EVERY = (*range(100, 600), *ENDINGS)


@pytest.mark.parametrize(
    ("ending", "code", "status", "may_retry"),
    [
        ("connect", "upstream_connect_failed", 502, True),
        ("connect_timeout", "upstream_timeout", 504, False),
        ("reset", "upstream_truncated", 502, True),
        ("timeout", "upstream_timeout", 504, False),
        ("protocol", "upstream_invalid_response", 502, False),
        ("truncated", "upstream_truncated", 502, False),
        ("inband", "upstream_error", 502, False),
        (204, "upstream_invalid_response", 502, False),
        (307, "upstream_invalid_response", 502, False),
        (401, "upstream_account_error", 502, False),
        (402, "upstream_account_error", 502, False),
        (403, "upstream_account_error", 502, False),
        (404, "upstream_model_missing", 502, False),
        (408, "upstream_timeout", 504, False),
        (410, "upstream_model_missing", 502, False),
        (500, "upstream_error", 502, True),
        (501, "upstream_error", 502, False),
        (502, "upstream_error", 502, True),
        (503, "upstream_overloaded", 503, True),
        (504, "upstream_timeout", 504, True),
        (505, "upstream_error", 502, False),
        (529, "upstream_overloaded", 503, True),
    ],
)
def test_providers_fault(ending: int | NoAnswer, code: str, status: int, may_retry: bool) -> None:
    """The next candidate is tried; the row says what the caller is told when there is none, and who is asked again."""
    assert judge(ending) == Verdict("failed", code, status, may_retry)
    assert judge(ending, "a_code_nobody_knows") == judge(ending)


@pytest.mark.parametrize("status", [400, 405, 406, 409, 411, 413, 415, 418, 422, 431, 451, 499])
def test_callers_fault(status: int) -> None:
    """Any other 4xx is the caller's, and passed on with its own status."""
    assert judge(status).kind == "refused"
    assert outcome_of(judge(status), status, Hold(1.0)) == Refused(status)


@pytest.mark.parametrize(
    ("ending", "code", "kind", "told"),
    [
        (429, "insufficient_quota", "failed", "upstream_account_error"),
        (404, "object_not_found", "refused", "upstream_rejected"),
        (400, "model_not_found", "failed", "upstream_model_missing"),
        (403, "model_not_found", "failed", "upstream_model_missing"),
        (500, "content_policy_violation", "refused", "upstream_rejected"),
        (429, "content_policy_violation", "refused", "upstream_rejected"),
        (400, "context_length_exceeded", "refused", "context_length_exceeded"),
        ("inband", "rate_limit_exceeded", "throttled", "upstream_rate_limited"),
        ("inband", "content_policy_violation", "refused", "upstream_rejected"),
    ],
)
def test_a_known_code_wins(ending: int | NoAnswer, code: str, kind: str, told: str) -> None:
    """A provider's own error code says more than its status."""
    verdict = judge(ending, code)
    assert (verdict.kind, verdict.code) == (kind, told)


@pytest.mark.parametrize(
    ("ending", "kind", "expected"),
    [
        (504, "timeout_error", judge(504)),
        (529, "overloaded_error", judge(529)),
        (500, "rate_limit_error", judge(500)),
        (400, "rate_limit_error", judge(429)),
        ("inband", "overloaded_error", judge(503)),
    ],
)
def test_a_type_that_repeats_a_status(ending: int | NoAnswer, kind: str, expected: Verdict) -> None:
    """It counts where the status says nothing: a 504 used to lose its retry by the type that came with it."""
    assert judge(ending, kind) == expected


@given(st.sampled_from(EVERY), st.none() | st.sampled_from(sorted(BY_CODE | BY_TYPE)) | st.text(max_size=9))
def test_every_ending_has_a_verdict(ending: int | NoAnswer, code: str | None) -> None:
    """Total: any ending with any code has a row; a failure has a place in the order and a status of 429 or 5xx."""
    verdict = judge(ending, code)
    if verdict.kind != "refused":
        assert verdict.code in SEVERITY
        assert verdict.status == 429 or 500 <= verdict.status < 600
    outcome = outcome_of(verdict, ending, None)
    assert isinstance(outcome, {"failed": Failed, "throttled": Throttled, "refused": Refused}[verdict.kind])


def test_what_is_never_retried() -> None:
    """Silence, a cut answer, an account or a missing model: asking the same model again helps nobody."""
    hopeless = ("upstream_account_error", "upstream_model_missing", "upstream_invalid_response")
    rows = (*BY_STATUS.values(), *BY_ENDING.values(), *BY_CODE.values())
    assert not [row for row in rows if row.may_retry and (row.code in hopeless or row.kind != "failed")]
    assert not BY_ENDING["timeout"].may_retry


def test_a_hold_is_kept() -> None:
    """A named time belongs to the outcome."""
    assert outcome_of(judge(429), 429, Hold(3.0)) == Throttled(Hold(3.0))
    assert outcome_of(judge(503), 503, Hold(3.0)) == Failed(503, judge(503), Hold(3.0))


@pytest.mark.parametrize(("one", "two"), [*product((429, 503, "timeout", 500, "truncated"), repeat=2)])
def test_worst_news_in_either_order(one: int | NoAnswer, two: int | NoAnswer) -> None:
    """The code does not depend on who failed first."""
    tries = (Try("a", str(one)), Try("b", str(two)))
    there, back = (
        chain_failed(tries, (judge(first), judge(second)), None, hit_deadline=False)
        for first, second in ((one, two), (two, one))
    )
    assert (there.code, there.status) == (back.code, back.status)
    assert there.code == min((judge(one).code, judge(two).code), key=SEVERITY.index)


def test_every_ending_has_words() -> None:
    """Whoever reads only the message learns what happened; a status is known to everybody."""
    assert set(SAID) == {*get_args(NoAnswer), *get_args(Skipped)}


def test_the_error_of_a_chain() -> None:
    """It tells every try in order; the deadline outweighs other endings; without any try nobody was available."""
    tries = (Try("a", "500"), Try("b", "deadline"))
    error = chain_failed(tries, (judge(500),), 2.5, hit_deadline=True)
    assert (error.code, error.status, error.retry_after_s) == ("deadline_exceeded", 504, 2.5)
    assert error.attempts == (("a", "500"), ("b", "deadline"))
    assert "a 500; b not asked: no time is left" in error.message
    assert error.tried
    busy = chain_failed((Try("a", "busy"),), (judge("busy"),), None, hit_deadline=False)
    assert (busy.code, busy.status, busy.retry_after_s, busy.tried) == ("gateway_overloaded", 503, 1.0, False)
    held = chain_failed((Try("a", "held"),), (), 1.0, hit_deadline=False)
    assert (held.code, held.status, held.tried) == ("no_candidate_available", 429, False)
