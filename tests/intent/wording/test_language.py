"""How surprising words are, by themselves and after others."""

from __future__ import annotations

import pytest

from plano.intent.wording.language import Language


@pytest.fixture(scope="module")
def language() -> Language:
    """Three words and what comes after two of them."""
    return Language({"the": 30, "form": 95, "from": 60}, {"": {"the": 20}, "the": {"form": 40, "from": 70}})


def test_the_more_letters_of_nobody_knows_what(language: Language) -> None:
    """A word that is not known is more surprising than any that is, and the more so the longer it is."""
    assert [language.alone(word) for word in ("the", "a", "xq", "xqz")] == [30, 45, 178, 192]


@pytest.mark.parametrize(
    ("before", "word", "tenths"),
    [("the", "form", 45), ("the", "from", 69), ("form", "from", 69), ("", "the", 25), ("", "form", 104)],
    ids=["usual", "unusual", "never", "begins", "never begins"],
)
def test_the_word_before_counts_where_it_says_something(
    language: Language, before: str, word: str, tenths: int
) -> None:
    """The smaller of both surprisals, each with the price of its share in the mixture."""
    assert language.after(before, word) == tenths
