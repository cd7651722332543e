"""What is nothing but polite is not read with a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.intent.wording.courtesy import is_closing, without_courtesies

REQUEST = "book a table for two in Lyon."


@pytest.mark.parametrize(
    "before",
    [
        "Hi, ", "Good morning! ", "Hello there. ", "Hey, hope you're doing well. ", "Quick question, please: ",
        "Sorry to bother you again, ", "Dear assistant,\n\n", "HELLO! ", "(sorry) ", "Well, ok, so: ", "erm... ",
        "Thanks again! ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("after", ["", " Thanks!", "\nKind regards", " If you have a minute, please.", " (no rush)"])
def test_courtesies_at_both_ends_are_left_out(before: str, after: str) -> None:
    """Greetings, excuses and hedges before; thanks, regards and patience after."""
    assert without_courtesies(f"{before}{REQUEST}{after}") == REQUEST


@pytest.mark.parametrize(
    "text",
    [
        REQUEST,
        "Thanks, that's all for today.",
        "Perfect, thank you! Bye",
        "That worked, thanks a lot.",
        "Hi!",
        "what do you think?",
        "I owe him 50 dollars, how much is that with you?",
        "Which one should I get: Android, iPhone?",
        "That did not help, it fails again.",
        "Reply to this email, please.\n\nDear John, the budget for May is missing.",
        "What do you mean by that: zero copy?",
        "The word is: thanks: translate it",
        "```\nfoo()\n```",
        "...",
        "",
        "你好, 请帮我订票",
    ],
    ids=["nothing", "closing", "praise", "worked", "greeting", "question", "no courtesy", "devices", "no help", "email",
         "meaning", "within", "code", "stops", "empty", "other script"],
)  # fmt: skip
def test_the_rest_is_as_it_was(text: str) -> None:
    """What has no courtesies, what is nothing else, and what stands in the middle."""
    assert without_courtesies(text) == text


@given(st.text(st.sampled_from("Hi thanks,.;:()\n book please \u2014"), max_size=60))
def test_what_is_left_is_a_piece_of_the_text(text: str) -> None:
    """Nothing is put in; done twice it is the same where what was left begins with no courtesy."""
    assert without_courtesies(text) in text


@pytest.mark.parametrize(
    "text",
    [
        "that one worked, you're a star",
        "lifesaver 🙏",
        "brill. night night",
        "That'll do. Thanks.",
        "will try, cheers",
        "mil gracias!!",
        "nice, cu",
        "nah. gotta run, ttyl",
        "good night, old friend",
        "vielen dank, tschüss",
    ],
)
def test_a_turn_of_nothing_but_thanks_closes(text: str) -> None:
    """Each of these kept the route of what was said before."""
    assert is_closing(text)


@pytest.mark.parametrize(
    "text",
    [
        "yes please",
        "ok",
        "perfect, now in French",
        "thanks, and again?",
        "worked great?",
        "yes, that's perfect",
        "great, another one please",
        "",
        "👍",
    ],
)
def test_what_goes_on_does_not_close(text: str) -> None:
    """Consent and new wishes, however friendly."""
    assert not is_closing(text)
