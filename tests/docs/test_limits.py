"""The table of limits says what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from plano.config.settings import Bounds
from plano.http1.limits import KIB, MIB, Limits
from plano.server import capacity
from plano.upstream import encoding, http, pool

OF, BOUNDS = Limits(), Bounds()
ROWS = [
    f"head of a request | {OF.head_bytes // KIB} KiB, {OF.fields} fields | 431",
    f"target of a request | {OF.target_bytes // KIB} KiB | 414",
    f"to the end of its TLS handshake | {OF.first_byte_s:.0f} s | closed",
    f"from its first byte to its last | {OF.head_s:.0f} s | 408",
    f"body of a request | {OF.body_bytes // MIB} MiB | 413",
    f"rate of a body, {OF.body_grace_s:.0f} s after its head | {OF.body_bytes_per_s // KIB} KiB/s | 408",
    f"to the next request of the connection | {OF.idle_s:.0f} s | closed",
    f"a caller that takes nothing of its answer | {OF.write_stall_s:.0f} s | reset",
    f"(`connections`) | {BOUNDS.connections:,}, at most half of the file descriptors | closed",
    f"of one address, loopback excepted (`connections_per_address`) | {BOUNDS.per_address:,} | closed",
    f"| {BOUNDS.requests:,}; {BOUNDS.waiting} more wait, at most {capacity.WAIT_S:.0f} s (`waiting_requests`) | 503",
    f"bodies on their way, all together | {capacity.MAX_BODY_BYTES // MIB} MiB | 503",
    f"(`upstream_connections`) | {pool.MAX_PER_ORIGIN:,}; {pool.MAX_WAITING} more wait, at most {pool.WAIT_S:.0f} s |",
    f"an unused one of them | {pool.IDLE_S:.0f} s | closed",
    f"an answer from upstream | {OF.answer_head_bytes // KIB} KiB, {OF.answer_fields} fields | next",
    f"its body | {OF.answer_body_bytes // MIB} MiB, as a stream {OF.answer_stream_bytes // MIB:,} MiB | next",
    f"the body of an error from upstream | {http.ERROR_BODY_S:.0f} s from its head | its status",
    f"beyond {encoding.FREE_EXPANSION_BYTES // MIB} MiB to {encoding.LARGEST_EXPANSION} times their size",
]


def test_defaults() -> None:
    """What a pool has room for by itself is what the configuration gives it."""
    assert BOUNDS.to_one_upstream == pool.MAX_PER_ORIGIN


@pytest.mark.parametrize("row", ROWS)
def test_numbers(row: str) -> None:
    """Each number of the page is the one in the program."""
    page = Path("docs/reference/http.md").read_text(encoding="utf-8")
    assert row in page
