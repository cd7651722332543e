"""What a stream cost: told to who asks, as the same number as of a whole answer, and in no client's way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from tests.running import ASK, A, Running, mission_text, question, running
from tests.server.answering.test_account import Elsewhere

ON = {"x-plano-cost": "On"}
PRICES = f"pricing: {{{A}: {{input: 3, output: 15}}}}\n"
TURNS = [{"role": "user", "content": ASK}]
BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": question(stream_options={"include_usage": True}),
    "/v1/messages": {"model": "auto", "max_tokens": 99, "messages": TURNS},
    "/v1/responses": {"model": "auto", "input": ASK},
}


@pytest.fixture
def priced() -> Iterator[Running]:
    """A gateway whose first model has a price."""
    with running(mission_text() + PRICES) as one:
        yield one


@pytest.mark.parametrize("path", list(BODIES))
def test_the_same_number_as_whole(priced: Running, path: str) -> None:
    """Behind the terminal event, equal to the field of a whole answer and to the record; nobody else's bytes change."""
    body = {name: value for name, value in BODIES[path].items() if name != "stream_options"}
    whole = priced.post(path, body).headers["x-plano-cost-usd"]
    plain = priced.post(path, {**BODIES[path], "stream": True}).text
    told = priced.post(path, {**BODIES[path], "stream": True}, ON).text
    assert told.splitlines()[-2:] == [f": x-plano-cost-usd {whole}", ""]
    assert float(whole) > 0
    assert "x-plano-cost" not in plain
    assert f"{priced.admin('/admin/records?limit=1').json()['records'][0]['cost_usd']:.10f}".rstrip("0") == whole
    events = [line.partition(":")[0] for line in plain.splitlines()]
    assert [line.partition(":")[0] for line in told.splitlines()][: len(events)] == events


def test_a_stream_that_nobody_counted(priced: Running) -> None:
    """What it may have cost is marked as an estimate; without a price it is a question mark."""
    told = priced.chat(question(stream=True), ON).text
    assert re.search(r"data: \[DONE\]\n\n: x-plano-cost-usd 0\.0\d+ estimated\n\n\Z", told)
    unpriced = (
        mission_text() + "model_metrics_sources: [{type: cost, provider: models.dev, url: 'http://127.0.0.1:9'}]\n"
    )
    with running(unpriced, fetch=Elsewhere()) as one:
        assert one.chat(question(stream=True), ON).text.endswith("data: [DONE]\n\n: x-plano-cost-usd ?\n\n")


def test_a_stream_that_broke_off_says_nothing(priced: Running) -> None:
    """There is no answer to charge."""
    priced.mock.script(A.partition("/")[2], ["cut-after-3"])
    assert "x-plano-cost" not in priced.chat(question(stream=True), ON).text


def test_official_clients_pass_over_it(priced: Running) -> None:
    """They read the same words with it and without it, to the end, in each dialect."""
    base = priced.url + "/v1"
    ours = openai.OpenAI(base_url=base, api_key="k", max_retries=0)
    theirs = anthropic.Anthropic(base_url=priced.url, api_key="k", max_retries=0)
    said: dict[bool, list[str]] = {}
    for asks in (False, True):
        headers = ON if asks else {}
        chat = ours.chat.completions.create(
            model="auto", messages=[{"role": "user", "content": ASK}], stream=True, extra_headers=headers
        )
        chunks = "".join([chunk.choices[0].delta.content or "" for chunk in chat if chunk.choices])
        events = list(ours.responses.create(model="auto", input=ASK, stream=True, extra_headers=headers))
        with theirs.messages.stream(
            model="auto", max_tokens=99, messages=[{"role": "user", "content": ASK}], extra_headers=headers
        ) as stream:
            message = stream.get_final_text()
        said[asks] = [chunks, json.dumps([event.type for event in events]), message]
    ours.close()
    theirs.close()
    assert said[True] == said[False]
    assert said[True][0].endswith(ASK)
    assert said[True][2].endswith(ASK)


def test_exact_metering_counts_what_the_caller_did_not_ask_for() -> None:
    """The provider is asked, cost and usage are known, and the caller gets the stream he would have got."""
    text = (mission_text() + PRICES).replace(f"  - model: {A}\n", f"  - model: {A}\n    metering: exact\n")
    with running(text) as exact, running(mission_text() + PRICES) as plain:
        answer, other = (one.chat(question(stream=True), ON).text for one in (exact, plain))
        assert json.loads(exact.mock.calls[-1].body)["stream_options"] == {"include_usage": True}
        assert "stream_options" not in json.loads(plain.mock.calls[-1].body)
        whole = exact.chat(question()).headers["x-plano-cost-usd"]
        assert answer.endswith(f"data: [DONE]\n\n: x-plano-cost-usd {whole}\n\n")
        assert '"usage":{' not in answer
        assert answer.count("\n\n") == other.count("\n\n")
        asked = exact.chat(BODIES["/v1/chat/completions"] | {"stream": True}).text
        assert asked.count('"usage":{') == 1
