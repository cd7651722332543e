"""The log says what the caller saw: a stream that broke off is no whole answer, and who left was not answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.mock.behaviour import Pace
from tests.running import Running, question, raw_post
from tests.waiting import until

SONNET = "claude-sonnet-4-20250514"


def logged(gateway: Running) -> dict[str, Any]:
    """The line of the one request, when it is there."""

    def asked() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in gateway.log.getvalue().splitlines()]
        return [line for line in lines if line["event"] == "request"]

    (line,) = until(asked)
    return line


@pytest.mark.parametrize(
    ("fault", "code"), [("cut-after-3", "upstream_truncated"), ("error-after-3", "upstream_error")]
)
def test_a_stream_that_broke_off(gateway: Running, fault: str, code: str) -> None:
    """Its line used to be that of a whole answer; it names the code that the caller was told."""
    gateway.mock.script(SONNET, [fault])
    gateway.mock.pace = Pace(tokens_per_s=200)
    answer = gateway.chat(question(stream=True))
    assert f'"code":"{code}"' in answer.text
    line = logged(gateway)
    assert (line["status"], line.get("code")) == (200, code)


def test_a_whole_stream_has_no_code(gateway: Running) -> None:
    """The control of this file."""
    assert "[DONE]" in gateway.chat(question(stream=True)).text
    assert "code" not in logged(gateway)


@pytest.mark.parametrize(("fault", "status"), [("silence", 499), ("ok", 200)])
def test_a_caller_that_left(gateway: Running, fault: str, status: int) -> None:
    """Nothing used to be logged of it, though the provider may have been paid."""
    gateway.mock.script(SONNET, [fault])
    gateway.mock.pace = Pace(tokens_per_s=5)
    with gateway.connect() as peer:
        peer.sendall(raw_post(json.dumps(question(stream=True)).encode()))
        until(lambda: gateway.mock.calls)
        if status == 200:
            assert b" 200 OK" in peer.recv(1000)
    line = logged(gateway)
    assert (line["status"], line["code"]) == (status, "client_closed")
