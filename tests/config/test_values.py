"""Every value and its origin."""

from __future__ import annotations

from collections.abc import Callable

from plano.config.load import load_text
from plano.config.settings import Settings


def test_every_value_once(settled: Callable[[str], Settings], mission: str) -> None:
    """No path stands twice, and every value of the file is there."""
    values = settled(mission).values
    paths = [each.path for each in values]
    assert len(paths) == len(set(paths))
    written = {each.path: each.shown for each in values if each.origin != "default"}
    assert written["routing_preferences", 1, "models", 0] == "openai/gpt-4o-mini"
    assert written["model_providers", 2, "default"] is True


def test_lines_are_those_of_the_file(settled: Callable[[str], Settings], mission: str) -> None:
    """The origin names the line on which the value stands."""
    values = {each.path: each.origin for each in settled(mission).values}
    assert values["version",] == "plano.yaml:1"
    assert values["routing_preferences", 0, "name"] == "plano.yaml:13"


def test_keys_that_are_not_set(env: dict[str, str], mission: str) -> None:
    """In dev mode a key without its variable is shown as such, without a fingerprint of nothing."""
    del env["OPENAI_API_KEY"]
    values = {each.path: each.shown for each in load_text(mission, env, dev=True).values}
    assert values["model_providers", 1, "access_key"] == "$OPENAI_API_KEY (not set)"
