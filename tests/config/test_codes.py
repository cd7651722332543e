"""The table of codes."""

from __future__ import annotations

import re
from pathlib import Path

from plano.config.codes import CODES

SOURCES = Path(__file__).parents[2] / "src" / "plano" / "config"


def used() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if path.name != "codes.py"]
    return {code for text in texts for code in re.findall(r"\"(PL-C\d{3})\"", text)}


def test_every_code_is_explained_and_used() -> None:
    """A code that is used has a title and an explanation; one that is not used is not in the table."""
    assert set(CODES) == used()
    for code, each in CODES.items():
        assert re.fullmatch(r"PL-C\d{3}", code)
        assert each.title and not each.title.endswith(".")
        assert each.explanation.endswith(".")


def test_titles_differ() -> None:
    """No two codes say the same."""
    assert len({each.title for each in CODES.values()}) == len(CODES)


def test_every_code_has_an_example() -> None:
    """Each error of the table is shown by a broken file, except those that no text can cause."""
    shown = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "broken").glob("*.txt"))
    from_outside = {"PL-C001", "PL-C002", "PL-C009", "PL-C083"}
    errors = {code for code, each in CODES.items() if each.severity == "error"}
    assert {code for code in errors if f"error[{code}]" not in shown} <= from_outside
