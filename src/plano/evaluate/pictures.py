"""Figures as pictures: what is taken for what, and what probabilities are worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plano.evaluate.confidence import Bin
from plano.evaluate.confusion import Confusion, shown
from plano.evaluate.svg import BAD, FAINT, GOOD, INK, PAPER, Style, box, line, picture, text

LONGEST_LABEL = 32
MOST_NUMBERS = 40
"""Labels up to which each cell shows its count: beyond, the digits could not be read."""

_TITLE = Style(15, weight=600)
_NOTE = Style(12, color=FAINT)
_LETTER = 6.6
"""Width of a letter of 12 px, on average."""


def confusion_svg(matrix: Confusion, title: str) -> str:
    """The matrix: rows are what was wanted, columns what was given; the fuller a cell, the larger its share of the row.

    Right answers are green, wrong ones red.
    """
    labels = [_cut(shown(label)) for label in matrix.labels]
    cell = 34.0 if len(labels) <= 12 else max(10.0, 560.0 / len(labels))
    longest = max(map(len, labels), default=1) * _LETTER
    left, top, side = longest + 24, longest * 0.71 + 84, cell * len(labels)
    size = min(12.0, max(6.0, cell * 0.75))
    parts = [text((16, 26), title, _TITLE), text((16, 46), "rows: wanted, columns: given", _NOTE)]
    for place, label in enumerate(labels):
        middle = (place + 0.5) * cell + size * 0.35
        parts.append(text((left - 8, top + middle), label, Style(size, "end")))
        parts.append(text((left + middle, top - 8), label, Style(size), turned=-45))
    for place in range(len(labels) + 1):
        at = place * cell
        parts += [line((left, top + at), (left + side, top + at)), line((left + at, top), (left + at, top + side))]
    for row, counts in enumerate(matrix.counts):
        parts += _row(row, counts, corner=(left, top + row * cell), cell=cell, has_numbers=len(labels) <= MOST_NUMBERS)
    return picture((max(left + side + longest * 0.71 + 16, 360.0), top + side + 20), parts)


def reliability_svg(tenths: Sequence[Bin], title: str, error: float | None) -> str:
    """The share that is right over the probability that was claimed; on the diagonal both are the same."""
    left, top, side = 64.0, 72.0, 360.0
    most, total = max([one.cases for one in tenths], default=1), sum([one.cases for one in tenths])
    said = "" if error is None else f"expected calibration error {100 * error:.1f} %, {total} cases"
    parts = [text((16, 26), title, _TITLE), text((16, 46), said, _NOTE)]
    for step in range(6):
        at = step / 5
        x, y = left + at * side, top + (1 - at) * side
        parts.append(line((left, y), (left + side, y)))
        parts.append(text((left - 8, y + 4), f"{at:.1f}", Style(11, "end", FAINT)))
        parts.append(text((x, top + side + 18), f"{at:.1f}", Style(11, "middle", FAINT)))
    wide = side / 10
    for one in tenths:
        x, y = left + one.low * side, top + (1 - one.right) * side
        told = f"{one.cases} cases, claimed {one.chance:.3f}, right {one.right:.3f}"
        opacity = 0.25 + 0.75 * one.cases / most
        parts.append(box((x + 2, y), (wide - 4, one.right * side), color=GOOD, opacity=opacity, said=told))
        parts.append(text((x + wide / 2, top - 6), str(one.cases), Style(10, "middle", FAINT)))
    parts.append(line((left, top + side), (left + side, top), color=INK, is_dashed=True))
    for one in tenths:
        x, y = left + one.low * side, top + (1 - one.chance) * side
        parts.append(line((x + 2, y), (x + wide - 2, y), color=BAD, width=2.5))
    parts.append(text((left + side / 2, top + side + 40), "probability of the best route", Style(12, "middle")))
    parts.append(text((20, top + side / 2), "share that is right", Style(12, "middle"), turned=-90))
    parts.append(text((left, top + side + 62), "bar: right; red: claimed; above: cases", Style(11, color=FAINT)))
    return picture((left + side + 24, top + side + 76), parts)


def _row(
    row: int, counts: Sequence[int], *, corner: tuple[float, float], cell: float, has_numbers: bool
) -> Iterator[str]:
    total, size = max(1, sum(counts)), min(12.0, cell * 0.5)
    for column, count in enumerate(counts):
        if not count:
            continue
        x, y, share = corner[0] + column * cell, corner[1], count / total
        opacity = 0.1 + 0.9 * share
        color = GOOD if row == column else BAD
        yield box((x + 0.5, y + 0.5), (cell - 1, cell - 1), color=color, opacity=opacity, said=str(count))
        if has_numbers:
            style = Style(size, "middle", PAPER if opacity > 0.5 else INK)
            yield text((x + cell / 2, y + cell / 2 + size * 0.35), str(count), style)


def _cut(label: str) -> str:
    printable = "".join([char if char.isprintable() else "?" for char in label])
    return printable if len(printable) <= LONGEST_LABEL else printable[: LONGEST_LABEL - 1] + "…"
