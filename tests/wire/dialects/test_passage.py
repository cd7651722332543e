"""The way of one request to one model, and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from plano.domain.model import Dialect, Endpoint, Model, Origin
from plano.domain.request import ChatRequest
from plano.domain.route import NO_ROUTES
from plano.errors import InvalidRequest
from plano.wire.dialects.passage import Passage, passage
from plano.wire.dialects.thoughts import DROPPED
from plano.wire.requests import parse_request
from tests.wire.dialects.samples import ALL_PAIRS, CHAT, DIALECTS, MESSAGES, PAIRS, REQUESTS, RESPONSES, answer_of
from tests.wire.dialects.streams import STREAMS

TRACE = "0" * 31 + "1"


def model(dialect: Dialect, *others: Dialect) -> Model:
    """A model behind an endpoint that speaks these dialects."""
    also = tuple((other, "/x") for other in others)
    return Model("p/m", "openai", "up-1", Endpoint(Origin("http", "h", 1), "/", "h", dialect, also))


def request(dialect: Dialect, **more: object) -> ChatRequest:
    """A request of a dialect with everything in it."""
    body = json.dumps({**REQUESTS[dialect], "routing_preferences": [], **more}).encode()
    return parse_request(body, dialect, lambda _value, _raw: NO_ROUTES)


def way(asked: ChatRequest, to: Model) -> Passage:
    """The passage at some moment."""
    return passage(asked, to, trace_id=TRACE, now_s=1_700_000_000)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_dialect_is_untouched(dialect: Dialect) -> None:
    """The caller's bytes with another model and without preferences; the answer's bytes as they are."""
    asked = request(dialect)
    one = way(asked, model(dialect))
    expected = asked.body.replace(b'"plano"', b'"up-1"', 1).replace(b', "routing_preferences": []', b"")
    assert (b"".join(one.body), one.spoken, one.warnings) == (expected, dialect, ())
    assert one.answer(b"any bytes", None).body == b"any bytes"
    stream = one.stream()
    assert stream.feed(STREAMS[dialect]) + stream.close() == STREAMS[dialect]


@pytest.mark.parametrize(("caller", "spoken"), PAIRS)
def test_another_dialect_is_translated_both_ways(caller: Dialect, spoken: Dialect) -> None:
    """The upstream gets its dialect, without preferences and for its model; the caller gets its own."""
    one = way(request(caller), model(spoken))
    sent = json.loads(b"".join(one.body))
    assert (one.spoken, sent["model"]) == (spoken, "up-1")
    assert "routing_preferences" not in sent
    assert not any("routing_preferences" in line for line in one.warnings)
    answered = json.loads(one.answer(answer_of(spoken), None).body)
    assert {CHAT: "choices", MESSAGES: "content", RESPONSES: "output"}[caller] in answered
    stream = one.stream()
    assert stream.feed(STREAMS[spoken]) + stream.close()
    assert stream.is_whole


@pytest.mark.parametrize(("caller", "own"), ALL_PAIRS)
def test_a_dialect_that_is_spoken_as_well(caller: Dialect, own: Dialect) -> None:
    """Where several are spoken, nobody is translated who need not be."""
    others = [dialect for dialect in DIALECTS if dialect is not own]
    assert way(request(caller), model(own, *others)).spoken is caller


def test_what_cannot_be_told() -> None:
    """A feature that must not be lost refuses the way, with its place; to its own dialect it is no matter."""
    asked = request(CHAT, n=2)
    with pytest.raises(InvalidRequest) as caught:
        way(asked, model(MESSAGES))
    assert caught.value.param == "n"
    assert way(asked, model(CHAT)).spoken is CHAT


def test_the_limit_of_an_answer() -> None:
    """The model's known maximum stands in for a limit that the caller did not give."""
    body = {"model": "plano", "messages": [{"role": "user", "content": "hi"}]}
    asked = parse_request(json.dumps(body).encode(), CHAT, lambda _value, _raw: NO_ROUTES)
    known = replace(model(MESSAGES), max_output_tokens=777)
    assert json.loads(b"".join(way(asked, known).body))["max_tokens"] == 777
    assert json.loads(b"".join(way(asked, model(MESSAGES)).body))["max_tokens"] == 4096


@pytest.mark.parametrize("has_preferences", [False, True])
def test_thoughts_of_another_provider(has_preferences: bool) -> None:
    """Where nothing is translated they are taken out all the same, and said; all other members keep their bytes."""
    thinking = {"type": "thinking", "thinking": "t", "signature": "plano:t:elsewhere:c2ln"}
    said = [
        {"role": "assistant", "content": [thinking, {"type": "text", "text": "b"}]},
        {"role": "user", "content": "c"},
    ]
    question = {"role": "user", "content": "a"}
    more: dict[str, object] = {"routing_preferences": []} if has_preferences else {}
    body = {"max_tokens": 9, "messages": [question, *said], "model": "plano", "seed": 12345678901234567890123, **more}
    asked = parse_request(json.dumps(body).encode(), MESSAGES, lambda _value, _raw: NO_ROUTES)
    one = way(asked, model(MESSAGES))
    sent = json.loads(b"".join(one.body))
    assert sent["messages"] == [question, {"role": "assistant", "content": [{"type": "text", "text": "b"}]}, said[1]]
    assert (sent["model"], sent["seed"], "routing_preferences" in sent) == ("up-1", 12345678901234567890123, False)
    assert one.warnings == (DROPPED,)
