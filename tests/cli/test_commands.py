"""The command line: data on stdout, talk on stderr, exit codes 0, 1 and 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from plano.cli import _COMMANDS
from tests.running import ASK, CODE, A, B, mission_text

SAME_CODE = {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
"""The code that is tested, where it is not the installed one."""
KEYLESS = {"PATH": "/usr/bin:/bin"}
WITH_KEYS = {**KEYLESS, "ANTHROPIC_API_KEY": "sk-ant-planted-1", "OPENAI_API_KEY": "sk-planted-2"}


def plano(*words: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What a command did."""
    return subprocess.run(
        [sys.executable, "-m", "plano", *words],
        capture_output=True,
        text=True,
        env=(env or KEYLESS) | SAME_CODE,
        cwd=cwd,
        check=False,
    )


SILENT = {"config", "launch"}
"""A group of commands, and what becomes another program."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the examples' configuration as plano.yaml."""
    (tmp_path / "plano.yaml").write_text(mission_text())
    return tmp_path


def test_help_lists_every_command() -> None:
    """``plano --help`` names all commands, and each of them explains itself."""
    shown = plano("--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    for name in _COMMANDS:
        assert f"  {name} " in shown.stdout
        assert plano(name, "--help").returncode == 0


@pytest.mark.parametrize("name", sorted({*_COMMANDS, "config show", "prices list", "prices explain"} - SILENT))
def test_every_command_speaks_json(name: str) -> None:
    """Whatever prints facts prints them for programs as well."""
    assert " --json " in plano(*name.split(), "--help").stdout


def test_help_imports_nothing_heavy() -> None:
    """Help must be instant: no number library, no model runtime, no schema library, no HTTP client."""
    heavy = "{'numpy','onnxruntime','pydantic','httpx2','uvloop','msgspec','yaml','asyncio'}"
    code = f"import sys, plano.cli; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "words", [["--nope"], ["route"], ["nope"], ["mock", "--fault", "explode"], ["up", "--port", "x"]]
)
def test_wrong_usage_is_2(words: list[str]) -> None:
    """Wrong usage: exit 2, said on stderr, nothing on stdout."""
    shown = plano(*words)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "Usage:" in shown.stderr


def test_validate(folder: Path) -> None:
    """A good file is 0; a broken one is 1, with every finding; JSON for machines."""
    good = plano("validate", env=WITH_KEYS, cwd=folder)
    assert (good.returncode, good.stdout) == (0, "")
    assert json.loads(plano("validate", "--json", env=WITH_KEYS, cwd=folder).stdout) == {
        "findings": [],
        "failed_tests": [],
    }
    (folder / "bad.yaml").write_text(mission_text().replace("routing_preferences", "routing_preference"))
    bad = plano("validate", "bad.yaml", env=WITH_KEYS, cwd=folder)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "did you mean 'routing_preferences'" in bad.stderr
    (finding,) = json.loads(plano("validate", "bad.yaml", "--json", env=WITH_KEYS, cwd=folder).stdout)["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("bad.yaml", 12, 1)


def test_up_without_its_keys_is_1(folder: Path) -> None:
    """A missing key names the variable and its place, and shows no key."""
    shown = plano("up", "plano.yaml", env={**KEYLESS, "OPENAI_API_KEY": "sk-planted-2"}, cwd=folder)
    assert shown.returncode == 1
    assert "ANTHROPIC_API_KEY" in shown.stderr
    assert "plano.yaml:5:17" in shown.stderr
    assert "sk-planted-2" not in shown.stderr + shown.stdout


def test_config_show_hides_keys(folder: Path) -> None:
    """The effective configuration has names and fingerprints, never a key."""
    shown = plano("config", "show", env=WITH_KEYS, cwd=folder)
    assert shown.returncode == 0
    assert json.loads(shown.stdout)["version"] == "v0.4.0"
    assert "planted" not in shown.stdout
    assert "ANTHROPIC_API_KEY" in shown.stdout
    origins = json.loads(plano("config", "show", "--origin", env=WITH_KEYS, cwd=folder).stdout)
    assert origins["version"] == {"value": "v0.4.0", "origin": "plano.yaml:1"}


def test_schema_is_json_schema() -> None:
    """The schema knows the keys of the file."""
    schema: dict[str, Any] = json.loads(plano("schema").stdout)
    assert {"version", "model_providers", "routing_preferences"} <= set(schema["properties"])


def test_models(folder: Path) -> None:
    """Declared models with their provider; no key is needed, none is shown."""
    rows = json.loads(plano("models", "--json", cwd=folder).stdout)["models"]
    assert [row["model"] for row in rows] == [A, B, "openai/gpt-4o-mini"]
    assert [row["default"] for row in rows] == [False, False, True]
    assert f"{B}" in plano("models", cwd=folder).stdout


def test_route(folder: Path) -> None:
    """The route of a text, for people and as the decision's JSON; keys need not be set."""
    decision = json.loads(plano("route", ASK, "--json", cwd=folder).stdout)
    assert (decision["route"], decision["models"]) == (CODE, [A, B])
    assert set(decision) == {"models", "route", "trace_id"}
    shown = plano("route", ASK, cwd=folder).stdout
    assert "code generation" in shown.splitlines()[0]
    for word in ("score", "threshold", "margin"):
        assert word in shown.splitlines()[0]
    assert f"models  {A}, {B}" in shown


def test_route_with_other_preferences(folder: Path) -> None:
    """``--prefs`` replaces the routes; a bad list is 1 with the place."""
    (folder / "prefs.json").write_text(
        json.dumps([{"name": "sorting", "description": "sorting algorithms", "models": [B]}])
    )
    assert json.loads(plano("route", ASK, "--json", "--prefs", "prefs.json", cwd=folder).stdout)["models"] == [B]
    (folder / "prefs.json").write_text('[{"name": "a"}]')
    shown = plano("route", ASK, "--prefs", "prefs.json", cwd=folder)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "routing_preferences[0].description" in shown.stderr


def test_help_explains_codes() -> None:
    """Every finding code has its explanation."""
    codes = [line.split()[0] for line in plano("help").stdout.splitlines()]
    assert "PL-C010" in codes
    assert plano("help", "pl-c010").stdout.startswith("PL-C010: ")
    assert plano("help", "PL-X1").returncode == 1
    assert [each["code"] for each in json.loads(plano("help", "--json").stdout)["codes"]] == codes
    assert json.loads(plano("help", "pl-c010", "--json").stdout)["code"] == "PL-C010"
