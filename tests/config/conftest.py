"""What the tests of the configuration share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plano.config.findings import Finding
from plano.config.load import load_text
from plano.config.settings import Settings
from plano.errors import ConfigError

ENVIRONMENT = {
    "ANTHROPIC_API_KEY": "sk-ant-test-a",
    "OPENAI_API_KEY": "sk-test-o",
    "CALLER_KEY": "caller-key-0123456789",
    "PLANTED": "planted-value-0001",
}
ONE_MODEL = "version: v0.4.0\nmodel_providers:\n  - model: openai/gpt-4o\n    access_key: $OPENAI_API_KEY\n"


@pytest.fixture
def env() -> dict[str, str]:
    """An environment with the keys of the mission's example."""
    return dict(ENVIRONMENT)


@pytest.fixture(scope="session")
def mission() -> str:
    """The mission's example, word for word."""
    return (Path(__file__).parents[2] / "examples" / "mission.yaml").read_text(encoding="utf-8")


@pytest.fixture
def one_model() -> str:
    """The smallest file that works: sections can be put after it."""
    return ONE_MODEL


@pytest.fixture
def settled(env: dict[str, str]) -> Callable[[str], Settings]:
    """Loads a text that has no errors."""
    return lambda text: load_text(text, env)


@pytest.fixture
def findings(env: dict[str, str]) -> Callable[[str], tuple[Finding, ...]]:
    """The findings of a text, whether it loads or not."""

    def found(text: str) -> tuple[Finding, ...]:
        try:
            return load_text(text, env).warnings
        except ConfigError as error:
            return tuple(finding for finding in error.findings if isinstance(finding, Finding))

    return found


@pytest.fixture
def codes(findings: Callable[[str], tuple[Finding, ...]]) -> Callable[[str], list[tuple[str, int | None]]]:
    """(code, line) of each finding of a text."""
    return lambda text: [(finding.code, finding.line) for finding in findings(text)]
