"""Thoughts of other providers do not reach a native upstream; every other body keeps its bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.dialects.seals import proofs_in
from plano.wire.dialects.thoughts import DROPPED, NOT_THINKING, without_foreign
from plano.wire.dialects.watching import RelayedStream, issued_in
from tests.wire.dialects.samples import (
    ANSWERS,
    CHAT,
    DIALECTS,
    MAKERS,
    MESSAGES,
    PAIRS,
    REQUESTS,
    RESPONSES,
    answer_of,
    answered,
    minimal,
)
from tests.wire.dialects.streams import STREAMS


def history(dialect: Dialect, answer: dict[str, Any], **members: Any) -> bytes:
    """A request in which a caller sends back an answer it was given."""
    question: dict[str, Any] = {"role": "user", "content": "a"}
    if dialect is CHAT:
        turns = [answer["choices"][0]["message"]]
    else:
        turns = answer["output"] if dialect is RESPONSES else [{"role": "assistant", "content": answer["content"]}]
    name = "input" if dialect is RESPONSES else "messages"
    return json.dumps(minimal(dialect, **members) | {name: [question, *turns]}).encode()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_other_bodies_keep_their_bytes(dialect: Dialect) -> None:
    """What never went through another dialect is the same object."""
    for body in (json.dumps(REQUESTS[dialect]).encode(), history(dialect, ANSWERS[dialect])):
        assert without_foreign(body, dialect, MAKERS[dialect])[0] is body


@pytest.mark.parametrize(("maker", "dialect"), PAIRS)
def test_foreign_thoughts_are_taken_out(maker: Dialect, dialect: Dialect) -> None:
    """An answer by translation, sent back to a native upstream: no mark is left, and what was said stays."""
    answer = answered(ANSWERS[maker], maker, dialect)
    made, warnings = without_foreign(history(dialect, answer), dialect, "somebody")
    assert b"plano:" not in made
    assert b'"signature":""' not in made
    assert b"Let me see." in made
    assert b"Oslo" in made
    if dialect is not CHAT:
        assert warnings == (DROPPED,)
        assert b'"thinking"' not in made
        assert b'"reasoning"' not in made


def test_the_makers_own_proof_loses_its_mark() -> None:
    """A proof that this provider made is given back to it bare."""
    block = {"type": "thinking", "thinking": "t", "signature": "plano:t:anthropic:c2ln"}
    body = history(MESSAGES, {"content": [block, {"type": "text", "text": "b"}]})
    made, warnings = without_foreign(body, MESSAGES, "anthropic")
    assert json.loads(made)["messages"][1]["content"][0]["signature"] == "c2ln"
    assert warnings == ()


def test_no_thinking_in_a_loop_without_thoughts() -> None:
    """The vendor wants its own thoughts before the calls of a running tool loop, or no thinking."""
    content = [
        {"type": "thinking", "thinking": "t", "signature": ""},
        {"type": "tool_use", "id": "t1", "name": "f", "input": {}},
    ]
    thinking = {"type": "enabled", "budget_tokens": 2000}
    document = json.loads(history(MESSAGES, {"content": content}, thinking=thinking))
    result = {"type": "tool_result", "tool_use_id": "t1", "content": "r"}
    document["messages"].append({"role": "user", "content": [result]})
    made, warnings = without_foreign(json.dumps(document).encode(), MESSAGES, "anthropic")
    assert "thinking" not in json.loads(made)
    assert warnings == (DROPPED, NOT_THINKING)


def test_a_turn_of_nothing_but_thoughts_is_gone() -> None:
    """An empty message would be refused."""
    body = history(MESSAGES, {"content": [{"type": "thinking", "thinking": "t", "signature": ""}]})
    made, _ = without_foreign(body, MESSAGES, "anthropic")
    assert [turn["role"] for turn in json.loads(made)["messages"]] == ["user"]


@pytest.mark.parametrize("dialect", [MESSAGES, RESPONSES])
def test_a_proof_without_a_mark(dialect: Dialect) -> None:
    """It is kept for the provider that is known to have made it, and where nobody knows; for any other it goes."""
    body = history(dialect, ANSWERS[dialect])
    proofs = proofs_in(body, dialect)
    assert proofs
    assert without_foreign(body, dialect, "here") == (body, ())
    assert without_foreign(body, dialect, "here", maker_of=lambda _proof: "here") == (body, ())
    made, warnings = without_foreign(body, dialect, "here", maker_of=lambda proof: "there" if proof in proofs else None)
    assert proofs_in(made, dialect) == ()
    assert warnings == (DROPPED,)
    assert b"Let me see." in made


@pytest.mark.parametrize("dialect", [MESSAGES, RESPONSES])
def test_what_an_answer_gives_out(dialect: Dialect) -> None:
    """The same proofs, whether the answer comes whole or as a stream."""
    whole = issued_in(answer_of(dialect), dialect)
    stream = RelayedStream(dialect)
    stream.feed(STREAMS[dialect])
    assert whole.proofs
    assert stream.issued().proofs
    assert all(proof in STREAMS[dialect].decode() for proof in stream.issued().proofs)


def test_words_that_look_like_a_proof() -> None:
    """Quoted JSON in a text has its quotes escaped: it is no proof."""
    quoted = json.dumps({"type": "thinking", "signature": "c2ln"})
    body = json.dumps(minimal(MESSAGES) | {"messages": [{"role": "user", "content": quoted}]}).encode()
    assert proofs_in(body + b'"thinking"', MESSAGES) == ()
