"""What a router model may say, and what it then means."""

from __future__ import annotations

import pytest

from plano.domain.route import Route
from plano.intent.asked.said import LONGEST, Unreadable, read_route

CODE, CHAT = "code generation", "general questions"


def routes(*names: str) -> tuple[Route, ...]:
    return tuple(Route(name, f"about {name}", ("m",)) for name in names)


@pytest.mark.parametrize(
    "text",
    [
        '{"route": ["code generation"]}',
        '{"route": "code generation"}',
        '{"route": ["code generation", "general questions"]}',
        '{"route": ["nope", "code generation"]}',
        '{"route": [" Code Generation "]}',
        '```json\n{"route": ["code generation"]}\n```',
        '```\n{"route": "code generation"}\n```',
        'Sure: {"route": ["code generation"]} is best.',
        '<think>maybe {"route": ["general questions"]}</think>{"route": ["code generation"]}',
        'so it is <code>\n</think>\n{"route": ["code generation"]}',
        '<THINK>\nhm\n</THINK>\n\n{"route": "code generation"}',
        '{{"route": ["code generation"]}}',
        "{'route': ['code generation']}\\n",
        "{'route': 'code generation',}",
        '{"route": ["code generation"],}',
        "I'd say {'route': ['code generation']}",
        '{"route": ["code generation"]}\n{"route": ["code generation"]}',
        "code generation",
        "Code generation.",
        '"code generation"',
        "`code generation`",
        '["code generation"]',
    ],
)
def test_a_route(text: str) -> None:
    """Whatever form it has, one offered name is taken."""
    assert read_route(text, routes(CODE, CHAT)) == CODE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "null",
        "{}",
        "[]",
        "other",
        "None",
        '{"route": []}',
        '{"route": null}',
        '{"route": ""}',
        '{"route": [""]}',
        '{"route": "other"}',
        '{"route": ["nope"]}',
        "{'route': None}",
        "<think>nothing fits</think>",
    ],
)
def test_no_route(text: str) -> None:
    """Nothing, nobody and names that were not offered are no route."""
    assert read_route(text, routes(CODE, CHAT)) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"route": ["code generation"',
        "I cannot help with that.",
        "<html><body>Bad gateway</body></html>",
        '{"route": 1}',
        '{"route": {"name": "code generation"}}',
        '{"name": "code generation"}',
        '{"route": ["code generation"]} or {"route": ["general questions"]}',
        '<think>it is {"route": ["code generation"]}',
        '{"route": "code generation"}' + " " * LONGEST + ".",
        "code generation, general questions",
        "[" * 1000,
        '{"a":' * 200,
        "\x00\ufffd",
        "42",
    ],
)
def test_unreadable(text: str) -> None:
    """What is neither a route nor none is not guessed at."""
    with pytest.raises(Unreadable):
        read_route(text, routes(CODE, CHAT))


@pytest.mark.parametrize("text", ["<think>" * 9_000, "</think>" * 8_000 + "<think>", "{" * 65_000, "```" * 20_000])
def test_the_longest_answers(text: str) -> None:
    """What a model can say at most is refused without being searched again and again."""
    with pytest.raises(Unreadable):
        read_route(text + "x" * LONGEST, routes(CODE))


def test_names_that_mean_nobody_elsewhere() -> None:
    """A route that is called ``other`` is a route like any other."""
    assert read_route('{"route": "other"}', routes(CODE, "other")) == "other"
    assert read_route("other", routes(CODE, "other")) == "other"


def test_names_that_differ_in_case_alone() -> None:
    """The exact name wins; a name that could be two of them is none."""
    assert read_route('{"route": ["a"]}', routes("A", "a")) == "a"
    assert read_route('{"route": [" a "]}', routes("A", "a")) is None


def test_an_apostrophe_in_a_name() -> None:
    """Strict JSON is read first: nothing that was right is repaired."""
    assert read_route('{"route": ["user\'s code"]}', routes("user's code")) == "user's code"
    assert read_route("{'route': ['user\\'s code']}", routes("user's code")) == "user's code"
