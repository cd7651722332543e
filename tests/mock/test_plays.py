"""How each fault is played, as moves: nothing here needs a socket."""

from __future__ import annotations

from itertools import islice

import pytest

from plano.mock.behaviour import Pace, parse_fault
from plano.mock.moves import Close, Hush, Move, Reset, Send, Wait
from plano.mock.plays import GIANT_BYTES, Stage, play
from plano.mock.said import answer
from plano.mock.voices.table import CHAT, VOICES
from plano.mock.voices.voice import Voice

EVERY = [CHAT, *VOICES.values()]
IDS = ["chat", "messages", "responses"]


def moves_of(word: str, voice: Voice = CHAT, *, is_stream: bool = True, most: int = 20_000) -> list[Move]:
    """The first moves of a play."""
    said = answer({"model": "m", "stream": is_stream, "messages": [{"role": "user", "content": "hi"}]}, b"x")
    return list(islice(play(parse_fault(word), Stage(said, voice, Pace())), most))


def sent(moves: list[Move]) -> bytes:
    """All bytes of a play."""
    return b"".join([move.data for move in moves if isinstance(move, Send)])


def body(moves: list[Move]) -> bytes:
    """What follows the head."""
    return sent(moves).partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("voice", EVERY, ids=IDS)
@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("short-after-3", Close()),
        ("unended-after-3", Close()),
        ("close-after-3", Close()),
        ("cut-after-3", Reset()),
        ("stall-after-3", Hush()),
        ("error-after-3", None),
    ],
)
def test_faults_in_a_stream_come_after_so_many_tokens(word: str, end: Move | None, voice: Voice) -> None:
    """Three tokens are there, the fourth is not, nor is the terminal event."""
    moves = moves_of(word, voice)
    said = answer({"model": "m", "messages": [{"role": "user", "content": "hi"}]}, b"x")
    assert [voice.token(said, place) in sent(moves) for place in range(5)] == [True, True, True, False, False]
    assert sum(move.tokens for move in moves if isinstance(move, Send)) == 3
    assert voice.ending(said)[-1] not in sent(moves)
    assert end is None or moves[-1] == end


@pytest.mark.parametrize("voice", EVERY, ids=IDS)
@pytest.mark.parametrize("word", ["short-after-3", "unended-after-3", "close-after-3", "cut-after-3"])
def test_faults_in_a_plain_answer_leave_half_of_it(word: str, voice: Voice) -> None:
    """What is sent of the body is no JSON document."""
    said = answer({"model": "m", "messages": [{"role": "user", "content": "hi"}]}, b"x")
    moves = moves_of(word, voice, is_stream=False)
    assert voice.whole(said)[:50] in sent(moves)
    assert voice.whole(said)[-20:] not in sent(moves)


@pytest.mark.parametrize("voice", EVERY, ids=IDS)
def test_ends_of_a_stream(voice: Voice) -> None:
    """Exactly what the word says is missing or doubled."""
    said = answer({"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}, b"x")
    last = voice.ending(said)[-1]
    assert [sent(moves_of(word, voice)).count(last) for word in ("ok", "no-done", "cut-at-end", "no-finish")] == [
        1,
        1,
        1,
        0,
    ]
    assert sent(moves_of("twice", voice)).count(last) == 2
    for sign in voice.false_ending(said):
        assert sign in sent(moves_of("no-finish", voice))
    assert moves_of("cut-at-end", voice)[-1] == Reset()


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("429-retry-after-7", b"\r\nretry-after: 7\r\n"),
        ("429-retry-ms-1500", b"\r\nretry-after-ms: 1500\r\n"),
        ("429-reset-6m0s", b"\r\nx-ratelimit-reset-requests: 6m0s\r\n"),
        ("429-retry-date-7", b" GMT\r\ncontent-length:"),
        ("429-says-1.5s", b"Please try again in 1.5s."),
        ("quota", b'"insufficient_quota"'),
        ("502-html", b"\r\ncontent-type: text/html\r\n"),
        ("redirect", b"\r\nlocation: http://elsewhere.invalid/"),
    ],
)
def test_what_an_error_answer_says(word: str, line: bytes) -> None:
    """The time in its form, the code, the type."""
    assert line in sent(moves_of(word))


def test_answers_that_are_none() -> None:
    """No body, ``null``, no HTTP, interim heads only, a head that never ends."""
    assert body(moves_of("503-empty")) == body(moves_of("blank")) == b""
    assert body(moves_of("null")) == b"null"
    assert not sent(moves_of("garbage")).startswith(b"HTTP/")
    assert moves_of("interim")[-1] == Hush()
    assert sent(moves_of("interim")).count(b"HTTP/1.1 1") == 2
    assert len(sent(moves_of("huge-head")).partition(b"\r\n\r\n")[0]) > 10_000_000


def test_late_ones() -> None:
    """The time passes before the status; a slow stream has its head before."""
    assert moves_of("504-late-20")[0] == Wait(20.0)
    assert isinstance(moves_of("slow-20")[0], Send)
    assert moves_of("slow-20")[1] == Wait(20.0)
    assert moves_of("slow-20", is_stream=False)[0] == Wait(20.0)


def test_sizes() -> None:
    """A giant event is as large as it says, and an endless stream goes on."""
    assert sum(len(move.data) for move in moves_of("giant") if isinstance(move, Send)) > GIANT_BYTES
    assert len(moves_of("endless", most=5_000)) == 5_000


def test_drips() -> None:
    """Every byte is a write of its own."""
    writes = [move.data for move in moves_of("spelled-bytes") if isinstance(move, Send)]
    assert {len(data) for data in writes[:-1]} == {1}
