"""Numbers as people read them in a terminal. What is not known is ``?``, and never 0."""

from __future__ import annotations

import re
from math import floor, log10

import click

UNKNOWN = "?"

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def count(number: float | None) -> str:
    """A count with its thousands apart."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def seconds(number: float | None) -> str:
    """Seconds in the unit that needs the fewest digits: ``0.42 ms``, ``410 ms``, ``3.1 s``, ``2 min``."""
    if number is None:
        return UNKNOWN
    if number < 0.9995:
        return f"{number * 1000:.{2 if number < 0.01 else 1 if number < 0.1 else 0}f} ms"
    if number < 120:
        return f"{number:.1f} s"
    return f"{number / 60:.0f} min" if number < 5400 else f"{number / 3600:.0f} h"


def usd(number: float | None) -> str:
    """US dollars; small amounts with two significant digits."""
    if number is None:
        return UNKNOWN
    if number == 0 or number >= 0.1:
        return f"${number:,.2f}"
    return f"${number:.{min(12, 1 - floor(log10(number)))}f}"


def percent(part: float, whole: float) -> str:
    """A share; of nothing it is not known."""
    return UNKNOWN if whole == 0 else f"{100 * part / whole:.3g} %"


def size(number: float | None) -> str:
    """Bytes."""
    if number is None:
        return UNKNOWN
    return f"{number:.0f} B" if number < 1000 else f"{number / 1000:.1f} kB"


class Duration(click.ParamType[float]):
    """``30s``, ``5m``, ``2h`` or ``1d``, as seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = re.fullmatch(r"(\d{1,6})([smhd])", str(value))
        if found is None:
            self.fail("a number with s, m, h or d, such as 5m", param, ctx)
        return float(found[1]) * _UNITS[found[2]]
