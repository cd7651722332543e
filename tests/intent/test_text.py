"""Which part of a conversation a router is shown."""

from __future__ import annotations

import pytest

from plano.domain.conversation import Conversation, Role, Turn
from plano.intent.text import excerpt, flat, is_blank, shown, trimmed


def conversation(*texts: str) -> Conversation:
    """User and assistant in turn, the user first."""
    roles: tuple[Role, Role] = ("user", "assistant")
    return Conversation(tuple(Turn(roles[place % 2], text) for place, text in enumerate(texts)))


GREETING = "Good day! What can I do for you now"
LISBON = "plan a trip by train from Lisbon to Vienna, four days on a small budget pls"
P = conversation("hi", GREETING, LISBON)
W = conversation(
    "hi",
    GREETING,
    "plan a trip by train to Vienna in June",
    "here is a first plan",
    "now make a second plan that avoids big cities",
)
W_TEXTS = tuple(turn.text for turn in W.turns)


def texts(turns: tuple[Turn, ...]) -> tuple[str, ...]:
    """What the turns say."""
    return tuple(turn.text for turn in turns)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("hello", 100, "hello"),
        ("hello", 5, "hello"),
        ("a" * 20, 10, "aaaa…aaa"),
        ("abcdefgh", 2, "ab"),
        ("abcdefgh", 4, "…h"),
        ("é" * 50, 25, "éééééé…ééééé"),
        ("é" * 5, 1, ""),
        ("é" * 5, 3, "é"),
        ("plan a trip by train to Vienna in June", 12, "plan …June"),
        ("日本語テキスト", 10, "日…ト"),
    ],
)
def test_trims_in_the_middle_at_character_boundaries(text: str, limit: int, expected: str) -> None:
    """Three fifths of the room come from the start and the rest from the end; no character is cut in half."""
    assert trimmed(text, max_bytes=limit) == expected
    assert len(trimmed(text, max_bytes=limit).encode()) <= limit


@pytest.mark.parametrize("limit", range(40))
def test_a_trimmed_text_never_exceeds_its_limit(limit: int) -> None:
    """Whatever the characters weigh, the limit holds and what is left is valid UTF-8."""
    text = "aé日😀" * 5
    assert len(trimmed(text, max_bytes=limit).encode()) <= limit


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (8192, ("hi", GREETING, LISBON)),
        (237, ("hi", GREETING, LISBON)),
        (236, (LISBON,)),
        (229, (LISBON,)),
        (228, ("plan a trip by train from Lisbon to Vie…days on a small budget pls",)),
        (200, (LISBON,)),
    ],
)
def test_budget_of_a_short_conversation(budget: int, expected: tuple[str, ...]) -> None:
    """Turns are taken from the newest back while they fit; the last one is shown whatever the budget."""
    assert texts(shown(P, budget_tokens=budget)) == expected


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (244, W_TEXTS),
        (236, W_TEXTS[2:]),
        (230, ("plan …June", *W_TEXTS[3:])),
        (228, ("…e", *W_TEXTS[3:])),
        (227, W_TEXTS[3:]),
        (226, W_TEXTS[4:]),
    ],
)
def test_budget_of_a_longer_conversation(budget: int, expected: tuple[str, ...]) -> None:
    """The first user turn that does not fit is trimmed and ends it; an assistant turn is never trimmed."""
    assert texts(shown(W, budget_tokens=budget)) == expected


def test_a_lone_message_over_the_budget_is_shown_in_full_below_the_floor() -> None:
    """When nothing fits at all the last turn is shown whole."""
    message = "x" * 280
    assert texts(shown(conversation(message), budget_tokens=200)) == (message,)


def test_a_huge_message_keeps_its_ends() -> None:
    """Half a megabyte in a budget of 2048: 4407 bytes of the start, the ellipsis, 2938 bytes of the end."""
    message = "FIRST LINE " + "A" * 500_000 + " LAST LINE"
    (turn,) = shown(conversation(message), budget_tokens=2048)
    head, tail = turn.text.split("…")
    assert (len(head), len(tail), len(turn.text.encode())) == (4407, 2938, 7348)
    assert head.startswith("FIRST LINE ")
    assert tail.endswith(" LAST LINE")


def test_only_the_last_sixteen_turns_are_shown() -> None:
    """Of 32 turns the older half is left out, however large the budget."""
    turns = conversation(*(f"turn-{number:03}" for number in range(32)))
    assert texts(shown(turns)) == tuple(f"turn-{number:03}" for number in range(16, 32))


def test_nothing_said_shows_nothing() -> None:
    """A conversation without turns has no text."""
    assert shown(Conversation(())) == ()


def test_half_a_surrogate_pair_is_no_error() -> None:
    """Text that cannot be encoded must not end a decision."""
    assert texts(shown(conversation("a\ud800b"))) == ("a\ud800b",)
    assert shown(conversation("a\ud800b" * 100), budget_tokens=220)[0].text.startswith("a")


def test_one_turn_is_shown_as_it_is_and_several_with_their_roles() -> None:
    """The flat text of a single request is the user's own sentence."""
    assert flat(P.turns[:1]) == "hi"
    assert flat(P.turns[:2]) == f"user: hi\nassistant: {GREETING}"


@pytest.mark.parametrize(("text", "expected"), [("abcdefgh", "abcdefgh"), ("abcdefghi", "abcde ... ghi")])
def test_an_excerpt_keeps_both_ends(text: str, expected: str) -> None:
    """Nothing is cut until the text is longer than head and tail together."""
    assert excerpt(text, head=5, tail=3) == expected


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\u200b\u200d\ufeff", "\u00a0\u3000", "\u2800", "\u3164", "\x00\x1f", "\u0301\ufe0f"]
)
def test_text_without_ink_is_blank(text: str) -> None:
    """White space, controls, joiners, fillers and marks on nothing cannot be routed by."""
    assert is_blank(text)


@pytest.mark.parametrize("text", [".", "a", "\u200ba", "日", "👍", "?"])
def test_anything_drawn_is_not_blank(text: str) -> None:
    """One visible character is enough."""
    assert not is_blank(text)
