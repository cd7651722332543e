"""How each fault is played: the table from its kind to the moves on the connection.

Faults inside an answer come after so many tokens of a stream; a plain answer breaks in the middle of its body.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate

from plano.mock import spelling
from plano.mock.behaviour import Fault, Pace
from plano.mock.complaints import Complaint
from plano.mock.framing import CHUNKED, EVENT_STREAM, JSON, LAST_CHUNK, Fields, chunk, head, whole
from plano.mock.moves import Close, Hush, Move, Play, Reset, Send, Wait
from plano.mock.said import Said
from plano.mock.voices.voice import Voice

PAGE = b"<html><body>Welcome</body></html>"
HUGE_HEAD_BYTES = 10 * 1024 * 1024
GIANT_BYTES = 100 * 1024 * 1024
PIECE_BYTES = 64 * 1024
ELSEWHERE = "http://elsewhere.invalid/v1/chat/completions"
TO_ARRIVE_S = 0.01
"""A reset overtakes nothing that arrived before it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a play is about: the answer that would be given, its dialect, its pace."""

    said: Said
    voice: Voice
    pace: Pace


def play(fault: Fault | None, stage: Stage) -> Play:
    """The moves of one answer."""
    if fault is None:
        return _answer(stage)
    return PLAYS[fault.kind](fault, stage)


def _answer(stage: Stage) -> Play:
    said, pace = stage.said, stage.pace
    if not said.is_stream:
        if pace.tokens_per_s > 0:
            yield Wait(len(said.tokens) / pace.tokens_per_s)
        yield Send(whole(200, stage.voice.whole(said)), len(said.tokens))
        return
    yield Send(head(200, (*EVENT_STREAM, CHUNKED)))
    yield from _told(stage, _events(stage))
    yield Send(_chunks(stage.voice.farewell(said)) + LAST_CHUNK)


def _told(stage: Stage, events: Iterable[tuple[bytes, int]], wrap: Callable[[bytes], bytes] = chunk) -> Play:
    """Events with the tokens they finish, at the stage's pace."""
    rate = stage.pace.tokens_per_s
    for event, tokens in events:
        yield Send(wrap(event), tokens)
        if rate > 0:
            yield Wait(1 / rate)


def _status(fault: Fault, stage: Stage) -> Play:
    fields, said = _hinted(fault)
    if fault.hint == "late":
        yield Wait(float(fault.value))
    complaint = stage.voice.complaint(fault.status, f"The mock provider was told to answer {fault.status}.{said}")
    yield Send(whole(fault.status, stage.voice.error(complaint), (JSON, *fields)))


def _hinted(fault: Fault) -> tuple[Fields, str]:
    """The fields that name a time, and what the message says of it."""
    match fault.hint:
        case "retry-after":
            return (("retry-after", fault.value),), ""
        case "retry-date":
            return (("retry-after", formatdate(time.time() + float(fault.value), usegmt=True)),), ""
        case "retry-ms":
            return (("retry-after-ms", fault.value),), ""
        case "reset":
            return (("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", fault.value)), ""
        case "says":
            return (), f" Please try again in {fault.value}."
        case _:
            return (), ""


def _named(fault: Fault, stage: Stage) -> Play:
    complaint = stage.voice.named[fault.value]
    yield Send(whole(complaint.status, stage.voice.error(complaint)))


def _with_page(fault: Fault, _stage: Stage) -> Play:
    yield Send(whole(fault.status, PAGE, (("content-type", "text/html"),)))


def _without_body(fault: Fault, _stage: Stage) -> Play:
    yield Send(whole(fault.status, b"", ()))


def _redirect(_fault: Fault, _stage: Stage) -> Play:
    yield Send(whole(307, b"", (("location", ELSEWHERE),)))


def _error_body(_fault: Fault, stage: Stage) -> Play:
    yield Send(whole(200, stage.voice.error(_trouble(stage))))


def _body(data: bytes, media_type: str = "application/json") -> Callable[[Fault, Stage], Play]:
    def moves(_fault: Fault, _stage: Stage) -> Play:
        yield Send(whole(200, data, (("content-type", media_type),)))

    return moves


def _only(*moves: Move) -> Callable[[Fault, Stage], Play]:
    return lambda _fault, _stage: iter(moves)


