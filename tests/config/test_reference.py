"""The reference page and the JSON Schema."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from plano.config.reference import json_schema, markdown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"


def accepts(text: str) -> bool:
    validator = jsonschema.Draft202012Validator(json_schema())
    return not list(validator.iter_errors(yaml.safe_load(text)))


def test_the_page_is_up_to_date() -> None:
    """The page in the docs is what the code says now: write ``markdown()`` over it after a change."""
    assert PAGE.read_text(encoding="utf-8") == markdown()


def test_the_schema_is_a_schema() -> None:
    """Editors can read it."""
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_schema_accepts_the_example_and_refuses_a_typo(mission: str) -> None:
    """The mission's example fits; ``routing_preference`` does not."""
    assert accepts(mission)
    assert not accepts(mission.replace("routing_preferences:", "routing_preference:"))


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("listeners: [{port: 12000}]", True),
        ("listeners: [{port: '${PORT:-12001}'}]", True),
        ("listeners: [{port: 70000}]", False),
        ("listeners: [{timeout: 30s}]", True),
        ("listeners: [{timeout: 30}]", False),
        ("listeners: {egress_traffic: {port: 12000}}", True),
        ("routing: {route_on_user_only: true}", True),
        ("routing: {route_on_user_only: maybe}", False),
        ("model_metrics_sources: [{type: cost, provider: models.dev}]", True),
        ("model_metrics_sources: [{type: latency, provider: prometheus}]", False),
        ("agents: []", False),
    ],
)
def test_the_schema_agrees_with_the_loader(one_model: str, section: str, expected: bool) -> None:
    """What the schema says of a section is what loading says."""
    assert accepts(f"{one_model}{section}\n") is expected


def test_every_key_is_described() -> None:
    """Each key of each section has a description, its own or that of the section it holds."""
    schema = json_schema()
    sections = schema["$defs"]
    for section in (schema, *sections.values()):
        for name, described in section.get("properties", {}).items():
            held = sections.get(described.get("$ref", "").removeprefix("#/$defs/"), {})
            assert described.get("description") or held.get("description"), name


def test_defaults_of_durations_have_units() -> None:
    """A default is written as it would be in the file."""
    assert json_schema()["$defs"]["Listener"]["properties"]["timeout"]["default"] == "300s"
