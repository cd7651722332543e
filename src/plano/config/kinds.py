"""Kinds of scalar values: each reads a text as written, or says why it cannot, and describes itself in JSON Schema.

They stand in ``Annotated`` types of the schema. A failure is a PydanticCustomError whose type is the code of the
finding; its context may hold a ``hint``, ``choices`` for a "did you mean", and ``is_quoting`` when the text read may be
added to the reason.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from plano.config.urls import UrlProblem, address_of, parse_url

DURATION_PATTERN = r"^(\d+(\.\d+)?(ms|s|m|h))+$|\$"
"""Of JSON Schema; a value with a variable passes."""

_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,3})?")
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h))+")
_PART = re.compile(r"([0-9.]+)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4096}")
_KEY = re.compile(r"[!-~]{1,8192}")
_HOST_AND_PORT = re.compile(r"(?:[A-Za-z0-9._\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def _fail(code: str, reason: str, **context: object) -> PydanticCustomError:
    # Braces would be read as places to fill in.
    return PydanticCustomError("plano", "{reason}", {"code": code, "reason": reason, **context})


def _or_variable(schema: JsonSchemaValue) -> JsonSchemaValue:
    return {"anyOf": [schema, {"type": "string", "pattern": r"\$"}]}


def _text(value: object, wanted: str) -> str:
    if value is None:
        raise _fail("PL-C012", "the value is missing")
    if not isinstance(value, str):
        found = "a list" if isinstance(value, list) else "keys"
        raise _fail("PL-C013", f"expected {wanted}, found {found}")
    return value


@dataclass(frozen=True, slots=True)
class Kind(ABC):
    """The root of all kinds: subclasses say how to read a value and how to describe it."""

    @abstractmethod
    def read(self, value: object) -> object:
        """The value of a text."""

    @abstractmethod
    def describe(self) -> JsonSchemaValue:
        """The JSON Schema of what is accepted."""

    @property
    def title(self) -> str:
        """What is accepted, in a few words."""
        return "text"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return self.describe()


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Text of 1 to ``max_bytes`` bytes of UTF-8. ``is_one_line``: no control characters. ``is_number_too``: 1.0."""

    max_bytes: int = 4096
    is_one_line: bool = False
    is_number_too: bool = False

    def read(self, value: object) -> str:
        text = _text(value, "text")
        if not text.strip():
            raise _fail("PL-C014", "the text is empty")
        if _SURROGATE.search(text):
            # What a variable holds is not UTF-8: Python marks each such byte.
            raise _fail("PL-C014", "the text holds bytes that are not UTF-8")
        size = len(text.encode())
        if size > self.max_bytes:
            raise _fail("PL-C014", f"the text is longer than {self.max_bytes} bytes ({size})")
        if self.is_one_line and _CONTROL.search(text):
            raise _fail("PL-C014", "the text holds a line break or control character")
        return text

    def describe(self) -> JsonSchemaValue:
        kinds = ["string", "number"] if self.is_number_too else "string"
        return {"type": kinds, "minLength": 1, "maxLength": self.max_bytes}


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """``true`` or ``false``."""

    def read(self, value: object) -> bool:
        text = _text(value, "true or false")
        if text not in _FLAGS:
            raise _fail("PL-C013", "expected true or false", is_quoting=True)
        return _FLAGS[text]

    @property
    def title(self) -> str:
        return "true or false"

    def describe(self) -> JsonSchemaValue:
        return _or_variable({"type": "boolean"})


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number from ``least`` to ``most``."""

    least: int
    most: int

    def read(self, value: object) -> int:
        text = _text(value, "a whole number").strip()
        if _WHOLE.fullmatch(text) is None:
            raise _fail("PL-C013", "expected a whole number", is_quoting=True)
        number = int(text)
        if not self.least <= number <= self.most:
            raise _fail("PL-C014", f"expected a {self.title}", is_quoting=True)
        return number

    @property
    def title(self) -> str:
        return f"whole number from {self.least} to {self.most}"

    def describe(self) -> JsonSchemaValue:
        return _or_variable({"type": "integer", "minimum": self.least, "maximum": self.most})


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A number from ``least`` to ``most``; ``is_above``: ``least`` itself is not allowed."""

    least: float
    most: float
    is_above: bool = False

    def read(self, value: object) -> float:
        text = _text(value, "a number").strip()
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if math.isnan(number):
            raise _fail("PL-C013", "expected a number", is_quoting=True)
        is_inside = self.least < number if self.is_above else self.least <= number
        if not is_inside or number > self.most:
            raise _fail("PL-C014", f"expected a {self.title}", is_quoting=True)
        return number

    @property
    def title(self) -> str:
        bound = f"above {self.least:g} and up to" if self.is_above else f"from {self.least:g} to"
        return f"number {bound} {self.most:.15g}"

    def describe(self) -> JsonSchemaValue:
        least = "exclusiveMinimum" if self.is_above else "minimum"
        return _or_variable({"type": "number", least: self.least, "maximum": self.most})


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of a few words. ``refused``: (word, reason) known from elsewhere; ``when_empty``: what ``""`` stands for."""

    words: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()
    when_empty: str | None = None

    def read(self, value: object) -> str:
        text = _text(value, "text")
        if not text and self.when_empty is not None:
            return self.when_empty
        reason = dict(self.refused).get(text)
        if reason is not None:
            raise _fail("PL-C016", reason)
        if text not in self.words:
            raise _fail("PL-C015", f"expected {self.title}", is_quoting=True, choices=self.words)
        return text

    @property
    def title(self) -> str:
        return " or ".join(self.words)

    def describe(self) -> JsonSchemaValue:
        return _or_variable({"type": "string", "enum": [*self.words, *([] if self.when_empty is None else [""])]})


def duration_s(text: str) -> float | None:
    """Seconds of a duration such as ``1m30s``, None where the text is none."""
    if _DURATION.fullmatch(text) is None:
        return None
    return sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(text))


@dataclass(frozen=True, slots=True)
class Duration(Kind):
    """A length of time in seconds, written with units (``500ms``, ``30s``, ``1m30s``), at most ``most_s``."""

    most_s: float = 86_400.0

    def read(self, value: object) -> float:
        text = _text(value, "a duration").strip()
        seconds = duration_s(text)
        if seconds is None:
            hint = f"write '{text}s' for seconds" if _WHOLE.fullmatch(text) else "write 500ms, 30s, 5m or 1h"
            raise _fail("PL-C017", "expected a duration", is_quoting=True, hint=hint)
        if not 0 < seconds <= self.most_s:
            raise _fail("PL-C014", f"expected a duration above 0 and up to {self.most_s:g}s", is_quoting=True)
        return round(seconds, 6)

    @property
    def title(self) -> str:
        return "duration"

    def describe(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": DURATION_PATTERN}


@dataclass(frozen=True, slots=True)
class UrlText(Kind):
    """A URL with one of ``schemes``, to a host that may be connected to."""

    schemes: tuple[str, ...] = ("http", "https")
    allow_userinfo: bool = False

    def read(self, value: object) -> str:
        text = _text(value, "a URL").strip()
        try:
            parse_url(text, self.schemes, allow_userinfo=self.allow_userinfo)
        except UrlProblem as problem:
            raise _fail(problem.code, problem.reason, hint=problem.hint) from None
        return text

    @property
    def title(self) -> str:
        return "URL (" + " or ".join(f"{scheme}://" for scheme in self.schemes) + ")"

    def describe(self) -> JsonSchemaValue:
        return {"type": "string", "pattern": rf"^({'|'.join(self.schemes)})://|\$"}


@dataclass(frozen=True, slots=True)
class Matching(Kind):
    """Text of a known form: a header's name or value, a host, an address to listen at."""

    pattern: re.Pattern[str]
    wanted: str

    def read(self, value: object) -> str:
        text = _text(value, self.wanted)
        if self.pattern.fullmatch(text) is None:
            raise _fail("PL-C017", f"expected {self.wanted}")
        return text

    @property
    def title(self) -> str:
        return self.wanted

    def describe(self) -> JsonSchemaValue:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Key(Kind):
    """A key: printable ASCII without spaces, as a header field carries it, at least ``least`` characters."""

    least: int = 1

    def read(self, value: object) -> str:
        text = _text(value, "a key")
        if not text:
            raise _fail("PL-C014", "the key is empty")
        if _KEY.fullmatch(text) is None:
            raise _fail("PL-C014", "the key holds a space or a character that no header can carry")
        if len(text) < self.least:
            raise _fail("PL-C014", f"the key is shorter than {self.least} characters")
        return text

    @property
    def title(self) -> str:
        return "key"

    def describe(self) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Address(Kind):
    """An IP address to listen at, or ``localhost``."""

    def read(self, value: object) -> str:
        text = _text(value, "an IP address").strip("[] ")
        if text != "localhost" and address_of(text) is None:
            raise _fail("PL-C017", "expected an IP address or localhost", is_quoting=True)
        return text

    @property
    def title(self) -> str:
        return "IP address or localhost"

    def describe(self) -> JsonSchemaValue:
        return {"type": "string"}


HEADER_NAME = Matching(_HEADER_NAME, "the name of a header field")
HEADER_VALUE = Matching(_HEADER_VALUE, "printable ASCII, as a header field holds it")
HOST_AND_PORT = Matching(_HOST_AND_PORT, "a host, with or without a port")
