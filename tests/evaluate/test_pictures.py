"""The pictures are well-formed, show every number, and no text of a caller breaks out of them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from plano.evaluate.confidence import bins
from plano.evaluate.confusion import confusion
from plano.evaluate.pictures import MOST_NUMBERS, confusion_svg, reliability_svg

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg: str) -> list[ElementTree.Element]:
    """Those with a title: the cells or bars."""
    return [one for one in ElementTree.fromstring(svg).iter(f"{SVG}rect") if one.find(f"{SVG}title") is not None]


def test_confusion() -> None:
    """Each label twice, each count once, in a green cell where it is right and a red one where it is not."""
    svg = confusion_svg(confusion(["code", "code", None], ["code", None, None]), "made")
    said = texts(svg)
    assert said.count("code") == said.count("(none)") == 2
    cells = boxes(svg)
    assert [cell.attrib["fill"] for cell in cells] == ["#0b6e4f", "#b3261e", "#0b6e4f"]
    assert [float(cell.attrib["fill-opacity"]) for cell in cells] == [0.55, 0.55, 1.0]
    assert said.count("1") == 3


def test_many_labels() -> None:
    """Beyond what can be read the digits are left out; what a pointer is told stays."""
    labels = [f"route {number}" for number in range(MOST_NUMBERS + 1)]
    svg = confusion_svg(confusion(labels, labels), "many")
    assert len(boxes(svg)) == MOST_NUMBERS + 1
    assert "1" not in texts(svg)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'a" onload="x', "a\x00b\u202ec", "&amp;", "x" * 500])
def test_any_name(name: str) -> None:
    """Names are text: escaped, printable, cut."""
    svg = confusion_svg(confusion([name], [None]), name[:20].replace("\x00", ""))
    assert "<script" not in svg
    assert max(map(len, texts(svg))) <= 40


def test_reliability() -> None:
    """One bar for each tenth with cases, as high as the share that is right."""
    svg = reliability_svg(bins([0.05, 0.95, 0.97, 1.0], [False, True, True, False]), "made", 0.25)
    first, last = boxes(svg)
    assert float(first.attrib["height"]) == 0
    assert float(last.attrib["height"]) == pytest.approx(360 * 2 / 3, abs=0.1)
    assert "expected calibration error 25.0 %, 4 cases" in texts(svg)


def test_nothing_to_show() -> None:
    """A router without probabilities has an empty diagram."""
    assert boxes(reliability_svg((), "none", None)) == []
