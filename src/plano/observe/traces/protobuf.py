"""What OTLP needs of protobuf's wire format (https://protobuf.dev/programming-guides/encoding/)."""

from __future__ import annotations

from struct import Struct
from typing import Final

_LENGTH_DELIMITED, _VARINT, _FIXED64 = 2, 0, 1
_DOUBLE: Final = Struct("<d")
_INT64 = 2**64


def varint(number: int) -> bytes:
    """A number of at most 64 bits, seven bits a byte, the lowest first; a negative one as its two's complement."""
    if 0 <= number < 0x80:
        return bytes((number,))
    if 0 <= number < 0x4000:
        return bytes((number & 0x7F | 0x80, number >> 7))
    rest, digits = number % _INT64, []
    while rest >= 0x80:
        digits.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes((*digits, rest))


def before(number: int, size: int) -> bytes:
    """What stands before a text, bytes or a message of ``size`` bytes."""
    return varint(number << 3 | _LENGTH_DELIMITED) + varint(size)


def field(number: int, body: bytes) -> bytes:
    """A field of text, bytes or a message."""
    return before(number, len(body)) + body


def whole(number: int, value: int) -> bytes:
    """A field of an integer, an enumeration or a truth value."""
    return varint(number << 3 | _VARINT) + varint(value)


class Key:
    """An attribute (KeyValue of OTLP's common.proto) in field ``number`` of a message, but for its value."""

    __slots__ = ("_key", "_number")

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._key = field(1, name.encode(errors="replace"))

    def double(self, value: float) -> bytes:
        """The attribute with a number."""
        return self.before_double() + _DOUBLE.pack(value)

    def whole(self, value: int) -> bytes:
        """The attribute with a whole number of 64 bits."""
        digits = varint(value)
        return self.before_whole(len(digits)) + digits

    def text(self, value: str) -> bytes:
        """The attribute with a text; half a character, which cannot be encoded, as ``?``."""
        encoded = value.encode(errors="replace")
        return self._before(before(1, len(encoded)), len(encoded)) + encoded

    def truth(self, value: bool) -> bytes:
        """The attribute with a truth value."""
        return self._before(varint(2 << 3 | _VARINT), 1) + varint(value)

    def before_double(self) -> bytes:
        """What stands before a number of eight bytes, the lowest first."""
        return self._before(varint(4 << 3 | _FIXED64), _DOUBLE.size)

    def before_whole(self, size: int) -> bytes:
        """What stands before a whole number that is a varint of ``size`` bytes."""
        return self._before(varint(3 << 3 | _VARINT), size)

    def _before(self, tag: bytes, size: int) -> bytes:
        body = self._key + before(2, len(tag) + size) + tag
        return before(self._number, len(body) + size) + body
