"""What is said of one that did not answer."""

from __future__ import annotations

import pytest

from plano.domain.attempt import NoAnswer
from plano.upstream.response import NoUsableAnswer


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("connect", "it could not be reached"),
        ("connect_timeout", "it could not be reached within 3 s"),
        ("timeout", "it took longer than 0.5 s"),
        ("reset", "it closed the connection without an answer"),
        ("protocol", "it speaks otherwise"),
    ],
)
def test_each_ending_has_its_words(ending: NoAnswer, said: str) -> None:
    """With the time that was given, where there was too little."""
    assert NoUsableAnswer(ending).said(connect_s=3.0, total_s=0.5, otherwise="it speaks otherwise") == said
