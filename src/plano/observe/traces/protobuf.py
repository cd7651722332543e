"""What OTLP needs of protobuf's wire format (https://protobuf.dev/programming-guides/encoding/).

Written by hand: an attribute whose name stands fast costs a tenth of what the library's objects cost.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

_LENGTH_DELIMITED, _VARINT, _FIXED64 = 2, 0, 1
_DOUBLE: Final = Struct("<d")
_TWO_BYTES: Final = Struct("<H")
_INT64 = 2**64
_LENGTHS = 300
"""Texts up to this many bytes have what stands before them remembered."""


def two_bytes(number: int) -> int:
    """A number from 2⁷ to 2¹⁴ - 1 as a varint that is read as an integer of two bytes, the lowest first."""
    return number & 0x7F | 0x80 | number >> 7 << 8


def varint(number: int) -> bytes:
    """A number of at most 64 bits, seven bits a byte, the lowest first; a negative one as its two's complement."""
    if 0 <= number < 0x80:
        return bytes((number,))
    if 0 <= number < 0x4000:
        return _TWO_BYTES.pack(two_bytes(number))
    rest, digits = number % _INT64, []
    while rest >= 0x80:
        digits.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes((*digits, rest))


def field(number: int, body: bytes) -> bytes:
    """A field of text, bytes or a message."""
    return varint(number << 3 | _LENGTH_DELIMITED) + varint(len(body)) + body


def whole(number: int, value: int) -> bytes:
    """A field of an integer, an enumeration or a truth value."""
    return varint(number << 3 | _VARINT) + varint(value)


class Key:
    """An attribute (KeyValue of OTLP's common.proto) in field ``number`` of a message, but for its value."""

    __slots__ = ("_double", "_key", "_number", "_texts", "_whole")

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._key = field(1, name.encode(errors="replace"))
        self._double = self._before(_DOUBLE.size, bytes((4 << 3 | _FIXED64,)))
        self._whole = tuple([self._before(size, bytes((3 << 3 | _VARINT,))) for size in range(11)])
        self._texts: dict[int, bytes] = {}

    def double(self, value: float) -> bytes:
        """The attribute with a number."""
        return self._double + _DOUBLE.pack(value)

    def whole(self, value: int) -> bytes:
        """The attribute with a whole number of 64 bits."""
        if 0x80 <= value < 0x4000:
            return self._whole[2] + _TWO_BYTES.pack(value & 0x7F | 0x80 | value >> 7 << 8)
        digits = varint(value)
        return self._whole[len(digits)] + digits

    def text(self, value: str) -> bytes:
        """The attribute with a text; half a character, which cannot be encoded, as ``?``."""
        encoded = value.encode(errors="replace")
        size = len(encoded)
        before = self._texts.get(size)
        if before is None:
            before = self._before(size, bytes((1 << 3 | _LENGTH_DELIMITED,)) + varint(size))
            if size < _LENGTHS:
                self._texts[size] = before
        return before + encoded

    def truth(self, value: bool) -> bytes:
        """The attribute with a truth value."""
        return self._before(1, bytes((2 << 3 | _VARINT,))) + varint(value)

    def _before(self, size: int, tag: bytes) -> bytes:
        """Everything that stands before a value of ``size`` bytes."""
        value = varint(2 << 3 | _LENGTH_DELIMITED) + varint(len(tag) + size) + tag
        body = self._key + value
        return varint(self._number << 3 | _LENGTH_DELIMITED) + varint(len(body) + size) + body
