"""What becomes of every field of every dialect, as data.

Three tables meet here. Each dialect lists its *fields* and the feature each one expresses (``FIELDS`` of its folder),
and its *places*: where it expresses a feature (``PLACES``). ``FEATURES`` says what happens to a feature where a target
has no place for it. Decoders and encoders run on these tables, and the reference page is printed from them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import msgspec

from plano.errors import InvalidRequest
from plano.wire.canonical.request import Effort, Foreign, Message
from plano.wire.dialects.reading import NULL, generic, given, one_of
from plano.wire.dialects.target import Target

MAX_WARNINGS = 32
MAX_NAME = 64
ORDINARY = re.compile(r"[A-Za-z0-9_.\[\](), -]{1,128}")
"""What may stand in a warning."""

Fate = Literal["pass", "map", "drop", "refuse"]


@dataclass(frozen=True, slots=True)
class Feature:
    """What happens to a feature where the target has no place for it, and why."""

    otherwise: Literal["drop", "refuse"]
    because: str


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers that a dialect's own schema takes, both ends included. ``most``: None is without end.

    ``member``: of the value that is the number, None for the value itself.
    """

    least: float
    most: float | None = None
    member: str | None = None

    def __str__(self) -> str:
        return f"at least {self.least}" if self.most is None else f"{self.least} to {self.most}"

    def takes(self, number: float) -> bool:
        """Is it within?"""
        return number >= self.least and (self.most is None or number <= self.most)


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a dialect's own schema takes. ``member``: the way from the value to the word, None for the value
    itself.
    """

    words: tuple[str, ...]
    member: str | None = None

    def __str__(self) -> str:
        return one_of(self.words)

    def takes(self, word: str) -> bool:
        """Is it one of them?"""
        return word in self.words


Limit = Range | Words


def beyond(value: Any, limit: Limit, path: str) -> InvalidRequest | None:
    """The mistake of the value of the option at ``path``, None for one that ``limit`` takes."""
    one = value
    for name in limit.member.split(".") if limit.member is not None else ():
        one = getattr(one, name, None)
    if one is None or limit.takes(one):
        return None
    place = path if limit.member is None else f"{path.partition('.')[0]}.{limit.member}"
    return InvalidRequest(f"{place}: must be {limit}", param=place)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dialect. ``path``: with ``[]`` for any index.

    ``feature``: what it expresses. ``name``: of the attribute that holds a top-level option, None when the decoder
    reads the field by itself. ``read``: wire value to the canonical one; None when they are the same. ``within``: the
    numbers and the words that it takes.
    """

    path: str
    feature: str
    name: str | None = None
    read: Callable[[Any], Any] | None = None
    within: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dialect expresses a feature. ``write``: puts an option into the body, None to put it as it is."""

    path: str
    note: str = ""
    write: Callable[[dict[str, Any], Any, Ledger], None] | None = None


class Ledger:
    """Keeps account of what a translation could not carry: one line for each field, however often it occurs."""

    __slots__ = ("_all", "_fields", "_lines", "place", "target")

    def __init__(self, fields: tuple[Field, ...], target: Target, place: Callable[[Message, int], str]) -> None:
        """``fields``: of the source. ``place``: where a block stands in the source."""
        self._all = fields
        self._fields: dict[str, Field] | None = None
        self._lines: dict[str, None] = {}
        self.target = target
        self.place = place

    @property
    def warnings(self) -> tuple[str, ...]:
        """The lines, in the order in which they came up; at most ``MAX_WARNINGS``."""
        lines = tuple(self._lines)
        if len(lines) <= MAX_WARNINGS:
            return lines
        return (*lines[:MAX_WARNINGS], f"and {len(lines) - MAX_WARNINGS} more")

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines."""
        return tuple(self._lines)

    def blank(self) -> Ledger:
        """One for the same translation, with nothing in it."""
        return Ledger(self._all, self.target, self.place)

    def note(self, lines: tuple[str, ...]) -> None:
        """Lines that came up before."""
        self._lines.update(dict.fromkeys(lines))

    def lost(self, feature: str, *, at: str | None = None) -> None:
        """A feature that the target has no place for: noted, or refused.

        ``at``: the exact place. Raises InvalidRequest when the feature must not be lost.
        """
        row = FEATURES[feature]
        if row.otherwise == "refuse":
            self.refuse(feature, at=at)
        self._lines[f"{self._path(feature)}: dropped, {row.because}"] = None

    def refuse(self, feature: str, *, at: str | None = None) -> NoReturn:
        """Raises ``refusal``."""
        raise self.refusal(feature, at=at)

    def refusal(self, feature: str, *, at: str | None = None) -> InvalidRequest:
        """The error for a feature that cannot be carried, with its place."""
        place = at or self._path(feature)
        return InvalidRequest(f"{place}: {FEATURES[feature].because}", param=place)

    def refuse_block(self, message: Message, index: int) -> NoReturn:
        """Raises InvalidRequest for a block that no other dialect knows, or none has on this side."""
        kind = "foreign_block" if type(message.content[index]) is Foreign else "misplaced_block"
        self.refuse(kind, at=self.place(message, index))

    def changed(self, feature: str, how: str) -> None:
        """A feature that arrives, but not as it was."""
        self._lines[f"{self._path(feature)}: {how}"] = None

    def within_limit(self, tokens: int) -> int:
        """A limit of the answer that the model takes: providers refuse what is beyond its own."""
        most = self.target.max_output_tokens
        if most is None or tokens <= most:
            return tokens
        self.changed("max_output_tokens", f"lowered to {most}, the most that the target takes")
        return most

    def short(self, feature: str, value: str, *, longest: int = MAX_NAME) -> str:
        """A name as the target takes it: one with more characters than ``longest`` gives way to its digest."""
        if len(value) <= longest:
            return value
        self.changed(feature, f"longer than {longest} characters, its SHA-256 is sent")
        return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()

    def can_think(self, effort: Effort) -> bool:
        """May the model be asked to think? Providers refuse that for one that cannot."""
        if self.target.thinks is not False:
            return True
        if effort.mode != "off":
            self.changed("reasoning", "dropped, the model does not think")
        return False

    def strange(self, path: str) -> None:
        """A field outside the shapes. Raises InvalidRequest when the table says that it must not be lost."""
        plain = generic(path)
        field = next((field for field in self._all if field.path == plain), None)
        if field is None:
            shown = plain if ORDINARY.fullmatch(plain) else "a field with an odd name"
            self._lines[f"{shown}: dropped, not known in this dialect"] = None
            return
        row = FEATURES[field.feature]
        if row.otherwise == "refuse":
            self.refuse(field.feature, at=path)
        self._lines[f"{plain}: dropped, {row.because}"] = None

    def refuse_last(self, feature: str, at: int | None) -> NoReturn:
        """Raises InvalidRequest for the content of the last message, which is ``at`` there; None is unknown."""
        path = self._path("text")
        self.refuse(feature, at=path if at is None else path.replace("[]", f"[{at}]", 1))

    def _path(self, feature: str) -> str:
        if self._fields is None:
            self._fields = by_feature(self._all)
        field = self._fields.get(feature)
        return field.path if field is not None else feature


