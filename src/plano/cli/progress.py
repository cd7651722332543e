"""How far a long piece of work is, on stderr, once it has taken a second and only where somebody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

PATIENCE_S = 1.0
BEAT_S = 0.2
_WIDTH = 30

T = TypeVar("T")


def shown(items: Sequence[T], what: str = "asking") -> Iterator[T]:
    """The items, each as it is wanted; the bar is gone when the last one is done."""
    began = last = time.monotonic()
    is_drawn = False
    is_watched = sys.stderr.isatty()
    for place, item in enumerate(items):
        now = time.monotonic()
        if is_watched and now - began >= PATIENCE_S and now - last >= BEAT_S:
            last, is_drawn = now, True
            full = _WIDTH * place // len(items)
            left = (now - began) * (len(items) - place) / max(place, 1)
            bar = "█" * full + "·" * (_WIDTH - full)
            sys.stderr.write(f"\r{what} {bar} {place}/{len(items)}, {left:.0f} s left\x1b[K")
            sys.stderr.flush()
        yield item
    if is_drawn:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
