"""Words that a request shares with one route count beside what the encoders see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question
from plano.domain.route import Route
from plano.intent.embedded import EmbeddedClassifier
from plano.intent.package import Parts
from plano.intent.wording.terms import Rarity, Terms

DESK = (
    Route("pharmacy", "repeat prescriptions and refills", ("m",)),
    Route("visits", "opening hours, parking and directions", ("m",)),
)


class Silent(Rarity):
    """No word says anything."""

    def terms(self, text: str) -> Terms:
        """Nothing, whatever the ``text``."""
        return {}


def gain(parts: Parts, text: str) -> tuple[float, ...]:
    """How much words in common raise the score of each route."""
    question = Question(Conversation((Turn("user", text),)), DESK)
    silent = replace(parts, rarity=Silent({}))
    loud, quiet = (dict(EmbeddedClassifier(each).classify(question).scores) for each in (parts, silent))
    return tuple(loud[route.name] - quiet[route.name] for route in DESK)


@pytest.mark.parametrize("text", ["is my prescription ready", "is my presciption ready"])
def test_a_shared_word_speaks_for_its_route(parts: Parts, text: str) -> None:
    """Also where a slip of the finger is in it, which is put right first."""
    own, other = gain(parts, text)
    assert own > 0.005
    assert own > other


def test_nothing_shared_changes_nothing(parts: Parts) -> None:
    """To the last bit."""
    assert gain(parts, "when may I come by") == (0, 0)
