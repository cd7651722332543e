"""Every vector, whole, byte by byte and at random splits: one verdict, whatever the network does to the bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plano.http1.head import RequestHeads, ResponseHeads
from tests.http1.answer_vectors import ANSWER_VECTORS, AnswerVector
from tests.http1.play import LIMITS, Caller, Upstream, random_pieces
from tests.http1.vectors import VECTORS, Vector

each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
each_answer = pytest.mark.parametrize("vector", ANSWER_VECTORS, ids=lambda vector: vector.name)

SPLITS = range(20)


def bytewise(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


@each_vector
def test_request_whole(vector: Vector) -> None:
    """In one read, the verdict is exactly the one in the table."""
    assert Caller().play([vector.data]) == vector.verdict


@each_vector
def test_request_byte_by_byte(vector: Vector) -> None:
    """One byte at a time, the verdict and its reason are the same."""
    whole, slow = Caller(), Caller()
    whole.play([vector.data])
    assert slow.play(bytewise(vector.data)) == vector.verdict
    assert slow.reasons == whole.reasons


@each_vector
def test_request_at_random_splits(vector: Vector) -> None:
    """Cut anywhere, the verdict is the same."""
    for seed in SPLITS:
        assert Caller().play(random_pieces(vector.data, seed)) == vector.verdict, seed


def test_request_on_a_busy_listener() -> None:
    """Read by one that has read all the others before, in either order, the verdict is the same."""
    heads = RequestHeads(LIMITS)
    for vector in (*VECTORS, *reversed(VECTORS)):
        assert Caller(heads).play([vector.data]) == vector.verdict, vector.name


@each_vector
def test_request_refused_is_told_so(vector: Vector) -> None:
    """What is refused is answered with that status and ``connection: close``; a kept connection never says so."""
    caller = Caller()
    caller.play([vector.data])
    last = caller.written.rpartition(b"HTTP/1.1 ")[2]
    status = vector.verdict[-2] if len(vector.verdict) > 1 else None
    assert not isinstance(status, int) or last.startswith(b"%d " % status)
    assert (b"connection: close" in last) == (vector.verdict[-1] == "closed")


@each_answer
def test_answer_whole(vector: AnswerVector) -> None:
    """In one read, the verdict is exactly the one in the table."""
    assert Upstream(vector.method).play([vector.data], closes=vector.closes) == vector.verdict


@each_answer
def test_answer_byte_by_byte(vector: AnswerVector) -> None:
    """One byte at a time, the verdict is the same."""
    assert Upstream(vector.method).play(bytewise(vector.data), closes=vector.closes) == vector.verdict


@each_answer
def test_answer_at_random_splits(vector: AnswerVector) -> None:
    """Cut anywhere, the verdict is the same."""
    for seed in SPLITS:
        reads = random_pieces(vector.data, seed)
        assert Upstream(vector.method).play(reads, closes=vector.closes) == vector.verdict, seed


def test_answer_of_a_busy_upstream() -> None:
    """Read by one that has read all the others before, in either order, the verdict is the same."""
    heads = ResponseHeads(LIMITS)
    for vector in (*ANSWER_VECTORS, *reversed(ANSWER_VECTORS)):
        assert Upstream(vector.method, heads).play([vector.data], closes=vector.closes) == vector.verdict, vector.name


def test_enough_vectors() -> None:
    """The tables hold at least 120 requests and 50 answers, each under its own name."""
    assert len({vector.name for vector in VECTORS}) == len(VECTORS) >= 120
    assert len({vector.name for vector in ANSWER_VECTORS}) == len(ANSWER_VECTORS) >= 50
