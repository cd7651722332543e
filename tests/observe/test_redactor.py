"""The one filter of everything that is shown."""

from __future__ import annotations

import pytest

from plano.domain.secret import Secret
from plano.observe.redactor import LONGEST_TEXT, Redactor

KEY = "planted+key(1)"
REDACTOR = Redactor([Secret(KEY), Secret("x"), Secret(f"{KEY}-longer")], ["openai/sk-model-one", f"route {KEY}"])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"/v1/{KEY}/x", "/v1/***/x"),
        (f"{KEY}{KEY}", "******"),
        (f"{KEY}-longer", "***"),
        ("xylophone", "xylophone"),
        ("openai/sk-model-two", "openai/sk-model-two"),
        (f"route {KEY}", f"route {KEY}"),
    ],
)
def test_names(said: str, shown: str) -> None:
    """Configured keys go, the longest first; what is declared stays, and so does what only looks like a key."""
    assert REDACTOR.name(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"{KEY} and sk-proj-0123456789", "*** and ***"),
        ("authorization: Bearer abcdefgh12345678", "authorization: Bearer ***"),
        ("openai/sk-model-two", "openai/***"),
        ("openai/sk-model-one", "openai/sk-model-one"),
        ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"),
    ],
)
def test_texts(said: str, shown: str) -> None:
    """Whatever looks like a key goes as well: nobody may have told us of it."""
    assert REDACTOR.text(said) == shown


def test_without_keys() -> None:
    """A gateway of mock models has none."""
    assert Redactor().name("anything") == "anything"


def test_long_texts() -> None:
    """Are looked at as far as they are shown, and a key that stands across that end leaves nothing of itself."""
    assert REDACTOR.text("x" * 100_000) == "x" * LONGEST_TEXT
    assert REDACTOR.text("x" * 20 + KEY, 22) == "x" * 20 + "**"
    assert REDACTOR.name("x" * 100_000) == "x" * LONGEST_TEXT
