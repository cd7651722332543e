"""``plano help``: what a finding means."""

from __future__ import annotations

import click

from plano.cli.settings import fail, print_json
from plano.config.codes import CODES


@click.command("help")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def command(code: str | None, as_json: bool) -> None:
    """Explain a finding CODE such as PL-C012; without CODE, list them all."""
    if code is None and as_json:
        print_json({"codes": [_document(name) for name in CODES]})
        return
    if code is None:
        for name, each in CODES.items():
            click.echo(f"{name}  {each.title}")
        return
    entry = CODES.get(code.upper())
    if entry is None:
        fail(f"there is no finding {code}; `plano help` lists them")
    if as_json:
        print_json(_document(code.upper()))
        return
    click.echo(f"{code.upper()}: {entry.title}\n\n{entry.explanation}")


def _document(code: str) -> dict[str, str]:
    return {"code": code, "title": CODES[code].title, "explanation": CODES[code].explanation}
