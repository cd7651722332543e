"""From problems to findings: order, excerpts, masks."""

from __future__ import annotations

import pytest

from plano.config.document import read
from plano.config.excerpt import Source, settle
from plano.config.findings import Excerpt, Finding, Place, Problem


def one(text: str, place: Place | None, reason: str = "r", hint: str | None = None) -> Finding:
    root, _ = read(text)
    (finding,) = settle([Problem("PL-C010", reason, place, hint)], Source.of("f.yaml", text, root))
    return finding


def excerpt(text: str, place: Place) -> Excerpt:
    found = one(text, place).excerpt
    assert found is not None
    return found


def test_the_marked_part() -> None:
    """The excerpt is the line, with offset and width of the place."""
    assert excerpt("a: b\nccc: d\n", Place(2, 6, 2, 7)) == Excerpt("ccc: d", 5, 1)


def test_a_place_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    """Only the first line is shown."""
    assert excerpt("a: [b,\n c]\n", Place(1, 4, 2, 4)) == Excerpt("a: [b,", 3, 3)


def test_an_empty_place_has_a_mark() -> None:
    """At least one column is marked, also behind the end of the line."""
    assert excerpt("a:\n", Place(1, 3, 1, 3)) == Excerpt("a:", 2, 1)


def test_wide_characters_move_the_mark() -> None:
    """Offset and width count the columns of a terminal."""
    assert excerpt("日本: テスト\n", Place(1, 5, 1, 8)) == Excerpt("日本: テスト", 6, 6)


def test_escapes_move_the_mark() -> None:
    """An escaped character takes the columns of its escape."""
    text = 'a: "\u202e" , x\n'
    assert excerpt(text, Place(1, 8, 1, 9)) == Excerpt('a: "\\u{202e}" , x', 14, 1)


def test_secrets_are_masked_and_move_the_mark() -> None:
    """A secret value is stars, whatever its length, and what stands behind it is still marked rightly."""
    text = "{access_key: hunter2-hunter2, b: c}\n"
    assert excerpt(text, Place(1, 31, 1, 32)) == Excerpt("{access_key: ***, b: c}", 18, 1)


def test_secrets_over_several_lines_are_masked() -> None:
    """Each line of a secret value is masked."""
    text = "access_key: |\n  hunter2\n  more\nb: c\n"
    assert excerpt(text, Place(2, 3, 2, 4)).text == "***"
    assert excerpt(text, Place(3, 3, 3, 4)).text == "***"


def test_long_lines_are_cut_around_the_mark() -> None:
    """At most 120 columns are shown, the marked part among them."""
    text = f"a: {'x' * 500}, {'y' * 500}\n"
    found = excerpt(text, Place(1, 506, 1, 510))
    assert len(found.text) <= 121
    assert found.text.startswith("…") and found.text.endswith("…")
    assert found.text[found.offset :].startswith("yyyy")


def test_a_line_that_just_fits_is_shown_whole() -> None:
    """A line of exactly 120 columns is not cut; one of 121 is."""
    fits = f"a: {'x' * 117}\n"
    assert excerpt(fits, Place(1, 100, 1, 101)) == Excerpt(fits.rstrip(), 99, 1)
    assert excerpt(f"b{fits}", Place(1, 100, 1, 101)).text.startswith("…")


@pytest.mark.parametrize("size", [1_000_000])
def test_huge_lines_are_windowed(size: int) -> None:
    """A line of a megabyte gives a short excerpt."""
    text = f"# {'x' * size}"
    assert len(excerpt(text, Place(1, size, 1, size + 1)).text) <= 122


def test_findings_come_in_the_order_of_the_file_each_once() -> None:
    """Findings without a place first, then by line and column; the same one twice is one."""
    text = "a: b\nc: d\n"
    root, _ = read(text)
    second, first = Problem("PL-C010", "x", Place(2, 1, 2, 2)), Problem("PL-C010", "y", Place(1, 4, 1, 5))
    found = settle([second, first, second, Problem("PL-C001", "z")], Source.of("f", text, root))
    assert [(each.reason, each.line) for each in found] == [("z", None), ("y", 1), ("x", 2)]


def test_severity_comes_from_the_code() -> None:
    """A code is an error or a warning, never now this and now that."""
    assert one("a: b\n", None).severity == "error"
    (warning,) = settle([Problem("PL-C080", "r")], Source.of("f", "", None))
    assert warning.severity == "warning"


def test_sentences_are_redacted_and_stay_on_one_line() -> None:
    """Reason and hint hold no known secret, no line break, and no more than is bearable."""
    finding = one("access_key: hunter2-hunter2\n", None, "found 'hunter2-hunter2'\n", "x" * 1000)
    assert finding.reason == "found '***'\\u{a}"
    assert finding.hint is not None
    assert len(finding.hint) == 600


def test_a_place_behind_the_file_has_no_excerpt() -> None:
    """A place that the text does not have is named, not shown."""
    assert one("a: b", Place(9, 1, 9, 2)).excerpt is None
