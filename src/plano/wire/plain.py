"""Bodies that are text and nothing else, read in one step.

Most are: messages of text, options that are words or numbers, preferences that were seen before. The decoder itself
then sees everything that the slow way looks for, and nothing is left that a translation could object to. A body that
is anything else, or wrong in any way, is not read here at all: ``plano.wire.requests`` reads it, and words what is
wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType, inspect

from plano.domain.conversation import Conversation, Turn
from plano.domain.model import Dialect
from plano.domain.request import ChatRequest, Edits, Needs, Span
from plano.domain.route import RouteTable
from plano.wire import json_parts
from plano.wire.dialects.chat import shapes as chat
from plano.wire.dialects.messages import shapes as messages
from plano.wire.dialects.responses import shapes as responses
from plano.wire.dialects.turns import without_envelopes
from plano.wire.json_guard import LARGE_BYTES, removal_span

Known = Callable[[bytes], RouteTable | None]
"""The routes of a list of preferences that was read before, by its bytes; None for any other."""

_MODEL = re.compile(rb'"model"[ \t\n\r]*:[ \t\n\r]*("[^"\\]*")')
_NAME = b'"routing_preferences"'
_PREFERENCES = re.compile(_NAME + rb"[ \t\n\r]*:[ \t\n\r]*")
_SCALARS = (inspect.IntType, inspect.FloatType, inspect.StrType, inspect.BoolType, inspect.NoneType)


class _ChatMessage(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    role: Literal["system", "developer", "user", "assistant"]
    content: str


class _Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    role: Literal["user", "assistant"]
    content: str


class _StreamOptions(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    include_usage: bool | UnsetType | None = UNSET


class Speech(msgspec.Struct, frozen=True):
    """How the plain bodies of a dialect are read.

    ``texts``: the members that may be texts. ``quotes``: around everything but those. ``said``: the member that holds
    what was said; ``said_decoder`` reads its value, and ``turns`` makes turns of it, None where nothing was said.
    ``limits``: options that limit the answer, the first one counts.
    """

    decoder: msgspec.json.Decoder[Any]
    texts: Callable[[Any], tuple[Any, ...]]
    quotes: Callable[[Any], int]
    said: str
    said_decoder: msgspec.json.Decoder[Any]
    turns: Callable[[Any], list[Turn] | None]
    limits: tuple[str, ...]


def read_plain(body: bytes, dialect: Dialect, known: Known) -> ChatRequest | None:
    """The request of a plain body, as ``requests.parse_request`` reads it; None for any other body."""
    speech = SPEECHES[dialect]
    if len(body) > LARGE_BYTES:
        return None
    try:
        plain = speech.decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    preferences, removed, rest = None, None, body
    if plain.routing_preferences is not UNSET:
        raw = bytes(plain.routing_preferences)
        preferences, place = known(raw), _PREFERENCES.match(body, body.find(_NAME))
        if preferences is None or place is None:
            return None
        start, at = place.span()
        if not body.startswith(raw, at):
            return None
        removed = removal_span(body, (start, at + len(raw)))
        # What was accepted before is not looked at again.
        plain.routing_preferences, rest = UNSET, body[: removed[0]] + body[removed[1] :]
    turns, model = speech.turns(getattr(plain, speech.said)), _model_span(body, removed)
    if turns is None or model is None or not plain.model:
        return None
    if not _has_each_key_once(plain, speech, rest):
        return None
    needs = Needs(len(body), max_output_tokens=_limit(plain, speech.limits))
    edits = Edits(model, removed)
    said, is_stream = Conversation(tuple(turns)), plain.stream is True
    return ChatRequest(plain.model, said, preferences, is_stream, body, edits, dialect, needs, is_plain=True)


def _has_each_key_once(plain: Any, speech: Speech, source: bytes) -> bool:
    """Is no key there twice? As in ``json_guard.loads``: ``source`` has no more quotes than were decoded.

    A quote inside a text is escaped: where nothing is, there are only those around keys and texts.
    """
    texts: list[str] = [text for text in speech.texts(plain) if type(text) is str]
    quotes = speech.quotes(plain) + 2 * len(texts)
    if json_parts.BACKSLASH in source:
        if json_parts.QUOTE_BY_NUMBER in source:
            return False
        for text in texts:
            quotes += text.count('"')
        for message in getattr(plain, "messages", ()):
            quotes += message.content.count('"')
    return quotes == source.count(b'"')


def says_each_key_once(said: Any, source: bytes) -> bool:
    """Is no key twice in ``source``, which was read as ``said``: messages, or one text?"""
    quotes = 2 if type(said) is str else 8 * len(said)
    if json_parts.BACKSLASH in source:
        if json_parts.QUOTE_BY_NUMBER in source:
            return False
        texts = [said] if type(said) is str else [message.content for message in said]
        quotes += sum([text.count('"') for text in texts])
    return quotes == source.count(b'"')


def _model_span(body: bytes, removed: Span | None) -> Span | None:
    """Where the value of ``model`` stands, None where that is not plain. No other member of a plain body has this key.

    What is ``removed`` may hold anything.
    """
    found = _MODEL.search(body)
    if found is not None and removed is not None and removed[0] <= found.start() < removed[1]:
        found = _MODEL.search(body, removed[1])
    return None if found is None else found.span(1)


def _limit(plain: Any, names: tuple[str, ...]) -> int | None:
    for name in names:
        value = getattr(plain, name)
        if type(value) is int and value > 0:
            return value
    return None


def _quotes(plain: Any) -> int:
    """Around the keys of its members."""
    members = msgspec.structs.astuple(plain)
    return 2 * (len(members) - members.count(UNSET))


def _message_quotes(plain: Any) -> int:
    # Each message has two keys and two texts.
    return _quotes(plain) + 8 * len(plain.messages)


def _chat_quotes(plain: Any) -> int:
    options = plain.stream_options
    return _message_quotes(plain) + (_quotes(options) if options else 0)


def _message_turns(messages: Any) -> list[Turn] | None:
    turns = []
    for message in messages:
        role, text = message.role, message.content
        if role == "user":
            text = without_envelopes(text)
        elif role != "assistant":
            continue
        if text.strip():
            turns.append(Turn(role, text))
    return turns if messages else None


def _full_message_turns(messages: Any) -> list[Turn] | None:
    """As ``_message_turns``; none where a message is empty, which Anthropic's dialect does not have."""
    return _message_turns(messages) if all(message.content for message in messages) else None


