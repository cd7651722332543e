"""Why answers end."""

from __future__ import annotations

import pytest

from plano.wire.canonical import answer as ends
from plano.wire.dialects import finishes


@pytest.mark.parametrize("reason", [*finishes.FROM_MESSAGES.values(), *finishes.FROM_CHAT.values(), "tomorrow's"])
def test_every_end_has_a_word_everywhere(reason: str) -> None:
    """The tables are total; only what ended regularly is told as a regular end."""
    regular = reason in (ends.STOP, ends.STOP_SEQUENCE)
    assert (finishes.to_chat(reason)[0] == "stop") is regular
    assert (finishes.to_messages(reason)[0] == "end_turn") is (reason == ends.STOP)
    assert (finishes.to_responses(reason)[0] is None) is (regular or reason == ends.TOOL_CALLS)


@pytest.mark.parametrize("word", finishes.FROM_MESSAGES)
def test_ends_there_and_back(word: str) -> None:
    """Every word of Anthropic's is its own translation."""
    assert finishes.to_messages(finishes.FROM_MESSAGES[word]) == (word, None)
