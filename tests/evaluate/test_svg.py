"""Pieces of a picture: numbers as written, texts escaped."""

from __future__ import annotations

from xml.etree import ElementTree

from plano.evaluate.svg import Style, box, line, picture, text


def test_a_document() -> None:
    """It is as large as it is said to be, white, and holds its parts in order."""
    parts = (box((1, 2), (3, 4), color="#000", said="a<b"), line((0, 0), (5, 6), is_dashed=True))
    root = ElementTree.fromstring(picture((10, 20), parts))
    assert (root.attrib["viewBox"], root.attrib["width"], root.attrib["height"]) == ("0 0 10 20", "10", "20")
    _, first, second = list(root)
    assert (first.attrib["x"], first.attrib["height"]) == ("1.0", "4.0")
    assert first[0].text == "a<b"
    assert second.attrib["stroke-dasharray"] == "4 4"


def test_a_text() -> None:
    """Escaped, turned around its own place only where it is to be."""
    assert "&lt;&amp;&gt;" in text((1, 2), "<&>", Style())
    assert "transform" not in text((1, 2), "a", Style())
    assert 'transform="rotate(-45 1.0 2.0)"' in text((1, 2), "a", Style(9, "end"), turned=-45)
