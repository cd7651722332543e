"""The fault matrix: 48 ways to fail, in 36 forms each, judged by the outcome table."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from plano.mock.said import answer
from tests.faults.cases import CALLER_SECRET, CASES, PROVIDER_SECRET, Case, cases_of
from tests.faults.modes import MODES, Breaks, Fails, Mode, PassedOn, Serves
from tests.faults.stories import Story, plain_story, stream_story
from tests.faults.theatre import Evening, Seen, play_in_real_time, play_mode

pytestmark = pytest.mark.timeout(300)

STATUSES = {
    "upstream_rate_limited": 429,
    "upstream_overloaded": 503,
    "upstream_timeout": 504,
    "deadline_exceeded": 504,
    "upstream_error": 502,
    "upstream_truncated": 502,
    "upstream_invalid_response": 502,
    "upstream_connect_failed": 502,
    "upstream_model_missing": 502,
    "upstream_account_error": 502,
}
DEADLINE_S = 300.0
STALL_S = 20.0
"""A test machine may stand still; the clock does not then."""


@cache
def evening(mode: Mode) -> Evening:
    """What the cases of a mode left behind; played once in each test process."""
    return play_mode(case for case in CASES if case.mode is mode)


def test_the_matrix_is_whole() -> None:
    """48 modes, three APIs, streamed and not, two kinds of upstream, three positions."""
    assert [mode.id for mode in MODES] == [f"F{number:02}" for number in range(1, 49)]
    assert len(CASES) == len({str(case) for case in CASES}) == 1_728
    assert all(len(list(cases_of(mode))) == 36 for mode in MODES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    """One case: the caller's view, the providers' view and the gateway's own account are what the table says."""
    judge(case, evening(case.mode).seen[case.number])


@pytest.mark.parametrize("mode_id", ["F01", "F09", "F12", "F26", "F30", "F37", "F42", "F46"])
def test_in_real_time(mode_id: str) -> None:
    """The same cases by the clock of the wall, and on the product's event loop: the clock that jumps is honest."""
    cases = [
        case for case in CASES if case.mode.id == mode_id and (case.api == "messages") is (case.upstream == "openai")
    ]
    seen = play_in_real_time(cases).seen
    for case in cases:
        judge(case, seen[case.number])


def judge(case: Case, seen: Seen) -> None:
    """Compares what was seen of a case with its row of the outcome table."""
    turn = 1 if case.mode.asks_twice else 0
    fate = case.mode.fate(is_stream=case.is_stream)
    served = _server(case)
    match fate:
        case Serves():
            _whole_answer(case, seen, turn, served)
        case Fails() if case.position == 2:
            _whole_answer(case, seen, turn, served)
        case Fails():
            _failed(case, seen, fate)
        case PassedOn(goes_on_to_larger=True) if case.position == 2:
            _whole_answer(case, seen, turn, served)
        case PassedOn():
            _passed_on(case, seen, fate)
        case Breaks():
            _broken(case, seen, fate)
    _attempts(case, seen, turn)
    _original_bytes(case, seen)
    _one_row(case, seen)
    _no_secrets(case, seen)
    _in_time(seen)
    if case.mode.holds_s is not None and isinstance(fate, Fails):
        _held(case, seen, fate)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.id)
def test_nothing_is_left(mode: Mode) -> None:
    """I11: no request in progress, no task; I10: no secret in the log; no bug was logged."""
    over = evening(mode)
    assert (over.requests_left, over.tasks_left) == (0, ())
    assert CALLER_SECRET not in over.log
    assert PROVIDER_SECRET not in over.log
    assert '"event":"bug"' not in over.log


def _server(case: Case) -> int:
    """The place of the candidate that must answer, where one must."""
    return 0 if isinstance(case.mode.fate(is_stream=case.is_stream), Serves) else 1


