"""``plano init``: a file that is accepted, and never lost."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest

from plano.catalog import shipped
from plano.cli.init import FIRST_MODELS, rendered
from plano.config.load import load_text
from plano.providers import PROVIDERS

from .test_commands import KEYLESS, plano

KEYS = {"ANTHROPIC_API_KEY": "sk-planted-1", "OPENAI_API_KEY": "sk-planted-2"}


@pytest.mark.parametrize("keys", [{}, KEYS, {"GROQ_API_KEY": "gsk-planted-3"}])
def test_validate_accepts_it(tmp_path: Path, keys: dict[str, str]) -> None:
    """With any keys, and with none; no key stands in the file."""
    env = KEYLESS | keys
    made = plano("init", env=env, cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, "")
    checked = plano("validate", "plano.yaml", env=env, cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert "planted" not in (tmp_path / "plano.yaml").read_text()


def test_it_does_not_replace_a_file(tmp_path: Path) -> None:
    """A second time is 1 and leaves the file alone; ``--force`` writes it anew."""
    file = tmp_path / "plano.yaml"
    file.write_text("mine")
    again = plano("init", cwd=tmp_path)
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert file.read_text() == "mine"
    assert plano("init", "--force", cwd=tmp_path).returncode == 0
    assert file.read_text() == rendered([])


def test_json_and_another_name(tmp_path: Path) -> None:
    """Machines are told the name and the models; a folder that is not there is 1."""
    made = plano("init", "other.yaml", "--json", env=KEYLESS | KEYS, cwd=tmp_path)
    names = [f"{name}/{model}" for name in ("anthropic", "openai") for model in FIRST_MODELS[name]]
    assert json.loads(made.stdout) == {"file": "other.yaml", "models": names}
    assert plano("init", "none/plano.yaml", cwd=tmp_path).returncode == 1


def test_every_provider() -> None:
    """Each row makes a file without a warning, whose models have prices and whose default is a quick one."""
    catalog = shipped.load()
    env = {row.key_variable: "sk-of-the-provider" for row in PROVIDERS.values() if row.key_variable}
    for name, models in FIRST_MODELS.items():
        settings = load_text(rendered([name]), env)
        assert not settings.warnings
        assert settings.models.default == f"{name}/{models[1]}"
        assert all(catalog.get(f"{name}/{model}") is not None for model in models)
    together = load_text(rendered(list(FIRST_MODELS)), env)
    assert len(together.models.models) == len(list(chain(*FIRST_MODELS.values())))
