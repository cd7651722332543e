"""``plano launch``: a coding agent that works by way of the gateway, without settings of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from plano.cli.settings import fail, read_or_invent
from plano.config.settings import Listener, Settings
from plano.domain.model import Dialect, ModelTable

KEY_VARIABLE: Final = "PLANO_API_KEY"
"""Where Codex finds its key, and where a caller's key is looked for first."""

NO_KEY = "unused"
PATIENCE_S = 1.0
_VARIABLE = re.compile(r"env (\w+)")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened at, not what is opened


@dataclass(frozen=True, slots=True)
class Launch:
    """What an agent is started with. ``url``: of the gateway. ``model``: that it asks for. ``key``: that it sends.

    ``speaks_responses``: do all models behind the gateway speak the Responses API?
    """

    url: str
    model: str
    key: str
    speaks_responses: bool


@dataclass(frozen=True, slots=True)
class Agent:
    """A coding agent. ``package``: where it comes from. ``arguments`` and ``variables``: what it is started with.

    ``dropped``: variables that would send it past the gateway.
    """

    package: str
    arguments: Callable[[Launch], list[str]]
    variables: Callable[[Launch], dict[str, str]]
    dropped: tuple[str, ...] = ()


def _claude_variables(launch: Launch) -> dict[str, str]:
    return {
        "ANTHROPIC_BASE_URL": launch.url,
        "ANTHROPIC_API_KEY": launch.key,
        "ANTHROPIC_MODEL": launch.model,
        "ANTHROPIC_SMALL_FAST_MODEL": launch.model,
    }


def _codex_arguments(launch: Launch) -> list[str]:
    provider = f'{{name="plano",base_url="{launch.url}/v1",env_key="{KEY_VARIABLE}",wire_api="responses"}}'
    settings = [f'model="{launch.model}"', 'model_provider="plano"', f"model_providers.plano={provider}"]
    if not launch.speaks_responses:
        # Tools that a provider runs, and namespaces of tools, exist in the Responses API alone.
        settings += ['web_search="disabled"', "features.multi_agent=false"]
    return [word for setting in settings for word in ("-c", setting)]


AGENTS: Final[Mapping[str, Agent]] = {
    "claude": Agent(
        "@anthropic-ai/claude-code",
        lambda _launch: [],
        _claude_variables,
        ("ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"),
    ),
    "codex": Agent("@openai/codex", _codex_arguments, lambda launch: {KEY_VARIABLE: launch.key}),
}


@click.command("launch", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("agent", type=click.Choice(list(AGENTS)))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--config", "file", type=click.Path(path_type=Path), help="Configuration; default plano.yaml.")
@click.option("--url", help="Address of the gateway; default that of the configuration.")
@click.option("--model", help="Model to ask for; default `auto`.")
@click.option("--caller", help="Whose key is sent, by its name under `callers`.")
def command(
    agent: str, arguments: tuple[str, ...], file: Path | None, url: str | None, model: str | None, caller: str | None
) -> None:
    """Start a coding agent that works by way of the gateway: `plano launch claude`, `plano launch codex exec "hi"`.

    Everything behind the agent's name goes to it; its exit status is passed on. It is told address, model and, where
    the gateway asks for keys, a caller's key (of PLANO_API_KEY, else of the configuration). Keys that the configuration
    takes from the environment are taken out of its own.
    """
    settings, chosen = read_or_invent(file), AGENTS[agent]
    program = shutil.which(agent)
    if program is None:
        fail(f"{agent} is not installed: npm install -g {chosen.package}")
    launch = Launch(
        url=(url or address(settings.listeners[0])).rstrip("/"),
        model=model or _model(settings.models),
        key=_key(settings, caller),
        speaks_responses=_all_speak_responses(settings.models),
    )
    if not _listens(launch.url):
        click.echo(f"note: nothing listens at {launch.url} yet; `plano up` starts the gateway", err=True)
    env = environment(settings, os.environ, chosen, launch)
    os.execve(program, [agent, *chosen.arguments(launch), *arguments], env)  # noqa: S606 - no shell


def address(listener: Listener) -> str:
    """The URL of a listener for programs on this machine."""
    host = _EVERYWHERE.get(listener.address, listener.address)
    scheme = "http" if listener.tls_certificate is None else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listener.port}"


def environment(settings: Settings, env: Mapping[str, str], agent: Agent, launch: Launch) -> dict[str, str]:
    """The environment of the agent: that of this process without keys of providers, and what it needs."""
    left_out = {*_secret_variables(settings), *agent.dropped}
    return {name: value for name, value in env.items() if name not in left_out} | agent.variables(launch)


def _secret_variables(settings: Settings) -> Iterator[str]:
    """The variables that the configuration takes keys from."""
    for value in settings.values:
        if isinstance(value.shown, str) and "(fingerprint " in value.shown:
            yield from _VARIABLE.findall(value.origin)


def _all_speak_responses(models: ModelTable) -> bool:
    spoken = Dialect.OPENAI_RESPONSES
    known = (*models.models.values(), *models.wildcards.values())
    return all(model.endpoint.spoken(spoken) is spoken for model in known)


def _model(models: ModelTable) -> str:
    return "auto" if models.default is not None else next(iter(models.models), "auto")


def _key(settings: Settings, caller: str | None) -> str:
    """The key that the agent sends: a caller's where keys are asked for."""
    given = os.environ.get(KEY_VARIABLE)
    keys = {one.name: one.key for one in settings.callers}
    if caller is not None:
        if caller not in keys:
            fail(f"there is no caller {caller!r} in the configuration")
        return keys[caller].reveal()
    if given:
        return given
    if len(keys) > 1:
        fail(f"the gateway has several callers: choose one of {', '.join(keys)} with --caller, or set {KEY_VARIABLE}")
    return next((key.reveal() for key in keys.values()), NO_KEY)


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE_S):
            return True
    except OSError:
        return False
