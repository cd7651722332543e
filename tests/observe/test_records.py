"""The latest requests: found again, bounded, and without anything that must not be kept."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Sequence

import msgspec
import pytest

from plano.domain.attempt import Receipt
from plano.errors import ChainFailed
from plano.observe.explanations import LONGEST_PROMPT
from plano.observe.record import Record
from plano.observe.records import LARGEST_RECORD, MAX_BYTES, MAX_RECORDS, SMALL_REQUEST, Records

from .samples import KEY, STAGES, TEXT, TRACE_ID, decision, entry, record, tried

WHOLE = record(decision("a", "b"), tried(("a", "429"), ("b", "200")))


class Ring(Records):
    """A ring that takes records."""

    def see(self, *made: Record, keeps_text: bool = False, key: bytes = b"k") -> None:
        """Takes their entries."""
        self.take([entry(each, keeps_text=keeps_text, key=key) for each in made])


def shown(ring: Ring) -> list[dict[str, object]]:
    """Everything in it, newest first."""
    return [json.loads(body) for body in ring.latest(10_000)]


def test_what_is_kept() -> None:
    """Ids, times, what was considered with its numbers, and how each attempt ended."""
    ring = Ring()
    ring.see(WHOLE)
    (found,) = shown(ring)
    explained = found.pop("decision")
    assert found == {
        "trace_id": TRACE_ID,
        "ended_at": 12.5,
        "status": 200,
        "seconds": 0.5,
        "path": "/v1/chat/completions",
        "method": "POST",
        "dialect": "openai_chat",
        "request_id": "req-1",
        "served_by": "b",
        "arrived_s": 0.0,
        "stages": dict(STAGES),
        "whole_s": 0.0,
        "attempts": [
            {"model": "a", "ending": "429", "began_s": 0.5, "seconds": 0.0},
            {"model": "b", "ending": "200", "began_s": 0.5, "seconds": 0.0},
        ],
    }
    assert isinstance(explained, dict)
    (first, _) = explained["candidates"]
    assert first == {
        "model": "a",
        "rank": 1,
        "reason": None,
        "price_usd_per_mtok": {"value": 2.5, "source": "catalog", "age_s": 60.0},
        "latency_s": None,
        "free_in_s": 0.0,
    }
    assert (explained["route"], explained["scores"], explained["threshold"]) == ("code", {"code": 0.75}, 0.5)


def test_neither_prompt_nor_key() -> None:
    """The text the router was shown leaves its length and a hash; the provider's key leaves nothing."""
    ring = Ring()
    ring.see(WHOLE)
    (body,) = ring.latest(1)
    assert TEXT.encode() not in body and KEY.encode() not in body
    explained = json.loads(body)["decision"]
    assert explained["text_characters"] == len(TEXT)
    assert "text" not in explained


def test_the_hash_tells_texts_apart_and_nothing_else() -> None:
    """Equal for equal texts, different for different ones, and different in every process."""

    def hash_of(text: str, key: bytes) -> str:
        ring = Ring()
        ring.see(record(decision("a", text=text)), key=key)
        return str(json.loads(ring.latest(1)[0])["decision"]["text_hash"])

    assert hash_of("x", b"1") == hash_of("x", b"1")
    assert len({hash_of("x", b"1"), hash_of("y", b"1"), hash_of("x", b"2")}) == 3


def test_the_text_where_it_is_asked_for() -> None:
    """It is kept, cut."""
    ring = Ring()
    ring.see(record(decision("a", text="é" * (LONGEST_PROMPT + 5))), keeps_text=True)
    assert json.loads(ring.latest(1)[0])["decision"]["text"] == "é" * LONGEST_PROMPT


def test_the_oldest_give_way() -> None:
    """No more than the limit, newest first; ``latest`` gives as many as asked for."""
    ring = Ring(limit=3)
    ring.see(*[record(decision("a", trace_id=str(number))) for number in range(5)])
    assert [each["trace_id"] for each in shown(ring)] == ["4", "3", "2"]
    assert len(ring) == 3
    assert [json.loads(body)["trace_id"] for body in ring.latest(2)] == ["4", "3"]
    assert ring.of("0") == ()


