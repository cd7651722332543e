"""The last good prices of each source on disk, so that a restart while the source is away does not lose them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from plano.domain.catalog import Price

FORMAT = 1
LARGEST_FILE = 32 * 1024 * 1024
MOST_PRICES = 50_000
"""As many as are read of one source."""


class _File(msgspec.Struct, frozen=True):
    """``said_at``: seconds since the epoch. ``url``: of the source, so that a changed source begins anew."""

    format: int
    url: str
    said_at: float
    prices: dict[str, Price]


_DECODE = msgspec.json.Decoder(_File).decode


class KeptPrices:
    """One file for each source in ``folder``; None keeps nothing. ``wall``: seconds since the epoch.

    No failure here is worth more than the loss of what would have been kept: nothing raises.
    """

    def __init__(self, folder: str | None, wall: Callable[[], float]) -> None:
        self._folder = None if folder is None else Path(folder)
        self._wall = wall

    def write(self, url: str, prices: Mapping[str, Price]) -> bool:
        """Keeps the prices of a source; False when that was not possible."""
        if self._folder is None:
            return False
        path = self._path(self._folder, url)
        beside = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.write_bytes(msgspec.json.encode(_File(FORMAT, url, self._wall(), dict(prices))))
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            return False
        return True

    def read(self, url: str) -> tuple[Mapping[str, Price], float] | None:
        """The prices of a source and their age in seconds (>= 0); None when nothing usable is kept.

        A file from the future, written before the clock was set back, counts as new.
        """
        if self._folder is None:
            return None
        try:
            path = self._path(self._folder, url)
            if path.stat().st_size > LARGEST_FILE:
                return None
            file = _DECODE(path.read_bytes())
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if file.format != FORMAT or file.url != url or not 0 < len(file.prices) <= MOST_PRICES:
            return None
        return file.prices, max(0.0, self._wall() - file.said_at)

    @staticmethod
    def _path(folder: Path, url: str) -> Path:
        return folder / f"prices-{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
