"""How a request is written down: a refusal by a code of ours, a defect as a defect, each exactly once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.mock.behaviour import Pace
from tests.running import TRACE_ID, TRACEPARENT, A, B, Running, question

SONNET = A.partition("/")[2]
STREAMED = {"stream": True}


def rows(gateway: Running) -> list[dict[str, Any]]:
    """The lines of the log that belong to the trace, once the gateway has written them."""

    async def flushed() -> None:
        gateway.app._journal.flush()
        gateway.app._log.flush()

    gateway.run(flushed)
    found = [json.loads(line) for line in gateway.log.getvalue().splitlines()]
    return [line for line in found if line.get("trace_id") == TRACE_ID]


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [
        ("400", 400, "upstream_rejected"),
        ("422", 422, "upstream_rejected"),
        ("content-filter", 400, "content_policy_violation"),
        ("context-length", 400, "context_length_exceeded"),
    ],
)
def test_a_refusal_has_a_code(gateway: Running, word: str, status: int, code: str) -> None:
    """One of a few, whatever the provider's own words are: those are for the caller."""
    gateway.mock.script(SONNET, [word])
    answer = gateway.chat(question(), {"traceparent": TRACEPARENT})
    assert answer.status_code == status
    (row,) = rows(gateway)
    assert (row["status"], row["code"]) == (status, code)


def test_a_good_answer_has_none(gateway: Running) -> None:
    """Nothing went wrong."""
    gateway.chat(question(), {"traceparent": TRACEPARENT})
    (row,) = rows(gateway)
    assert "code" not in row


def test_a_defect_in_an_attempt(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no caller who left, and no failure of the model; what was asked before it is told."""
    perform = gateway.app._upstream.perform

    async def defective(attempt: Any, call: Any) -> Any:
        if attempt.candidate.model.name == B:
            raise KeyError("secret prompt")
        return await perform(attempt, call)

    monkeypatch.setattr(gateway.app._upstream, "perform", defective)
    gateway.mock.script(SONNET, ["503"])
    answer = gateway.chat(question(), {"traceparent": TRACEPARENT})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    bug, row = sorted(rows(gateway), key=lambda line: line["event"] != "bug")
    assert (bug["event"], bug["error"]) == ("bug", "KeyError")
    assert (row["status"], row["code"], row["attempts"]) == (500, "internal_error", f"{A}=503, {B}=internal_error")
    assert "secret prompt" not in gateway.log.getvalue()
    assert gateway.app._decider.board.breaker.is_healthy(B, 0.0)


def test_a_defect_in_a_stream(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller cannot take it for an end, and it stands in the log once."""

    def defective(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("plano.upstream.streaming.StreamedAnswer._take", defective)
    gateway.mock.pace = Pace(tokens_per_s=500.0)
    with pytest.raises(Exception, match=r"reset by peer"):
        gateway.chat(question(**STREAMED), {"traceparent": TRACEPARENT})
    bug, row = sorted(rows(gateway), key=lambda line: line["event"] != "bug")
    assert bug["event"] == "bug"
    assert (row["status"], row["code"], row["attempts"]) == (200, "internal_error", f"{A}=200")
