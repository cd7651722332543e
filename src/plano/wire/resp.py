"""RESP2, the protocol of Redis and Valkey, as far as keeping values needs it.

Source: https://redis.io/docs/latest/develop/reference/protocol-spec. Arrays are never asked for, and so are refused.
"""

from __future__ import annotations

from plano.errors import StoreError

LARGEST_REPLY = 1024 * 1024

Reply = bytes | int | None
"""A value, a number, or nothing there. A simple string is its bytes."""

_END = b"\r\n"


def command(*words: bytes) -> bytes:
    """The bytes of a command."""
    parts = [b"*%d\r\n" % len(words)]
    parts += [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"".join(parts)


class Replies:
    """Cuts what a server sends into replies."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Reply | StoreError]:
        """The replies that are whole now, in order; a refusal of the server is one. Raises StoreError for nonsense."""
        self._buffer += data
        found: list[Reply | StoreError] = []
        at = 0
        while (cut := _reply(self._buffer, at)) is not None:
            reply, at = cut
            found.append(reply)
        self._buffer = self._buffer[at:]
        if len(self._buffer) > LARGEST_REPLY:
            raise StoreError("it sent a reply that is too long")
        return found


def _reply(data: bytes, at: int) -> tuple[Reply | StoreError, int] | None:
    """The reply that begins at ``at`` and where it ends, None while it is not whole."""
    end = data.find(_END, at)
    if end < 0:
        return None
    kind, line, after = data[at : at + 1], data[at + 1 : end], end + len(_END)
    if kind == b"+":
        return line, after
    if kind == b"-":
        # The code alone: what follows may quote the command, and with it a password.
        return StoreError(f"it refused a command with {line.partition(b' ')[0][:32].decode('ascii', 'replace')}"), after
    if kind not in (b":", b"$"):
        raise StoreError("it does not speak the protocol of Redis")
    try:
        number = int(line)
    except ValueError:
        raise StoreError("it does not speak the protocol of Redis") from None
    if kind == b":":
        return number, after
    return _value(data, after, number)


def _value(data: bytes, start: int, size: int) -> tuple[Reply, int] | None:
    if size < 0:
        return None, start
    if size > LARGEST_REPLY:
        raise StoreError("it sent a reply that is too long")
    end = start + size
    if len(data) < end + len(_END):
        return None
    if data[end : end + len(_END)] != _END:
        raise StoreError("it does not speak the protocol of Redis")
    return data[start:end], end + len(_END)
