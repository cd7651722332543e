"""The patterns: what they take, what they leave, and that none of them ever turns back."""

from __future__ import annotations

import re

import pytest

from plano.http1 import grammar

TOKEN_BYTES = set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("byte", range(256))
def test_every_byte_of_a_field_line(byte: int) -> None:
    """In a name stand the token characters of RFC 9110 and no other byte; in a value no control byte but the tab."""
    char = chr(byte)
    assert bool(grammar.FIELD_LINES.fullmatch(f"a{char}b: x\r\n")) is (char in TOKEN_BYTES or char == ":")
    assert bool(grammar.FIELD_LINES.fullmatch(f"a: x{char}y\r\n")) is (char == "\t" or char >= " ") & (byte != 127)


@pytest.mark.parametrize("byte", range(256))
def test_every_byte_of_a_request_line(byte: int) -> None:
    """In a target stand visible ASCII characters without ``#`` and ``\\``; in a method token characters."""
    char = chr(byte)
    assert bool(grammar.REQUEST_LINE.fullmatch(f"GET /{char} HTTP/1.1\r\n")) is (
        "!" <= char <= "~" and char not in "#\\"
    )
    assert bool(grammar.REQUEST_LINE.fullmatch(f"G{char}T / HTTP/1.1\r\n")) is (char in TOKEN_BYTES)


@pytest.mark.parametrize("byte", range(256))
def test_every_byte_of_a_host(byte: int) -> None:
    """In a host no separator of an address can stand, and nothing that is not ASCII."""
    assert not grammar.HOST.fullmatch(f"a{chr(byte)}b") or (
        chr(byte).isascii() and chr(byte) not in '/?#@\\ "<>^`{|}[]\t\r\n:'
    )


@pytest.mark.parametrize("byte", range(256))
def test_every_illegal_byte(byte: int) -> None:
    """A byte is illegal in a head exactly when neither text nor a whole line end can hold it."""
    is_legal = (byte >= 32 and byte != 127) or byte == 9
    assert bool(grammar.ILLEGAL.search(b"a%cb" % byte)) is not is_legal


@pytest.mark.parametrize(
    ("data", "is_illegal"),
    [(b"a\r\nb", False), (b"a\r", False), (b"\r\n", False), (b"\n", True), (b"\r\r\n", True), (b"a\n\r\n", True)],
)
def test_half_line_ends(data: bytes, is_illegal: bool) -> None:
    """Only CR LF is a line end; a CR at the end may become one."""
    assert bool(grammar.ILLEGAL.search(data)) is is_illegal
    assert bool(grammar.ILLEGAL.search(b"\r" + data, 1)) is (is_illegal and data != b"\n")


@pytest.mark.parametrize("pattern", [value for value in vars(grammar).values() if isinstance(value, re.Pattern)])
def test_repetitions_are_bounded_or_possessive(pattern: re.Pattern[str] | re.Pattern[bytes]) -> None:
    """Every unbounded repetition is possessive, so that matching takes time in proportion to the input."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    bare = re.sub(r"\[[^\]]*\]", "C", re.sub(r"\\.", "E", text))
    greedy = re.sub(r"(?:[*+?]|\{[0-9,]+\})\+", "P", bare)
    assert not re.search(r"[*+]|\{[0-9]+,\}", greedy), greedy
