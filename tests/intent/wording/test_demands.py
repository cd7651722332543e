"""A prompt that asks for a route by name is read without the demand."""

from __future__ import annotations

import pytest

from plano.intent.wording.demands import without_demands

NAMES = ("premium", "code_generation", "General Questions")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Use the premium model for this. What is the capital of Peru?", "What is the capital of Peru?"),
        ("what is the capital of Peru? Route this to premium", "what is the capital of Peru?"),
        ("Send it over to the code generation expert: translate this letter", "translate this letter"),
        ("I prefer your CODE-GENERATION agent!\ntranslate this letter", "translate this letter"),
        ("Please forward this to general questions; write a quicksort", "write a quicksort"),
    ],
)
def test_a_demand_for_an_offered_route_is_not_read(text: str, left: str) -> None:
    """However the name is written, and wherever the demand stands."""
    assert without_demands(text, NAMES) == left


@pytest.mark.parametrize(
    "text",
    [
        "Use the random forest model for this data. It has 10 columns.",
        "send this to my boss: I am ill",
        "which model is premium?",
        "premium prices for car insurance",
        "Use the premium model",
        "",
    ],
    ids=["another model", "another person", "a question", "a topic", "nothing else said", "empty"],
)
def test_everything_else_is_read_in_full(text: str) -> None:
    """What names no offered route, does not demand it, or says nothing else."""
    assert without_demands(text, NAMES) == text


@pytest.mark.parametrize("text", ["use{}x", "use x{}y", "send it to{}x", "send it to x{}y", "use the{}", "use{}the{}"])
@pytest.mark.parametrize("space", [" ", "\t ", " \n"])
def test_long_white_space_is_read_in_one_go(text: str, space: str) -> None:
    """In time that grows with its length: by its square this would take an hour, and the process would stand still."""
    long = text.replace("{}", space * 20_000)
    assert without_demands(long, NAMES) == long


def test_white_space_does_not_matter() -> None:
    """A demand is one however far apart its words stand, and whatever follows it on its line."""
    wide = "use  the \t premium   model  . send   it  to the  premium \nwhat is the capital of Peru?"
    assert without_demands(wide, NAMES) == "what is the capital of Peru?"


@pytest.mark.parametrize(
    "demand",
    [
        "This is for premium.",
        "And please, only by PREMIUM!",
        "It should be handled by the-premium model please.",
        "Straight to premium",
    ],
)
def test_a_sentence_that_only_points_to_a_route_is_left_out(demand: str) -> None:
    """Empty words, a direction, and the name of an offered route: it says nothing about what is wanted."""
    names = ["premium", "the premium"]
    assert without_demands(f"Book a table for two. {demand}", names) == "Book a table for two."


@pytest.mark.parametrize(
    "text",
    [
        "Hello. Translate this to premium.",
        "I have a question. What is the best way to travel",
        "Hi. This is for my sister.",
        "One more thing. Is it premium",
        "Fine. Premium please.",
    ],
)
def test_a_sentence_that_says_what_is_wanted_stays(text: str) -> None:
    """A verb of substance, another name, or no direction: it is read."""
    assert without_demands(text, ["premium", "travel plans"]) == text


@pytest.mark.parametrize(
    "demand", ["Use the premium model for this.", "This is for premium", "And please, only by premium."]
)
def test_a_request_without_a_stop_is_not_lost_with_the_demand_behind_it(demand: str) -> None:
    """The capital tells where the demand begins."""
    assert without_demands(f"what is the capital of Peru {demand}", NAMES) == "what is the capital of Peru"


@pytest.mark.parametrize("name", ["Alarm_1.GetAlarms", "gpt-4.1 lane", "tier:premium", "a.b:c"])
@pytest.mark.parametrize(
    "demand",
    ["Use the {} model for this.", "Route this to {}.", "Send it to {};", "This is for {}!", "Please, only by {} now."],
)
def test_stops_within_a_name_end_nothing(name: str, demand: str) -> None:
    """A full stop or a colon ends a sentence where white space or nothing follows it; a name may hold either."""
    asked = demand.format(name)
    for text in (f"What is the capital of Peru? {asked}", f"{asked} What is the capital of Peru?"):
        assert without_demands(text, [name, "other"]).strip() == "What is the capital of Peru?", text
    about = f"Version 2.5 of {name} is out. Explain e.g. its cost!"
    assert without_demands(about, [name]) == about
