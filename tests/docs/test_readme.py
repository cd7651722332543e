"""What the README shows is true: its configuration loads, its code runs, its commands and links exist."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plano.cli import _COMMANDS
from plano.config.load import load_text
from tests.running import KEYS, TRACEPARENT, Running, mission_text, question

README = Path("README.md").read_text(encoding="utf-8")
PAGES = sorted(path for path in [Path("README.md"), *Path("docs").rglob("*.md")])


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_configuration_loads() -> None:
    """The YAML block is a configuration without a warning."""
    (block,) = blocks("yaml")
    assert not load_text(block, KEYS).warnings


def test_the_decision_is_the_one_shown(gateway: Running) -> None:
    """The request of the curl example has the answer that stands below it."""
    (request,) = re.findall(r"-d '(\{.*?\n\})'", README, re.DOTALL)
    (shown,) = blocks("json")
    assert gateway.decide(json.loads(request), {"traceparent": TRACEPARENT}).json() == json.loads(shown)


@pytest.mark.parametrize("block", blocks("python"))
def test_the_code_runs(gateway: Running, block: str) -> None:
    """Each Python block runs against a gateway as it stands, but for the address."""
    names: dict[str, Any] = {}
    exec(block.replace("http://127.0.0.1:12000", gateway.url), names)
    for client in (names.get("client"), names.get("plano")):
        if client is not None:
            client.close()
    assert names.get("answer") is not None or names["response"]["models"]


def test_the_first_request() -> None:
    """What ``scripts/demo`` runs after setting up: a decision, and the same request answered."""
    shown = subprocess.run(
        [sys.executable, "examples/first_request.py"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    for part in ('"route": "code generation"', "x-plano-attempts: anthropic/claude-sonnet-4-20250514=200", '"usage"'):
        assert part in shown


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`plano (\w+)", README))))
def test_the_commands_exist(command: str) -> None:
    """Every command that is named can be run."""
    assert command in _COMMANDS


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_links_lead_somewhere(page: Path) -> None:
    """Every relative link is a file."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("script", re.findall(r"^(scripts/\w+)", README, re.MULTILINE))
def test_the_scripts_can_be_run(script: str) -> None:
    """Scripts that are named are executable."""
    assert os.access(script, os.X_OK)


def test_the_example_is_a_whole_request(gateway: Running) -> None:
    """The example request is accepted with its own preferences."""
    request = json.loads(Path("examples/mission-request.json").read_text(encoding="utf-8"))
    assert gateway.decide(request).json()["models"] == request["routing_preferences"][0]["models"]
    assert load_text(mission_text(), KEYS).routes.routes
    assert question()["model"] == request["model"]
