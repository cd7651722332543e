"""``plano launch``: what a coding agent is started with, and what it never sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plano.cli.launch import address
from plano.config.settings import Listener
from tests.running import mission_text

AGENT = f"""#!{sys.executable}
import json, os, sys
print(json.dumps({{"arguments": sys.argv[1:], "env": dict(os.environ)}}))
sys.exit(7)
"""
KEYS = {"ANTHROPIC_API_KEY": "sk-ant-planted-1", "OPENAI_API_KEY": "sk-planted-2"}
CALLERS = """
callers:
  keys:
    search: $SEARCH_KEY
    shop: a-key-of-the-shop-0001
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the examples' configuration, and both agents."""
    (tmp_path / "plano.yaml").write_text(mission_text() + "listeners: [{type: model, name: a, port: 9}]\n")
    for name in ("claude", "codex"):
        (tmp_path / name).write_text(AGENT)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def launched(folder: Path, *words: str, **env: str) -> tuple[subprocess.CompletedProcess[str], Any]:
    """How it ended, and what the agent saw; None when it was not started."""
    done = subprocess.run(
        [sys.executable, "-m", "plano", "launch", *words],
        cwd=folder,
        env={"PATH": str(folder), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, json.loads(done.stdout) if done.stdout else None


def test_claude(folder: Path) -> None:
    """It is pointed at the listener, asks for ``auto``, has no provider's key, and its exit status is passed on."""
    done, saw = launched(folder, "claude", "-p", "hi", "--model", "x", **KEYS, ANTHROPIC_AUTH_TOKEN="t0", HOME="/h")
    assert done.returncode == 7
    assert saw["arguments"] == ["-p", "hi", "--model", "x"]
    env = saw["env"]
    assert env["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:9"
    assert env["ANTHROPIC_MODEL"] == env["ANTHROPIC_SMALL_FAST_MODEL"] == "auto"
    assert env["ANTHROPIC_API_KEY"] == "unused"
    assert env["HOME"] == "/h"
    assert not {"OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN"} & env.keys()
    assert "nothing listens" in done.stderr
    assert "planted" not in done.stdout + done.stderr


def test_codex(folder: Path) -> None:
    """Its settings are arguments; what only the Responses API has is off where a model does not speak it."""
    _, saw = launched(folder, "--model", "openai/gpt-4o", "codex", "exec", "hi", **KEYS)
    settings = [word for word in saw["arguments"] if word != "-c"]
    assert settings == [
        'model="openai/gpt-4o"',
        'model_provider="plano"',
        'model_providers.plano={name="plano",base_url="http://127.0.0.1:9/v1",'
        'env_key="PLANO_API_KEY",wire_api="responses"}',
        'web_search="disabled"',
        "features.multi_agent=false",
        "exec",
        "hi",
    ]
    assert saw["env"]["PLANO_API_KEY"] == "unused"
    assert "planted" not in json.dumps(saw)
    only_openai = 'version: v0.4.0\nmodel_providers: [{model: "openai/*", access_key: $OPENAI_API_KEY}]\n'
    (folder / "plano.yaml").write_text(only_openai)
    _, saw = launched(folder, "codex", **KEYS)
    assert "features.multi_agent=false" not in saw["arguments"]


@pytest.mark.parametrize(
    ("words", "env", "key"),
    [
        (["--caller", "shop"], {}, "a-key-of-the-shop-0001"),
        (["--caller", "search"], {}, "the-key-of-search-001"),
        ([], {"PLANO_API_KEY": "the-key-of-nobody-001"}, "the-key-of-nobody-001"),
    ],
)
def test_callers_keys(folder: Path, words: list[str], env: dict[str, str], key: str) -> None:
    """Where the gateway asks for keys the agent has one, and no other; none is printed."""
    with open(folder / "plano.yaml", "a", encoding="utf-8") as file:
        file.write(CALLERS)
    done, saw = launched(folder, *words, "claude", **KEYS, SEARCH_KEY="the-key-of-search-001", **env)
    assert saw["env"]["ANTHROPIC_API_KEY"] == key
    assert "SEARCH_KEY" not in saw["env"]
    assert key not in done.stderr


def test_what_cannot_be_started(folder: Path) -> None:
    """A program that is not there, a choice that was not made, a caller nobody knows: 1; an unknown agent: 2."""
    with open(folder / "plano.yaml", "a", encoding="utf-8") as file:
        file.write(CALLERS)
    keys = {**KEYS, "SEARCH_KEY": "the-key-of-search-001"}
    for words in (["claude"], ["--caller", "nobody", "claude"]):
        done, saw = launched(folder, *words, **keys)
        assert (done.returncode, saw) == (1, None)
    assert "search, shop" in launched(folder, "claude", **keys)[0].stderr
    assert launched(folder, "vim")[0].returncode == 2
    os.remove(folder / "claude")
    done, _ = launched(folder, "--caller", "shop", "claude", **keys)
    assert done.returncode == 1
    assert "npm install -g @anthropic-ai/claude-code" in done.stderr


@pytest.mark.parametrize(
    ("listener", "url"),
    [
        (Listener("a"), "http://127.0.0.1:12000"),
        (Listener("a", "0.0.0.0", 80), "http://127.0.0.1:80"),
        (Listener("a", "::", 80), "http://[::1]:80"),
        (Listener("a", "10.0.0.1", 443, tls_certificate="c"), "https://10.0.0.1:443"),
    ],
)
def test_addresses(listener: Listener, url: str) -> None:
    """Where programs of this machine find a listener."""
    assert address(listener) == url