def _input_turns(said: str) -> list[Turn] | None:
    text = without_envelopes(said)
    return ([Turn("user", text)] if text.strip() else []) if said else None


def _is_plain(info: inspect.Type) -> bool:
    if isinstance(info, inspect.UnionType):
        return all(_is_plain(each) for each in info.types)
    return isinstance(info, _SCALARS)


def _may_be_text(info: inspect.Type) -> bool:
    return isinstance(info, inspect.StrType) or (
        isinstance(info, inspect.UnionType) and any(_may_be_text(each) for each in info.types)
    )


def _body(
    shape: type[msgspec.Struct], *members: tuple[str, Any] | tuple[str, Any, Any], without: tuple[str, ...] = ()
) -> tuple[msgspec.json.Decoder[Any], Callable[[Any], tuple[Any, ...]]]:
    """What reads bodies with these members and, of the dialect's own ``shape``, options that are words or numbers.

    Then what takes the members that may be texts from it. ``without``: members that mean more than an option.
    """
    known = inspect.type_info(shape)
    assert isinstance(known, inspect.StructType)
    types = {field.name: field.type for field in msgspec.structs.fields(shape)}
    named = {name for name, *_ in members}.union(without)
    options = [field.name for field in known.fields if _is_plain(field.type) and field.name not in named]
    fields = [
        ("model", str),
        *members,
        *[(name, types[name] | UnsetType, UNSET) for name in options],
        ("routing_preferences", msgspec.Raw, UNSET),
    ]
    made = msgspec.defstruct("Plain", fields, kw_only=True, forbid_unknown_fields=True)
    plain = inspect.type_info(made)
    assert isinstance(plain, inspect.StructType)
    return msgspec.json.Decoder(made), attrgetter(*[each.name for each in plain.fields if _may_be_text(each.type)])


SPEECHES: Final[Mapping[Dialect, Speech]] = {
    Dialect.OPENAI_CHAT: Speech(
        *_body(
            chat.Request,
            ("messages", list[_ChatMessage]),
            ("stream_options", _StreamOptions | None | UnsetType, UNSET),
            without=("reasoning_effort",),
        ),
        _chat_quotes,
        "messages",
        msgspec.json.Decoder(list[_ChatMessage]),
        _message_turns,
        ("max_completion_tokens", "max_tokens"),
    ),
    Dialect.ANTHROPIC_MESSAGES: Speech(
        *_body(
            messages.Request,
            ("messages", list[_Message]),
            ("max_tokens", int),
            ("system", str | UnsetType, UNSET),
        ),
        _message_quotes,
        "messages",
        msgspec.json.Decoder(list[_Message]),
        _full_message_turns,
        ("max_tokens",),
    ),
    Dialect.OPENAI_RESPONSES: Speech(
        *_body(responses.Request, ("input", str), without=("previous_response_id",)),
        _quotes,
        "input",
        msgspec.json.Decoder(str),
        _input_turns,
        ("max_output_tokens",),
    ),
}
