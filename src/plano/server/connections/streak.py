"""Who drips: a caller that sends little, several times in a row, without a request coming of it."""

from __future__ import annotations

SEGMENT_BYTES = 1200
"""Who has more to send fills a segment at least, and the smallest that are in use hold 1,220 bytes (RFC 8200 §5)."""

DRIPS = 4
"""So many in a row make a caller one that drips; a request whose head, body and end are sent apart has fewer."""


def in_a_row(before: int, size: int) -> int:
    """How many small pieces came in a row, now that ``size`` bytes did, and no request began or was whole with them.

    ``before``: as it was before them, 0 when a request began or was whole with the last ones.
    """
    return before + 1 if size < SEGMENT_BYTES else 0