class Options:
    """The top-level options of a dialect, ready to be read.

    ``rows``: for each option the position of its attribute in the shape, and the field.
    """

    __slots__ = ("rows",)

    def __init__(self, options: tuple[Field, ...], shape: type[msgspec.Struct]) -> None:
        names = shape.__struct_fields__
        self.rows = tuple([(names.index(each.name), each) for each in options if each.name])


def read_options(wire: msgspec.Struct, options: Options) -> tuple[dict[str, Any], InvalidRequest | None]:
    """The options that a request has, by feature; and the first mistake of one that is beyond what its field takes.

    Whether that matters is for whoever asked: hosts of a dialect take numbers and words that its schema does not.
    """
    found, wrong = {}, None
    values = msgspec.structs.astuple(wire)
    for at, field in options.rows:
        value = values[at]
        if value is not None and value is not NULL:
            meant = value if field.read is None else field.read(value)
            if meant is not None:
                found[field.feature] = meant
            for limit in field.within:
                wrong = wrong or beyond(value, limit, field.path)
    return found, wrong


def write_options(
    options: Mapping[str, Any], places: Mapping[str, Place], body: dict[str, Any], ledger: Ledger
) -> None:
    """Puts every option into the body of the target, or into the ledger."""
    for feature, value in options.items():
        place = places.get(feature)
        if place is None:
            ledger.lost(feature)
        elif place.write is None:
            body[place.path] = value
        else:
            place.write(body, value, ledger)


