"""The door: requests and answers from one dialect into another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.errors import InvalidRequest
from plano.wire.canonical.answer import Answer
from plano.wire.canonical.echo import Echo
from plano.wire.canonical.request import Decoded, Message, Request
from plano.wire.dialects import call_ids, custom_tools, tool_names
from plano.wire.dialects.answer_fates import NOTHING_LOST, Lost, lost
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.chat import answer as chat_answer
from plano.wire.dialects.chat import fields as chat_fields
from plano.wire.dialects.chat import request as chat_request
from plano.wire.dialects.fates import Field, Ledger
from plano.wire.dialects.messages import answer as messages_answer
from plano.wire.dialects.messages import fields as messages_fields
from plano.wire.dialects.messages import request as messages_request
from plano.wire.dialects.responses import answer as responses_answer
from plano.wire.dialects.responses import fields as responses_fields
from plano.wire.dialects.responses import request as responses_request
from plano.wire.dialects.target import Target
from plano.wire.dialects.toolbox import KnownTools


@dataclass(frozen=True, slots=True)
class _Codec:
    decode: Callable[[bytes, KnownTools | None], Decoded]
    encode: Callable[[Request, Ledger], dict[str, Any]]
    decode_answer: Callable[[bytes, Answering], Answer]
    encode_answer: Callable[[Answer, Answering], bytes]
    locate: Callable[[Message, int], str]
    fields: tuple[Field, ...]


_CODECS = {
    Dialect.OPENAI_CHAT: _Codec(
        chat_request.decode,
        chat_request.encode,
        chat_answer.decode,
        chat_answer.encode,
        chat_request.locate,
        chat_fields.FIELDS,
    ),
    Dialect.ANTHROPIC_MESSAGES: _Codec(
        messages_request.decode,
        messages_request.encode,
        messages_answer.decode,
        messages_answer.encode,
        messages_request.locate,
        messages_fields.FIELDS,
    ),
    Dialect.OPENAI_RESPONSES: _Codec(
        responses_request.decode,
        responses_request.encode,
        responses_answer.decode,
        responses_answer.encode,
        responses_request.locate,
        responses_fields.FIELDS,
    ),
}


_ENCODER = msgspec.json.Encoder()
_ROOM = 1024
"""Bytes that a body may grow by before the rest of it is moved."""


class Translation(msgspec.Struct, frozen=True, gc=False):
    """A request for the target. ``warnings``: one line for each field that did not arrive as it was.

    ``echo``: what the translator of the answer must be given.
    """

    body: bytearray
    warnings: tuple[str, ...]
    echo: Echo


def translate_request(body: bytes, source: Dialect, target: Target, *, known: KnownTools | None = None) -> Translation:
    """The body that ``target`` is sent. ``body``: one that ``json_guard.loads`` accepted. ``known``: earlier tools.

    Raises InvalidRequest, with the exact place, for a body that is wrong and for what the target cannot take.
    """
    codec = _CODECS[source]
    decoded = codec.decode(body, known)
    if decoded.beyond is not None:
        raise decoded.beyond
    ledger = Ledger(codec.fields, target, codec.locate)
    for path in decoded.strange:
        ledger.strange(path)
    calls = decoded.calls
    request = call_ids.fit(decoded.request, calls, target.dialect, target.call_ids)
    request, names = tool_names.fit(request, calls, target.dialect)
    sent = bytearray(len(body) + _ROOM)
    _ENCODER.encode_into(_CODECS[target.dialect].encode(request, ledger), sent)
    echo = msgspec.structs.replace(decoded.echo, names=names) if names else decoded.echo
    return Translation(sent, ledger.warnings, echo)


def check_request(body: bytes, dialect: Dialect, *, known: KnownTools | None = None) -> None:
    """Raises InvalidRequest for a body that no target can be sent: the same mistakes that a translation would find.

    Numbers beyond a range are left to the upstream, where it speaks ``dialect``.
    """
    _CODECS[dialect].decode(body, known)


def check_count(body: bytes, *, known: KnownTools | None = None) -> None:
    """Raises InvalidRequest for a messages request whose tokens nobody can count."""
    messages_request.decode(body, known, is_count=True)


def echo_of(body: bytes, dialect: Dialect) -> Echo:
    """What the answer must know of a request; of one that could not be translated, nothing."""
    try:
        return _CODECS[dialect].decode(body, None).echo
    except InvalidRequest:
        return Echo()


class TranslatedAnswer(msgspec.Struct, frozen=True, gc=False):
    """An answer for the caller. ``usage``: None is unknown. ``lost``: what was left out."""

    body: bytes
    usage: Usage | None
    lost: Lost = NOTHING_LOST


def translate_answer(answer_body: bytes, source: Dialect, target: Dialect, answering: Answering) -> TranslatedAnswer:
    """The answer of an upstream that speaks ``source``, for a caller who speaks ``target``.

    Raises BadAnswer when the body does not have the shape of its dialect.
    """
    answer = _CODECS[source].decode_answer(answer_body, answering)
    if answering.echo.names:
        answer = tool_names.restored(answer, answering.echo.names)
    if answering.echo.custom_tools:
        answer = custom_tools.restored(answer, answering.echo.custom_tools)
    body = _CODECS[target].encode_answer(answer, answering)
    return TranslatedAnswer(body, answer.usage, lost(answer.notes, source, target))
