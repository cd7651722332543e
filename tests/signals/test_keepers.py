"""Who made what a caller may send back."""

from __future__ import annotations

from plano.domain.issued import Issued
from plano.domain.model import Endpoint, Model, Origin
from plano.signals.keepers import REMEMBERED, Keepers

HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")
A, B = Model("p/a", "p", "a", HERE), Model("mine", "q", "b", HERE)


def test_the_latest_word_counts() -> None:
    """Of a response the model is known, of a proof the provider, and of anything else nothing."""
    keepers = Keepers()
    keepers.note(Issued("resp_1", ("one", "two")), A)
    keepers.note(Issued("resp_1", ("two",)), B)
    assert (keepers.of("resp_1"), keepers.of("resp_2"), keepers.of("one")) == ("mine", None, None)
    assert (keepers.maker("one"), keepers.maker("two"), keepers.maker("resp_1")) == ("p", "q", None)


def test_they_are_bounded() -> None:
    """What was met first is forgotten; what is noted again pushes nobody out."""
    keepers = Keepers()
    for number in range(REMEMBERED):
        keepers.note(Issued(f"resp_{number}", (f"proof_{number}",)), A)
    keepers.note(Issued("resp_7", ("proof_7",)), A)
    assert (keepers.of("resp_0"), keepers.maker("proof_0")) == ("p/a", "p")
    keepers.note(Issued("new", ("new",)), A)
    assert (keepers.of("resp_0"), keepers.of("resp_1"), keepers.of("new")) == (None, "p/a", "p/a")
    assert (keepers.maker("proof_0"), keepers.maker("proof_1"), keepers.maker("new")) == (None, "p", "p")
