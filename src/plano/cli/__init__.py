"""The command line: one small file per command, imported when it is used.

stdout is data, stderr is talk. Exit codes: 0 ok, 1 a finding or a failure, 2 wrong usage.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import click

from plano import __version__
from plano.errors import PlanoError

_COMMANDS: Final = {
    "up": ("plano.cli.up", "Start the gateway."),
    "init": ("plano.cli.init", "Write a configuration to begin with."),
    "reload": ("plano.cli.reload", "Have a running gateway take its changed configuration."),
    "unhold": ("plano.cli.unhold", "Have a running gateway ask models again that are held for their providers."),
    "validate": ("plano.cli.validate", "Check a configuration file; print every mistake."),
    "route": ("plano.cli.route", "Show which route a text takes, and why."),
    "eval": ("plano.cli.evaluate", "Measure the router on labelled cases."),
    "lint": ("plano.cli.lint", "Find routes that overlap, never win or take too much."),
    "top": ("plano.cli.top", "Show what a running gateway does, live."),
    "trace": ("plano.cli.trace", "Show requests that were answered: one in full, or the latest."),
    "explain": ("plano.cli.explain", "Say why a request went to the model it went to."),
    "models": ("plano.cli.models", "List the declared models and aliases."),
    "prices": ("plano.cli.prices", "Show what models cost, and who says so."),
    "doctor": ("plano.cli.doctor", "Check this machine and a configuration for a gateway."),
    "replay": ("plano.cli.replay", "What kept records would have become under another configuration."),
    "config": ("plano.cli.config", "Show the configuration as the gateway understands it."),
    "schema": ("plano.cli.schema", "Print the JSON Schema of the configuration, for editors."),
    "launch": ("plano.cli.launch", "Start a coding agent, claude or codex, that works by way of the gateway."),
    "mock": ("plano.cli.mock", "Serve mock models: for trying, testing and rehearsing outages."),
    "bench": ("plano.cli.bench", "Measure what routing costs on this machine."),
    "help": ("plano.cli.explain_code", "Explain a finding, for example PL-C012."),
}
"""Command to its module (attribute ``command``) and its line in the help text."""


class _LazyGroup(click.Group):
    """Imports a command's module when that command runs, so that ``--help`` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PlanoError as error:
            click.echo(error.message, err=True)
            ctx.exit(1)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="plano")
def main() -> None:
    """Plano: a routing gateway for large language models.

    Start with `plano up --dev` (offline, mock models), then `plano route "write a sorting algorithm"`.
    """