def test_all_requests_of_a_trace() -> None:
    """A caller may ask for the decision and for the answer under one id: both are found, the newer one first."""
    ring = Ring()
    ring.see(record(decision("a", trace_id="1")), record(decision("a", trace_id="2")), record(WHOLE.decision))
    ring.see(WHOLE)
    assert [("attempts" in json.loads(body)) for body in ring.of(TRACE_ID)] == [True, False]


def large(made: Record) -> Record:
    """The same, of a request that is not small: the names in it may be anything."""
    return msgspec.structs.replace(made, request_bytes=SMALL_REQUEST + 1)


def test_small_requests_are_counted_without_writing_them() -> None:
    """As many as are kept, each for more than it can take, are within the bound."""
    assert MAX_RECORDS * 2 * SMALL_REQUEST <= MAX_BYTES


def test_memory_is_bounded() -> None:
    """However large the records, at most 8 MiB of them; a record that is too large keeps what is always small."""
    ring = Ring()
    wide = decision(*[f"openai/{number}{'x' * 1500}" for number in range(32)])
    huge = decision(*[f"openai/{number}{'x' * 1_000_000}" for number in range(8)], trace_id="huge")
    ring.see(*[large(record(wide))] * 500)
    kept = ring.latest(1000)
    assert MAX_BYTES - LARGEST_RECORD < sum(map(len, kept)) <= MAX_BYTES
    ring.see(
        large(msgspec.structs.replace(record(huge, tried(("x", "200"))), request_id="r" * 60_000, path="/" * 8000))
    )
    (body,) = ring.of("huge")
    found = json.loads(body)
    assert len(body) < 1000
    assert found["is_shortened"] and "decision" not in found and "attempts" not in found
    assert found["status"] == 200


class Body:
    """Stands for what a frame holds."""


def failed_chain() -> tuple[Receipt, weakref.ref[Body]]:
    """A receipt whose error was raised in a frame that held a body, and that body."""
    body = Body()
    try:
        raise ChainFailed("x", status=503, code="no_candidate_available", attempts=(), retry_after_s=None)
    except ChainFailed as error:
        return Receipt((), None, error), weakref.ref(body)


def test_nothing_of_the_request_is_held() -> None:
    """An error remembers the frames it went through and with them the body; the ring holds neither."""
    ring = Ring()
    receipt, body = failed_chain()
    assert body() is not None
    ring.see(record(decision("a"), receipt, status=503, code="no_candidate_available"))
    del receipt
    gc.collect()
    assert body() is None
    assert shown(ring)[0]["code"] == "no_candidate_available"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\x1b[31m\n\r\x00", '"\\', "\u2028"])
def test_hostile_names(text: str) -> None:
    """Whatever a name holds, the JSON reads back, and has no control character in it."""
    ring = Ring()
    ring.see(record(decision(f"openai/{text}", route=text)))
    (body,) = ring.latest(1)
    assert json.loads(body)["decision"]["route"] == text
    assert not any(byte < 0x20 for byte in body)


class Seen:
    """A follower that keeps what it is handed."""

    def __init__(self) -> None:
        self.wants_more = True
        self.bodies: list[bytes] = []

    def follow(self, bodies: Sequence[bytes]) -> None:
        """Keeps them."""
        self.bodies.extend(bodies)


def test_followers_take_what_is_kept() -> None:
    """Each batch goes on to every follower that wants it as the JSON that is kept, oldest first."""
    one, bored = Seen(), Seen()
    bored.wants_more = False
    ring = Records((one, bored))
    ring.take([entry(record(decision("a", trace_id="1"))), entry(record(decision("a", trace_id="2")))])
    assert tuple(reversed(one.bodies)) == ring.latest(10)
    assert bored.bodies == []
