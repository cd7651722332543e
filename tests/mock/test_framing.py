"""Raw answers."""

from __future__ import annotations

from plano.mock.framing import chunk, head, whole


def test_whole_answers_have_their_length() -> None:
    """The body's length is declared; an unknown status has a reason as well."""
    answer = whole(529, b"abc", (("x-a", "b"),))
    assert answer.startswith(b"HTTP/1.1 529 Unknown\r\ndate: ")
    assert answer.endswith(b"x-a: b\r\ncontent-length: 3\r\n\r\nabc")
    assert head(200, ()).endswith(b" GMT\r\n\r\n")


def test_chunks() -> None:
    """The size in hex, and both line ends."""
    assert chunk(b"a" * 17) == b"11\r\n" + b"a" * 17 + b"\r\n"