def by_feature(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The first field of each feature."""
    found: dict[str, Field] = {}
    for field in fields:
        found.setdefault(field.feature, field)
    return found


def by_encoder(_body: dict[str, Any], _value: Any, _ledger: Ledger) -> None:
    """Writes nothing: what depends on more than itself is written by the encoder, in its own form."""


def fate(field: Field, places: Mapping[str, Place]) -> Fate:
    """What becomes of a field where the target has these places."""
    place = places.get(field.feature)
    if place is None:
        return FEATURES[field.feature].otherwise
    is_same = place.path == field.path and place.write is None and field.read in (None, given)
    return "pass" if is_same else "map"


_NO_COUNTERPART = "the target has no such setting"
_FOREIGN = "only this dialect knows it"


def _drop(because: str = _NO_COUNTERPART) -> Feature:
    return Feature("drop", because)


def _refuse(because: str) -> Feature:
    return Feature("refuse", because)


# fmt: off
FEATURES: dict[str, Feature] = {
    "model": _refuse("it is needed"),
    "messages": _refuse("the target needs a message with words in it, beside the system prompts"),
    "stream": _refuse("it is needed"),
    "tools": _refuse("it is needed"),
    "system": _refuse("it is needed"),
    "text": _refuse("the target answers no turn without words"),
    "unfinished_turn": _refuse("the target goes on with no turn of the model: the last message must be the user's"),
    "tool_choice": _drop(),
    "allowed_tools": _drop(),
    "parallel_tool_calls": _drop(),
    "max_output_tokens": _drop(),
    "temperature": _drop(),
    "top_p": _drop(),
    "top_k": _drop(),
    "stop": _drop("the target has no stop sequences"),
    "seed": _drop(),
    "presence_penalty": _drop(),
    "frequency_penalty": _drop(),
    "logit_bias": _drop(),
    "logprobs": _drop("the target gives no log probabilities"),
    "top_logprobs": _drop("the target gives no log probabilities"),
    "user": _drop(),
    "safety_identifier": _drop(),
    "metadata": _drop(),
    "service_tier": _drop(),
    "verbosity": _drop(),
    "reasoning": _drop(),
    "reasoning_summary": _drop(),
    "format": _drop("the target cannot be held to this form"),
    "stream_options": _drop(),
    "obfuscation": _drop("translated streams have no padding"),
    "prompt_cache_key": _drop("the target finds cached prefixes by itself"),
    "prompt_cache_retention": _drop("the target has its own times"),
    "stored_completion": _drop("the target does not keep answers"),
    "store": _refuse("stored responses need a provider that speaks the Responses API"),
    "previous_response_id": _refuse("stored responses need a provider that speaks the Responses API"),
    "conversation": _refuse("stored conversations need a provider that speaks the Responses API"),
    "background": _refuse("background responses need a provider that speaks the Responses API"),
    "thread": _refuse("conversations that a provider keeps exist only in its own dialect"),
    "compaction": _refuse("a summary of the conversation is made only in this dialect"),
    "prompt": _refuse("stored prompts need a provider that speaks the Responses API"),
    "include": _drop(),
    "truncation": _drop("the target refuses what does not fit"),
    "max_tool_calls": _drop("only tools that the provider runs are counted"),
    "n": _refuse("more than one answer to a request cannot be translated"),
    "audio": _refuse("answers in sound cannot be translated"),
    "functions": _refuse("the form before 'tools' cannot be translated: use 'tools' and 'tool_choice'"),
    "server_tools": _refuse("tools that a provider runs exist only in its own dialect"),
    "mcp": _refuse("remote tool servers exist only in this dialect"),
    "container": _refuse("containers exist only in this dialect"),
    "cache": _drop("the target finds cached prefixes by itself"),
    "image": _refuse("the target takes no images here"),
    "image.detail": _drop("the target has no level of detail"),
    "document": _refuse("the target takes no such document"),
    "file_context": _drop("the target knows nothing of a file but its name"),
    "sound": _refuse("the target takes no sound"),
    "uploaded_file": _refuse("an uploaded file is known only to the provider that has it"),
    "speaker_name": _drop("the target has no names of speakers"),
    "tool_call": _refuse("it is needed"),
    "tool_result": _refuse("it is needed"),
    "tool_error": _drop(),
    "thinking": _drop("only the provider that made them takes thoughts back"),
    "refusal": _drop(),
    "citations": _drop("the target has no citations"),
    "tool_grammar": _drop("the target does not hold free text to a grammar"),
    "tool_strict": _drop(),
    "tool_details": _drop(),
    "foreign_block": _refuse("a block of this kind exists only in its own dialect"),
    "misplaced_block": _refuse("a block of this kind does not stand in a turn of this side"),
    "late_system": _drop(),
    "bookkeeping": _drop(_FOREIGN),
    "foreign_setting": _drop(_FOREIGN),
    "context_management": _drop(_FOREIGN),
}
# fmt: on