def _huge_head(_fault: Fault, _stage: Stage) -> Play:
    yield Send(b"HTTP/1.1 200 OK\r\n")
    line = b"x-filler: " + b"a" * 8000 + b"\r\n"
    for _ in range(HUGE_HEAD_BYTES // (8 * len(line))):
        yield Send(line * 8)
    yield Send(b"content-length: 0\r\n\r\n")


def _slow(fault: Fault, stage: Stage) -> Play:
    moves = _answer(stage)
    if stage.said.is_stream:
        yield next(moves)
    yield Wait(float(fault.value))
    yield from moves


def _short(fault: Fault, stage: Stage) -> Play:
    before = _before(stage, fault.after_tokens)
    length = sum(len(event) for event, _ in before) + len(_after(stage, fault.after_tokens))
    yield Send(head(200, (*_media(stage), ("content-length", str(length)))))
    yield from _told(stage, before, bytes)
    yield Close()


def _unended(fault: Fault, stage: Stage) -> Play:
    yield from _begin(fault, stage)
    yield Close()


def _close(fault: Fault, stage: Stage) -> Play:
    yield Send(head(200, (*_media(stage), ("connection", "close"))))
    yield from _told(stage, _before(stage, fault.after_tokens), bytes)
    yield Close()


def _cut(fault: Fault, stage: Stage) -> Play:
    yield from _begin_and_half(fault, stage)
    yield Wait(TO_ARRIVE_S)
    yield Reset()


def _stall(fault: Fault, stage: Stage) -> Play:
    yield from _begin_and_half(fault, stage)
    if not fault.value:
        yield Hush()
    else:
        yield Wait(float(fault.value))
        yield Reset()


def _error(fault: Fault, stage: Stage) -> Play:
    if not stage.said.is_stream:
        yield from _error_body(fault, stage)
        return
    if fault.after_tokens:
        yield from _begin(fault, stage)
    else:
        yield Send(head(200, (*EVENT_STREAM, CHUNKED)))
    yield Send(chunk(stage.voice.error_event(_trouble(stage), fault.after_tokens)) + LAST_CHUNK)


def _malformed(fault: Fault, stage: Stage) -> Play:
    if not stage.said.is_stream:
        yield Send(whole(200, stage.voice.whole(stage.said)[:-2] + b"?}"))
        return
    yield from _begin(fault, stage)
    yield Send(chunk(b'data: {"type": "broken", ?}\n\n'))
    yield from _told(stage, _events(stage, first=fault.after_tokens))
    yield Send(_chunks(stage.voice.farewell(stage.said)) + LAST_CHUNK)


def _at_end(*, farewell: bool, twice: bool = False, cut: bool = False) -> Callable[[Fault, Stage], Play]:
    """An end with something odd about it; plain answers end as always."""

    def moves(_fault: Fault, stage: Stage) -> Play:
        said, voice = stage.said, stage.voice
        if not said.is_stream:
            yield from _answer(stage)
            return
        yield from _all_tokens(stage)
        ending = voice.ending(said)
        last = (ending[-1],) if twice else ()
        signs = () if cut else voice.farewell(said) if farewell else voice.farewell(said)[:-1]
        yield Send(_chunks((*ending, *last, *signs)) + (b"" if cut else LAST_CHUNK))
        if cut:
            yield Wait(TO_ARRIVE_S)
            yield Reset()

    return moves


def _no_finish(_fault: Fault, stage: Stage) -> Play:
    if not stage.said.is_stream:
        yield from _answer(stage)
        return
    yield from _all_tokens(stage)
    yield Send(_chunks(stage.voice.false_ending(stage.said)) + LAST_CHUNK)


def _spelled(fault: Fault, stage: Stage) -> Play:
    said, voice = stage.said, stage.voice
    events = [event for event, _ in _events(stage)] + list(voice.farewell(said))
    pieces = spelling.respelled(fault.value, events) if said.is_stream else [voice.whole(said)]
    fields = [*_media(stage), CHUNKED]
    if spelling.is_packed(fault.value):
        fields.append(("content-encoding", "gzip"))
        pieces = spelling.packed(pieces)
    sent = head(200, fields) + b"".join([chunk(piece) for piece in pieces]) + LAST_CHUNK
    size = 1 if spelling.is_dripped(fault.value) else len(sent)
    for begin in range(0, len(sent), size):
        yield Send(sent[begin : begin + size])
        yield Wait(0)
    yield Send(b"", len(said.tokens))


def _giant(_fault: Fault, stage: Stage) -> Play:
    begin = b'data: {"type": "giant", "text": "' if stage.said.is_stream else b'{"type": "giant", "text": "'
    yield Send(head(200, (*_media(stage), CHUNKED)))
    if stage.said.is_stream:
        yield Send(_chunks((*stage.voice.opening(stage.said), stage.voice.token(stage.said, 0))), 1)
    yield Send(chunk(begin))
    filler = chunk(b"a" * PIECE_BYTES)
    for _ in range(GIANT_BYTES // PIECE_BYTES):
        yield Send(filler)
    yield Send(chunk(b'"}\n\n') + LAST_CHUNK)


def _endless(_fault: Fault, stage: Stage) -> Play:
    yield Send(head(200, (*_media(stage), CHUNKED)))
    if not stage.said.is_stream:
        yield Send(chunk(b"["))
        while True:
            yield Send(chunk(b"0," * (PIECE_BYTES // 2)))
    yield Send(_chunks(stage.voice.opening(stage.said)))
    event = chunk(stage.voice.token(stage.said, 0))
    times = PIECE_BYTES // len(event)
    while True:
        yield Send(event * times, times)


def _trouble(stage: Stage) -> Complaint:
    return stage.voice.named["server"]


def _media(stage: Stage) -> Fields:
    return EVENT_STREAM if stage.said.is_stream else (JSON,)


def _events(stage: Stage, *, first: int | None = None) -> Iterator[tuple[bytes, int]]:
    """The events to the terminal one, each with the tokens that it finishes; or those from the ``first`` token on."""
    said, voice = stage.said, stage.voice
    if first is None:
        yield from ((event, 0) for event in voice.opening(said))
    yield from ((voice.token(said, place), 1) for place in range(first or 0, len(said.tokens)))
    yield from ((event, 0) for event in voice.ending(said))


def _before(stage: Stage, tokens: int) -> list[tuple[bytes, int]]:
    """The body up to the place of the fault, each part with its tokens."""
    said, voice = stage.said, stage.voice
    if not said.is_stream:
        body = voice.whole(said)
        return [(body[: len(body) // 2], 0)]
    parts = [(event, 0) for event in voice.opening(said)]
    return parts + [(voice.token(said, place), 1) for place in range(min(tokens, len(said.tokens)))]


def _after(stage: Stage, tokens: int) -> bytes:
    """The body from the place of the fault on."""
    said, voice = stage.said, stage.voice
    if not said.is_stream:
        body = voice.whole(said)
        return body[len(body) // 2 :]
    return b"".join((*[event for event, _ in _events(stage, first=tokens)], *voice.farewell(said)))


def _begin(fault: Fault, stage: Stage) -> Play:
    yield Send(head(200, (*_media(stage), CHUNKED)))
    yield from _told(stage, _before(stage, fault.after_tokens))


def _begin_and_half(fault: Fault, stage: Stage) -> Play:
    yield from _begin(fault, stage)
    after = _after(stage, fault.after_tokens)
    half = after[: (after.find(b"\n\n") if stage.said.is_stream else len(after)) // 2]
    yield Send(chunk(half))


def _all_tokens(stage: Stage) -> Play:
    yield Send(head(200, (*EVENT_STREAM, CHUNKED)))
    yield from _told(stage, _before(stage, len(stage.said.tokens)))


def _chunks(events: tuple[bytes, ...]) -> bytes:
    return b"".join([chunk(event) for event in events])


PLAYS: Mapping[str, Callable[[Fault, Stage], Play]] = {
    "status": _status,
    "status-html": _with_page,
    "status-empty": _without_body,
    "named": _named,
    "error-body": _error_body,
    "html": _body(PAGE, "text/html"),
    "null": _body(b"null"),
    "blank": _body(b""),
    "redirect": _redirect,
    "reset": _only(Reset()),
    "hang-up": _only(Close()),
    "silence": _only(Hush()),
    "interim": _only(Send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"), Hush()),
    "garbage": _only(Send(b"\x16\x03\x01\x02\x00\x01 this is not HTTP\r\n\r\n"), Close()),
    "huge-head": _huge_head,
    "slow": _slow,
    "short": _short,
    "unended": _unended,
    "close": _close,
    "cut": _cut,
    "stall": _stall,
    "error": _error,
    "malformed": _malformed,
    "cut-at-end": _at_end(farewell=False, cut=True),
    "no-done": _at_end(farewell=False),
    "no-finish": _no_finish,
    "twice": _at_end(farewell=True, twice=True),
    "spelled": _spelled,
    "giant": _giant,
    "endless": _endless,
}
