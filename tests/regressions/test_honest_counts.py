"""No count and no cost that nobody told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.domain.secret import Secret
from plano.domain.usage import Usage
from plano.upstream.redaction import clean
from plano.wire.canonical.events import Begin
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.messages.stream import Decoder
from plano.wire.dialects.messages.watch import MessagesWatch
from plano.wire.dialects.watching import check_answer

BEGIN: dict[str, Any] = {
    "type": "message_start",
    "message": {"id": "m", "model": "x", "usage": {"input_tokens": 40, "output_tokens": 1}},
}
END: dict[str, Any] = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 900}}


def test_a_message_that_broke_off_has_no_count_of_its_answer() -> None:
    """The one token that a message begins with was taken for its whole answer, and costed."""
    watch = MessagesWatch()
    watch.see(json.dumps(BEGIN).encode())
    assert watch.usage == Usage(40)
    watch.see(json.dumps(END).encode())
    assert watch.usage == Usage(40, 900)


def test_nor_has_one_that_is_translated() -> None:
    """The same law, where the events are read to be written in another dialect."""
    decoder = Decoder(Answering("p", "x", "id", 0))
    (begin,) = decoder.read(json.dumps(BEGIN).encode())
    assert isinstance(begin, Begin)
    assert (begin.usage, decoder.usage) == (Usage(40, 1), Usage(40))
    decoder.read(json.dumps(END).encode())
    assert decoder.usage == Usage(40, 900)


@pytest.mark.parametrize("key", ["x", "e", "test", "EMPTY"])
def test_a_dummy_key_leaves_the_providers_words_whole(key: str) -> None:
    """A key that is none stood in half of all words: ``conte***t_length_e***ceeded`` meant nothing to any client."""
    error = {"code": "context_length_exceeded", "message": "the latest text exceeds xEMPTYx", "type": "t"}
    assert clean(error, [Secret(key)]) == error
    assert clean(f"key {key}: no", [Secret(key)]) == "key ***: no"


@pytest.mark.parametrize("count", [10**13, 10**400])
@pytest.mark.parametrize(
    ("dialect", "answer", "name"),
    [
        (Dialect.OPENAI_CHAT, {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}, "prompt_tokens"),
        (Dialect.ANTHROPIC_MESSAGES, {"type": "message", "content": [], "stop_reason": "end_turn"}, "input_tokens"),
        (Dialect.OPENAI_RESPONSES, {"output": [], "status": "completed"}, "input_tokens"),
    ],
)
def test_a_good_answer_with_an_absurd_count(dialect: Dialect, answer: dict[str, Any], name: str, count: int) -> None:
    """Its cost was no number that a float can hold: the answer was lost in an internal error, its record with it."""
    what, counts = check_answer(json.dumps({**answer, "usage": {name: count}}).encode(), dialect)
    assert (what, counts) == ("whole", Usage())