def _said(case: Case, place: int, number: int = 1) -> tuple[str, ...]:
    """The tokens that the candidate at a place says in its how-manieth attempt of the trace."""
    request = {"model": case.ids[place], "messages": [{"role": "user", "content": case.prompt}]}
    return answer(request, b"", attempt=number).tokens


def _story(case: Case, seen: Seen, turn: int) -> Story:
    got = seen.asked[turn]
    return (stream_story if case.is_stream else plain_story)(case.api, got.body)


def _whole_answer(case: Case, seen: Seen, turn: int, place: int) -> None:
    got = seen.asked[turn]
    assert (got.status, got.is_whole) == (200, True), got
    expected = "text/event-stream" if case.is_stream else "application/json"
    assert got.fields["content-type"].partition(";")[0] == expected
    assert got.fields["x-plano-model"] == case.models[place]
    story = _story(case, seen, turn)
    assert story.text == "".join(_said(case, place))
    assert (story.terminals, story.errors, story.malformed) == (1, [], 0)
    if case.is_stream and case.api == "chat":
        assert story.is_done
        assert got.body.rstrip().endswith(b"[DONE]")


def _failed(case: Case, seen: Seen, fate: Fails) -> None:
    got = seen.asked[0]
    error = _error(case, got.body)
    assert error["code"] in fate.codes
    overloaded = case.api == "messages" and error["code"] == "upstream_overloaded"
    assert got.status == (529 if overloaded else STATUSES[error["code"]])
    assert got.fields["x-should-retry"] == "false"
    assert got.fields["content-type"] == "application/json"
    assert "mock provider" not in got.body.decode()
    tries = [(each["model"], each["ending"]) for each in error["attempts"]]
    assert ", ".join(f"{model}={ending}" for model, ending in tries) == got.fields["x-plano-attempts"]
    if case.mode.holds_s is not None and not _is_free_again(case, fate):
        assert 1 <= int(got.fields["retry-after"]) <= case.mode.holds_s[1] + 1


def _is_free_again(case: Case, fate: Fails) -> bool:
    """Was the last candidate's hold waited for, so that the first one's is over as well?"""
    return fate.is_retried and case.position == 3


def _passed_on(case: Case, seen: Seen, fate: PassedOn) -> None:
    got = seen.asked[0]
    error = _error(case, got.body)
    assert (got.status, error["code"]) == (fate.status, fate.code)
    assert error["message"]
    assert "x-should-retry" not in got.fields
    assert got.fields["content-type"] == "application/json"


def _broken(case: Case, seen: Seen, fate: Breaks) -> None:
    got = seen.asked[0]
    assert (got.status, got.is_whole, got.is_closed) == (200, True, True)
    story = _story(case, seen, 0)
    said = _said(case, 0)
    assert story.text == "".join(said if fate.tokens is None else said[: fate.tokens])
    assert (story.terminals, story.is_done, story.malformed) == (0, False, 0)
    (error,) = story.errors
    assert error["code"] == fate.code
    assert error["trace_id"] == case.trace_id(0)
    last = got.body.rstrip().rpartition(b"\n\n")[2]
    assert b'"error"' in last


def _error(case: Case, body: bytes) -> dict[str, Any]:
    """The error of an answer, in the caller's dialect, with its trace."""
    document = json.loads(body)
    if case.api == "messages":
        assert document["type"] == "error"
        assert document["request_id"] == case.trace_id(0)
    error: dict[str, Any] = document["error"]
    assert error["trace_id"] == case.trace_id(0)
    assert error["type"]
    return error


