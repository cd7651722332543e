"""``plano init``: a configuration to begin with, for the providers whose keys are there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from plano.cli.settings import DEFAULT_FILE, fail, print_json
from plano.providers import PROVIDERS

FIRST_MODELS: Mapping[str, tuple[str, str]] = {
    "anthropic": ("claude-sonnet-4-5", "claude-haiku-4-5"),
    "openai": ("gpt-5", "gpt-5-mini"),
    "gemini": ("gemini-2.5-pro", "gemini-2.5-flash"),
    "mistral": ("mistral-large-latest", "mistral-small-latest"),
    "groq": ("llama-3.3-70b-versatile", "llama-3.1-8b-instant"),
    "deepseek": ("deepseek-reasoner", "deepseek-chat"),
    "xai": ("grok-4", "grok-3-mini"),
}
"""By provider: a strong model and a quick one to begin with; both are in the shipped list of prices."""

_LOCAL = ("ollama/qwen2.5-coder:14b", "ollama/llama3.2")
_OLLAMA = "http://127.0.0.1:11434"
_MOST = 3

_HEAD = """\
# `plano validate` checks this file, `plano up` serves it, `plano schema` prints its JSON Schema for editors.
version: v0.4.0

model_providers:
"""
_ROUTES = """\

routing_preferences:
  - name: code generation
    description: writing, changing or explaining code
    models: [{strong}]
  - name: general questions
    description: casual conversation and simple questions
    models: [{quick}]
"""


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=DEFAULT_FILE)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--json", "as_json", is_flag=True, help="What was written, as JSON on stdout.")
def command(file: Path, force: bool, as_json: bool) -> None:
    """Write a configuration to begin with to FILE (default plano.yaml).

    It names models of the providers whose keys are in the environment (the names of the variables, never the keys);
    where there is none, models of a local Ollama.
    """
    providers = [name for name in FIRST_MODELS if os.environ.get(PROVIDERS[name].key_variable or "")][:_MOST]
    text = rendered(providers)
    try:
        with open(file, "w" if force else "x", encoding="utf-8") as there:
            there.write(text)
    except FileExistsError:
        fail(f"{file} is there already; `plano init --force` replaces it")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror or error}")
    if as_json:
        print_json({"file": str(file), "models": [name for pair in _pairs(providers) for name in pair]})
    click.echo(f"{file} is written; next: `plano up {file}`, or `plano up {file} --dev` for mock answers", err=True)


def rendered(providers: list[str]) -> str:
    """The text of the file for providers of ``FIRST_MODELS``; for a local Ollama when there is none."""
    pairs = _pairs(providers)
    lines = [line for name in (name for pair in pairs for name in pair) for line in _provider(name)]
    # The first quick model also serves whoever asks for `auto`.
    lines.insert(lines.index(f"  - model: {pairs[0][1]}") + 1, "    default: true")
    strong = ", ".join(pair[0] for pair in pairs)
    quick = ", ".join(pair[1] for pair in pairs)
    return _HEAD + "\n".join(lines) + "\n" + _ROUTES.format(strong=strong, quick=quick)


def _pairs(providers: list[str]) -> list[tuple[str, str]]:
    if not providers:
        return [_LOCAL]
    return [(f"{name}/{FIRST_MODELS[name][0]}", f"{name}/{FIRST_MODELS[name][1]}") for name in providers]


def _provider(model: str) -> Iterator[str]:
    row = PROVIDERS[model.partition("/")[0]]
    yield f"  - model: {model}"
    if row.base_url is None:
        yield f"    base_url: {_OLLAMA}"
    if row.key_variable is not None:
        yield f"    access_key: ${row.key_variable}"
