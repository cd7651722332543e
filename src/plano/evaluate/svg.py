"""Text, lines and boxes as SVG: every text is escaped, nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal

INK, PAPER, GRID, GOOD, BAD = "#1b1f24", "#ffffff", "#d0d7de", "#0b6e4f", "#b3261e"
FAINT = "#656d76"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks. ``size``: pixels."""

    size: float = 12.0
    anchor: Literal["start", "middle", "end"] = "start"
    color: str = INK
    weight: int = 400


def text(at: Point, said: str, style: Style, *, turned: int = 0) -> str:
    """A text that begins, is centred or ends at that point. ``turned``: degrees, clockwise."""
    (x, y), turn = at, ""
    if turned:
        turn = f' transform="rotate({turned} {x:.1f} {y:.1f})"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="system-ui, sans-serif" font-size="{style.size:.1f}" '
        f'font-weight="{style.weight}" text-anchor="{style.anchor}" fill="{style.color}"{turn}>{escape(said)}</text>'
    )


def line(start: Point, end: Point, *, color: str = GRID, width: float = 1.0, is_dashed: bool = False) -> str:
    """A straight line."""
    dashes = ' stroke-dasharray="4 4"' if is_dashed else ""
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{color}" stroke-width="{width}"{dashes}/>'


def box(corner: Point, size: Point, *, color: str, opacity: float = 1.0, said: str = "") -> str:
    """A filled box from its upper left corner. ``said``: what a pointer over it is told."""
    title = f"<title>{escape(said)}</title>" if said else ""
    place = f'x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}"'
    return f'<rect {place} fill="{color}" fill-opacity="{opacity:.2f}">{title}</rect>'


def picture(size: Point, parts: Iterable[str]) -> str:
    """The whole document."""
    width, height = f"{size[0]:.0f}", f"{size[1]:.0f}"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n{body}\n</svg>\n'
    )
