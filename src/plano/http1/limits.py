"""How much a peer may send and how long it may take: every number of the HTTP/1 core, in one table."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a connection; sizes in bytes, times in seconds. The defaults are the product's own."""

    head_bytes: int = 64 * KIB
    """A whole request head, blank line included; beyond it 431, or 414 when not even the first line has ended."""

    target_bytes: int = 8 * KIB
    """The target of a request; beyond it 414."""

    fields: int = 100
    """Field lines in a head; beyond it 431."""

    first_byte_s: float = 10.0
    """From a new connection to its first byte, or to the end of its handshake; beyond it the connection is closed."""

    head_s: float = 10.0
    """From the first byte of a head to its last, whatever the drip; beyond it 408."""

    idle_s: float = 60.0
    """From the end of an answer to the next request; beyond it the connection is closed."""

    body_bytes: int = 32 * MIB
    """A request body, declared or counted; beyond it 413."""

    body_grace_s: float = 5.0
    """From the end of the head, the time in which a body may arrive as slowly as it likes."""

    body_bytes_per_s: int = KIB
    """The rate of a body after the grace; below it 408."""

    body_credit_s: float = 30.0
    """How far a body that came faster may run ahead of the rate: else a quick start would pay for hours of silence."""

    chunk_extension_bytes: int = 256
    """The extension of one chunk; beyond it 400."""

    chunk_extensions_bytes: int = 16 * KIB
    """All extensions of one body: else single bytes in dressed-up chunks would cost 260 times their size."""

    trailer_bytes: int = 8 * KIB
    """All trailers of one body; beyond it 431."""

    pipelined_bytes: int = 64 * KIB
    """Bytes kept while an earlier request is being answered; from there on the edge should stop reading."""

    write_stall_s: float = 60.0
    """How long a peer may take nothing while bytes wait for it; beyond it the connection is closed."""

    linger_s: float = 2.0
    """After the last answer, how long the caller's bytes are read and dropped: else a reset destroys the answer."""

    linger_silent_s: float = 1.0
    """And how long none may come: then nobody is sending any more."""

    linger_bytes: int = MIB
    """How many of them."""

    answer_head_bytes: int = 64 * KIB
    """A whole head of an upstream answer."""

    answer_fields: int = 200
    """Field lines in the head of an upstream answer."""

    answer_body_bytes: int = 64 * MIB
    """The body of an upstream answer that is not a stream."""

    answer_stream_bytes: int = 1024 * MIB
    """The body of an upstream answer that is a stream."""

    interim_answers: int = 16
    """Interim (1xx) heads before the answer itself."""
