"""What the embedded router reads of conversations and routes."""

from __future__ import annotations

import pytest

from plano.domain.conversation import Turn
from plano.domain.route import Route
from plano.intent.views import closes, everyday, examples, excluded_phrases, phrases, views


def user(text: str) -> Turn:
    """A user turn."""
    return Turn("user", text)


def assistant(text: str) -> Turn:
    """An assistant turn."""
    return Turn("assistant", text)


def test_a_single_request_is_one_view() -> None:
    """The user's own words, without the white space around them."""
    assert views([user("  hello there\n")]) == ("hello there",)


def test_a_followup_is_shown_alone_and_with_what_led_to_it_newest_first() -> None:
    """Last turn, the reply before it, then earlier user turns backwards."""
    turns = [user("one"), assistant("first reply"), user("two"), assistant("second reply"), user("three")]
    assert views(turns) == ("three", "three\nsecond reply\ntwo\none")


def test_at_most_three_earlier_turns_are_read() -> None:
    """The cost of a long conversation is bounded."""
    assert views([user(str(number)) for number in range(9)]) == ("8", "8\n7\n6\n5")


def test_a_long_turn_keeps_its_beginning_and_its_end() -> None:
    """Half a megabyte becomes 100 + 90 characters, a reply 40 + 50."""
    (view,) = views([user("ask " + "x" * 500_000 + " end")])
    assert len(view) == 195
    assert view.index(" ... ") == 100
    assert view.startswith("ask xxx")
    assert view.endswith("xxx end")
    _, context = views([user("one"), assistant("y" * 5_000), user("two")])
    assert context == f"two\n{'y' * 40} ... {'y' * 50}\none"


def test_courtesies_are_not_read() -> None:
    """Neither those of a short turn nor those at both ends of a long one; a turn of nothing else is."""
    polite = [user("Hi! Could you book a flight? Many thanks")]
    assert views(polite, ()) == ("Could you book a flight?",)
    assert views(polite) == (polite[0].text,)
    (view,) = views([user(f"Good morning. {'draw it ' * 200} the end. Thank you!")], ())
    assert view.startswith("draw it")
    assert view.endswith("the end.")
    assert views([user("Thank you!")], ()) == ("Thank you!",)


def test_the_number_of_a_step_is_not_read() -> None:
    """It takes no room of a long turn either; without names a turn stays as it was said."""
    assert views([user("Step 3 of 7: run the tests")], ()) == ("run the tests",)
    assert views([user("Step 3: run the tests")]) == ("Step 3: run the tests",)


def test_blank_turns_are_not_there() -> None:
    """White space and invisible characters are no request; without any request there is no view."""
    assert views([user("real"), user("\u200b "), assistant("ok")]) == ("real",)
    assert views([user(" "), user("\u2800")]) == ()
    assert views([assistant("hello")]) == ()
    assert views([]) == ()


def test_a_description_is_read_whole_and_in_facets() -> None:
    """Facets end at commas, stops, brackets, "and" and "or"; each is named, and stands once."""
    route = Route("code", "writing code, fixing bugs and reviews (short), fixing bugs", ("m",))
    assert phrases(route, among=2) == (
        "code: writing code, fixing bugs and reviews (short), fixing bugs",
        "writing code (code)",
        "fixing bugs (code)",
        "reviews (code)",
        "short (code)",
    )


def test_a_facet_of_three_words_speaks_for_itself() -> None:
    """The name is no part of it; what the route is not for is read apart."""
    route = Route("code_help", "Use this for writing new code, tests. Not bugs, not reviews.", ("m",))
    assert phrases(route, among=2) == ("code help: writing new code, tests", "writing new code", "tests (code help)")
    assert excluded_phrases(route, among=2) == ("bugs", "reviews")
    assert excluded_phrases(route, among=65) == ()


def test_large_policies_are_read_with_fewer_facets() -> None:
    """Eight facets up to 32 routes, three up to 64, none above."""
    route = Route("all", ", ".join(f"facet {number}" for number in range(20)), ("m",))
    assert [len(phrases(route, among=among)) for among in (1, 32, 33, 64, 65, 256)] == [9, 9, 4, 4, 1, 1]


def test_examples_are_bounded() -> None:
    """The first 32 that can be seen, 400 characters each."""
    route = Route("r", "d", ("m",), examples=(" ", *("x" * 1_000 for _ in range(50))))
    assert len(examples(route)) == 31
    assert {len(text) for text in examples(route)} == {400}


@pytest.mark.parametrize("size", [100, 185, 300, 5_000])
@pytest.mark.parametrize("form", ["{text} Use the premium model for this.", "Route this to premium! {text}"])
def test_a_demand_takes_no_room_from_what_is_asked(form: str, size: int) -> None:
    """However long a request is, what is read of it is the same with a demand before or behind it."""
    text = ("what does the word on the third page of the letter mean, and who wrote it? " * 99)[:size].strip()
    before = (Turn("user", text.upper()), Turn("assistant", "the baker"))
    demanded = (Turn("user", form.format(text=text.upper())), Turn("assistant", "the baker"))
    assert views([Turn("user", form.format(text=text))], ("premium",)) == views([Turn("user", text)], ("premium",))
    assert views([*demanded, Turn("user", "and now?")], ("premium",)) == views([*before, Turn("user", "and now?")])
    assert "premium" in views([Turn("user", form.format(text="hm"))], ())[0]


def test_what_a_wide_route_means_is_read_with_it() -> None:
    """Its meanings always, its requests in policies in which facets are read; of a route with a subject nothing."""
    wide = Route("general", "general questions", ("m",))
    meant, usual = everyday(wide, among=64)
    assert len(meant) > 2
    assert len(usual) > 20
    assert everyday(wide, among=65) == (meant, ())
    assert everyday(Route("code", "generating new code", ("m",)), among=2) == ((), ())


def test_nothing_but_thanks_to_a_reply_closes_a_conversation() -> None:
    """A reply that asks something may be answered with praise, and at the beginning there is nothing to close."""
    thanks = user("that one worked, you're a star")
    assert closes([user("reset it"), assistant("Done."), thanks])
    assert not closes([user("reset it"), assistant("Shall I?\n"), thanks])
    assert not closes([user("reset it"), thanks])
    assert not closes([user("reset it"), assistant("Done."), assistant("Done.")])
    assert not closes([thanks])
    assert not closes([])
