"""Which traces are recorded: the same ones everywhere, since a trace's own id decides."""

from __future__ import annotations

_RANGE = 2**56
"""The last seven bytes of a trace id are random (W3C Trace Context level 2, section 3.2.2.3.1)."""


def is_sampled(trace_id: str, share: float) -> bool:
    """Is a trace that begins here among the ``share`` (0..1) that is recorded?"""
    return share >= 1 or int(trace_id[-14:], 16) >= (1 - share) * _RANGE
