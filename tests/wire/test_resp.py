"""The protocol of Redis, as far as it is spoken."""

from __future__ import annotations

import pytest

from plano.errors import StoreError
from plano.wire.resp import LARGEST_REPLY, Replies, Reply, command


def test_a_command_is_its_words_with_their_lengths() -> None:
    """Whatever a word holds, line ends too, it stays one word."""
    assert command(b"SET", b"k\r\n", b"") == b"*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$0\r\n\r\n"


SAID = b"+OK\r\n$5\r\na\r\nbc\r\n$-1\r\n:-7\r\n$0\r\n\r\n"
MEANT: list[Reply | StoreError] = [b"OK", b"a\r\nbc", None, -7, b""]


@pytest.mark.parametrize("size", range(1, len(SAID) + 1))
def test_replies_may_come_in_any_pieces(size: int) -> None:
    """Cut anywhere, they are the same replies in the same order."""
    replies, found = Replies(), []
    for start in range(0, len(SAID), size):
        found += replies.feed(SAID[start : start + size])
    assert found == MEANT


def test_a_refusal_is_told_by_its_code_alone() -> None:
    """What follows the code may quote the command, and with it a password."""
    (refusal,) = Replies().feed(b"-WRONGPASS invalid 'hunter2'\r\n")
    assert isinstance(refusal, StoreError)
    assert "WRONGPASS" in refusal.message
    assert "hunter2" not in refusal.message


@pytest.mark.parametrize(
    "said",
    [b"HTTP/1.1 400 Bad Request\r\n", b"*1\r\n", b"$x\r\n", b":\r\n", b"$2\r\nabcd", b"$99999999\r\n", b"\r\n"],
)
def test_nonsense_is_refused(said: bytes) -> None:
    """Whoever speaks another protocol is told apart at once."""
    with pytest.raises(StoreError):
        Replies().feed(said)


def test_a_line_without_an_end_has_one_nevertheless() -> None:
    """Memory is bounded whatever a server sends."""
    with pytest.raises(StoreError, match="too long"):
        Replies().feed(b"+" + b"x" * (LARGEST_REPLY + 1))
