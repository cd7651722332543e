"""Claude Code and Codex themselves: each runs a tool by way of the gateway, whichever dialect the model speaks.

Collected where both programs are installed (npm, see ``package.json`` beside this file).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plano.domain.model import Dialect
from tests.agents.tool_model import FINAL, RAN, stream
from tests.running import Running, running
from tests.server.golden import MODELS, Golden, golden
from tests.wire.dialects.samples import DIALECTS, RESPONSES

ASK = "Run the tool and tell me what it said"
CODEX_CONFIG = """\
model = "{model}"
model_provider = "plano"
approval_policy = "never"
sandbox_mode = "danger-full-access"
{more}
[model_providers.plano]
name = "plano"
base_url = "{url}/v1"
env_key = "CALLERS_KEY"
wire_api = "responses"
"""
ONLY_FUNCTIONS = 'web_search = "disabled"\nfeatures.multi_agent = false\n'
"""Tools that a provider runs, and namespaces of tools, exist in the Responses API alone."""


@pytest.fixture
def both() -> Iterator[tuple[Running, Golden]]:
    """A gateway, and a model behind it that uses tools."""
    with golden(stream) as provider, running(provider.config, at_mock=False) as gateway:
        yield gateway, provider


def run(arguments: list[str], home: Path, **variables: str) -> str:
    """What a program printed, in a home and a folder of its own."""
    work = home / "work"
    work.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), **variables}
    none = subprocess.DEVNULL
    done = subprocess.run(
        arguments, check=False, cwd=work, env=env, capture_output=True, text=True, timeout=600, stdin=none
    )
    return done.stdout + done.stderr


def ran_the_tool(provider: Golden) -> bool:
    """Did the result of the tool come back?"""
    asked: list[Any] = [body.get("messages", body.get("input")) for body in provider.bodies]
    return any(RAN in str(each) for each in asked)


@pytest.mark.parametrize("upstream", DIALECTS)
def test_claude_code(both: tuple[Running, Golden], tmp_path: Path, upstream: Dialect) -> None:
    """One tool loop over ``/v1/messages``."""
    gateway, provider = both
    said = run(
        ["claude", "-p", ASK, "--allowedTools", "Bash", "--model", MODELS[upstream]],
        tmp_path,
        ANTHROPIC_BASE_URL=gateway.url,
        ANTHROPIC_API_KEY="callers-own-key",
        ANTHROPIC_SMALL_FAST_MODEL=MODELS[upstream],
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
    )
    assert FINAL in said
    assert ran_the_tool(provider)


@pytest.mark.parametrize("upstream", DIALECTS)
def test_codex(both: tuple[Running, Golden], tmp_path: Path, upstream: Dialect) -> None:
    """One tool loop over ``/v1/responses``."""
    gateway, provider = both
    more = "" if upstream is RESPONSES else ONLY_FUNCTIONS
    config = CODEX_CONFIG.format(model=MODELS[upstream], url=gateway.url, more=more)
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "config.toml").write_text(config)
    said = run(["codex", "exec", "--skip-git-repo-check", ASK], tmp_path, CALLERS_KEY="callers-own-key")
    assert FINAL in said
    assert ran_the_tool(provider)


@pytest.mark.parametrize("upstream", [upstream for upstream in DIALECTS if upstream is not RESPONSES])
def test_codex_with_its_defaults(both: tuple[Running, Golden], tmp_path: Path, upstream: Dialect) -> None:
    """A model that knows no tools of a provider is asked nothing, and Codex shows which tool it was."""
    gateway, provider = both
    config = CODEX_CONFIG.format(model=MODELS[upstream], url=gateway.url, more="")
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "config.toml").write_text(config)
    said = run(["codex", "exec", "--skip-git-repo-check", ASK], tmp_path, CALLERS_KEY="callers-own-key")
    assert "tools that a provider runs exist only in its own dialect" in said
    assert FINAL not in said
    assert provider.received == []
