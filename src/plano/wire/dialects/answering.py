"""What the translator of an answer is told beside the answer, and how the upstream's JSON is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

import msgspec

from plano.errors import PlanoError
from plano.wire.canonical.echo import Echo
from plano.wire.dialects.reading import BadAnswer, wrong

Shape = TypeVar("Shape")

_NO_ECHO = Echo()
_NULL = msgspec.Raw(b"null")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Answering(msgspec.Struct, frozen=True, gc=False):
    """``provider``: who answers, and made the proofs. ``echo``: from the translation of the request.

    ``model``, ``id`` and ``now_s`` (seconds since the epoch) stand in where the upstream names none.
    """

    provider: str
    model: str
    id: str
    now_s: int
    echo: Echo = _NO_ECHO


def read_answer(decoder: msgspec.json.Decoder[Shape], body: bytes) -> Shape:
    """The upstream's JSON in its shape. Raises BadAnswer with the place of what is wrong."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise bad(wrong(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadAnswer("the provider's answer is not valid JSON") from None


def strangers(body: bytes, known: Collection[str]) -> list[str]:
    """Members of an answer that say something and are neither read nor ``known`` to repeat what was asked."""
    return [name for name, value in _MEMBERS.decode(body).items() if name not in known and value != _NULL]


def left_out(kinds: Iterable[str]) -> tuple[str, ...]:
    """One line for each kind of part that was left out."""
    return tuple([f"{kind!r}: dropped from the answer, only its own dialect knows it" for kind in dict.fromkeys(kinds)])


def bad(error: PlanoError) -> BadAnswer:
    """The mistake as one of the upstream."""
    return BadAnswer(f"the provider's answer has the wrong shape: {error.message}", param=None)
