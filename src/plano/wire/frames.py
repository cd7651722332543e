"""Plain bodies around whose conversation everything is as it was before.

A program asks with the same model, options and preferences again and again; only what was said is different. What
stands before and behind that, its frame, is known by two comparisons of bytes. What lies between is read as any plain
conversation is: a body that was read before, with another value in the place of one member, is otherwise what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from plano.domain.conversation import Conversation
from plano.domain.model import Dialect
from plano.domain.request import ChatRequest, Edits, Needs, Span
from plano.domain.route import RouteTable
from plano.wire import json_parts
from plano.wire.json_guard import LARGE_BYTES, Member
from plano.wire.plain import SPEECHES, Known, Speech, read_plain, says_each_key_once

LONGEST_BYTES = 8 * 1024
REMEMBERED = 128
BESIDE = 4
"""Frames that begin alike, of which the last ones count."""

LEARNS_EVERY = 32
"""Of the bodies that are not known one in so many is remembered: some callers never send the same frame again."""


class _Frame(msgspec.Struct, frozen=True):
    """What stands behind the conversation, and what the frame says. Spans behind it are counted from the end."""

    behind: bytes
    model: str
    preferences: RouteTable | None
    is_stream: bool
    model_span: Span
    removed: Span | None
    most_tokens: int | None


class _Opening(msgspec.Struct, frozen=True):
    """Where conversations of a dialect begin: ``name``, quoted, and the byte that its value begins with."""

    name: bytes
    begins: bytes
    member: Member


def _opening(speech: Speech) -> _Opening:
    return _Opening(b'"%b"' % speech.said.encode(), b'"' if speech.said == "input" else b"[", Member(speech.said))


_OPENINGS: Final[Mapping[Dialect, _Opening]] = {dialect: _opening(speech) for dialect, speech in SPEECHES.items()}


class PlainReader:
    """Reads plain bodies, and remembers their frames: 128 of up to 8 KiB.

    ``learns_every``: of the bodies whose frames are not known, one in so many is remembered.
    """

    __slots__ = ("_frames", "_learns_every", "_unknown")

    def __init__(self, *, learns_every: int = LEARNS_EVERY) -> None:
        self._frames: dict[tuple[Dialect, bytes], tuple[_Frame, ...]] = {}
        self._learns_every = learns_every
        self._unknown = 0

    def read(self, body: bytes, dialect: Dialect, known: Known) -> ChatRequest | None:
        """As ``plain.read_plain``, with the same ``known`` each time."""
        opening = _OPENINGS[dialect]
        at = body.find(opening.begins, body.find(opening.name) + len(opening.name))
        for frame in self._frames.get((dialect, body[:at]), ()) if at > 0 and len(body) <= LARGE_BYTES else ():
            if body.endswith(frame.behind):
                framed = _framed(body, at, frame, dialect)
                if framed is not None:
                    return framed
                break
        plain = read_plain(body, dialect, known)
        if plain is not None:
            self._unknown += 1
            if self._unknown % self._learns_every == 0:
                self._learn(plain, opening)
        return plain

    def _learn(self, request: ChatRequest, opening: _Opening) -> None:
        body, edits = request.body, request.edits
        at = body.find(opening.name)
        if at < 0 or body.find(opening.name, at + 1) >= 0:
            # Which of them is the member is not for guessing.
            return
        start, end = opening.member.spans(body)[1]
        before, behind = body[:start], body[end:]
        if len(before) + len(behind) > LONGEST_BYTES or json_parts.BACKSLASH in before + behind:
            return
        if sum(map(len, self._frames.values())) >= REMEMBERED:
            self._frames.clear()
        frame = _Frame(
            behind,
            request.model,
            request.preferences,
            request.is_stream,
            _counted(edits.model, start, len(body)),
            None if edits.removed is None else _counted(edits.removed, start, len(body)),
            request.needs.max_output_tokens,
        )
        key = request.dialect, before
        self._frames[key] = (frame, *self._frames.get(key, ()))[:BESIDE]


def _framed(body: bytes, start: int, frame: _Frame, dialect: Dialect) -> ChatRequest | None:
    """The request of a body within ``frame`` whose conversation begins at ``start``; None where that is not plain."""
    speech, size = SPEECHES[dialect], len(body)
    source = body[start : size - len(frame.behind)]
    try:
        said = speech.said_decoder.decode(source)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    turns = speech.turns(said)
    if turns is None or not says_each_key_once(said, source):
        return None
    span, removed = frame.model_span, frame.removed
    if span[0] < 0:
        span = span[0] + size, span[1] + size
    if removed is not None and removed[0] < 0:
        removed = removed[0] + size, removed[1] + size
    return ChatRequest(
        frame.model,
        Conversation(tuple(turns)),
        frame.preferences,
        frame.is_stream,
        body,
        Edits(span, removed),
        dialect,
        Needs(size, max_output_tokens=frame.most_tokens),
        is_plain=True,
    )


def _counted(span: Span, start: int, size: int) -> Span:
    """From the end where it stands behind the conversation, which begins at ``start``."""
    return span if span[0] < start else (span[0] - size, span[1] - size)