def _attempts(case: Case, seen: Seen, turn: int) -> None:
    """I3: each candidate at most once, in ranked order; the last one left once more where the table says so."""
    account = seen.asked[turn].fields["x-plano-attempts"].split(", ")
    fate = case.mode.fate(is_stream=case.is_stream)
    first, last = case.models[0], case.models[-1]
    match fate:
        case Fails():
            allowed = [
                (*([f"{first}={ending}"] if case.position != 1 else []), *rest)
                for ending in fate.endings
                for rest in _last_ones(case, fate, last)
            ]
        case PassedOn(status, _, goes_on) if goes_on and case.position == 2:
            allowed = [(f"{first}={status}", f"{last}=200")]
        case PassedOn(status, _, goes_on):
            skipped = (f"{last}=window",) if goes_on and case.position == 3 else ()
            allowed = [(f"{first}={status}", *skipped)]
        case _:
            allowed = [(f"{first}=200",)]
    assert tuple(account) in allowed
    untouched = case.position != 1 and all(not row.startswith(last) or row.endswith("=window") for row in account)
    assert not untouched or not seen.calls[1]
    assert seen.asked[turn].fields["x-plano-models"] == ", ".join(case.models)


def _last_ones(case: Case, fate: Fails, last: str) -> list[tuple[str, ...]]:
    """What the account may say of the last candidate of a chain whose first one failed."""
    if case.position == 2:
        return [(f"{last}=200",)]
    if not fate.is_retried:
        return [(f"{last}={ending}",) for ending in fate.endings]
    return [(f"{last}={ending}", f"{last}={again}") for ending in fate.endings for again in fate.endings]


def _original_bytes(case: Case, seen: Seen) -> None:
    """I5, I6: every attempt is made from the caller's bytes; neither preferences nor the caller's key go upstream."""
    same_dialect = (case.api == "messages") == (case.upstream == "anthropic")
    for model_id, calls in zip(case.ids, seen.calls, strict=True):
        for call in calls:
            assert b"routing_preferences" not in call.body
            assert CALLER_SECRET not in str(call.fields)
            assert PROVIDER_SECRET in str(call.fields)
            assert call.model == model_id
            assert not same_dialect or call.body == case.sent_body(model_id)


def _one_row(case: Case, seen: Seen) -> None:
    """I8, I9, I12: one line for each request, with the status, the code and the attempts that the caller was told."""
    for turn, (got, lines) in enumerate(zip(seen.asked, seen.lines, strict=True)):
        (line,) = lines
        assert line["status"] == got.status
        assert line.get("attempts", "") == got.fields.get("x-plano-attempts", "")
        errors = _story(case, seen, turn).errors if got.status == 200 else [json.loads(got.body)["error"]]
        if not isinstance(case.mode.fate(is_stream=case.is_stream), PassedOn):
            assert line.get("code") == (errors[0]["code"] if errors else None)
    for entries in seen.entries:
        assert {entry.trace_id for entry in entries} <= {case.trace_id(turn) for turn in range(len(seen.asked))}


def _no_secrets(case: Case, seen: Seen) -> None:
    """I10: no key in what the caller got."""
    for got in seen.asked:
        told = got.body.decode(errors="replace") + str(got.fields)
        assert PROVIDER_SECRET not in told
        assert CALLER_SECRET not in told
    assert "elsewhere.invalid" not in seen.names


def _in_time(seen: Seen) -> None:
    """I7: the deadline covers everything before the first byte; a stream's own limits the rest."""
    for got in seen.asked:
        assert got.ended - got.began <= DEADLINE_S + STALL_S


def _held(case: Case, seen: Seen, fate: Fails) -> None:
    """I4: nobody is asked before the moment that was named, by this request or the next one."""
    assert case.mode.holds_s is not None
    least = case.mode.holds_s[0]
    for entries in seen.entries:
        limited = [entry for entry in entries if entry.word == "status"]
        for before, after in pairwise(limited):
            assert after.began - before.ended >= least
    second = seen.asked[1]
    if case.position == 2:
        assert (second.status, second.fields["x-plano-attempts"]) == (200, f"{case.models[1]}=200")
    elif not _is_free_again(case, fate):
        error = json.loads(second.body)["error"]
        assert (second.status, error["code"]) == (429, "no_candidate_available")
        assert int(second.fields["retry-after"]) >= 1
        assert "x-should-retry" not in second.fields
