"""``plano trace``: requests that a running gateway answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import Any, TypedDict, Unpack

import click

from plano.cli import admin, talk
from plano.cli.amounts import Duration
from plano.cli.settings import fail, print_json
from plano.cli.tree import line, tree
from plano.observe.records import MAX_RECORDS

Record = Mapping[str, Any]

_KEYS: dict[str, Callable[[Record], Iterable[object]]] = {
    "model": lambda record: (
        record.get("model"),
        record.get("served_by"),
        *(each["model"] for each in record.get("attempts") or ()),
    ),
    "route": lambda record: ((record.get("decision") or {}).get("route"),),
    "router": lambda record: ((record.get("decision") or {}).get("router"),),
    "status": lambda record: (record["status"],),
    "code": lambda record: (record.get("code"),),
    "ending": lambda record: [each["ending"] for each in record.get("attempts") or ()],
    "path": lambda record: (record.get("path"),),
    "dialect": lambda record: (record.get("dialect"),),
    "request_id": lambda record: (record.get("request_id"),),
    "trace": lambda record: (record["trace_id"],),
}
"""What ``--where`` may ask about, and the values that a record has for it."""


class _Asked(TypedDict):
    """The options of the command, as they were given."""

    trace_id: str | None
    last: bool
    failed: bool
    wheres: tuple[str, ...]
    since: float | None
    limit: int
    follow: bool
    as_json: bool


@click.command("trace")
@click.argument("trace_id", metavar="[TRACE]", required=False)
@click.option("--last", is_flag=True, help="The latest request, in full.")
@click.option("--failed", is_flag=True, help="Only requests that were answered with an error.")
@click.option(
    "--where",
    "wheres",
    multiple=True,
    metavar="KEY=VALUE",
    help=f"Only these; several must all hold, * stands for anything. KEY: {', '.join(_KEYS)}.",
)
@click.option("--since", type=Duration(), metavar="TIME", help="Only those of the last 30s, 5m, 2h …")
@click.option("--limit", "-n", type=click.IntRange(1, MAX_RECORDS), default=20, show_default=True, help="How many.")
@click.option("--follow", "-f", is_flag=True, help="Go on with each request as it is answered.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each request.")
@admin.option
def command(url: str, **asked: Unpack[_Asked]) -> None:
    """Show the request with the id TRACE in full, or the latest requests in a line each."""
    gateway = admin.Admin(url)
    trace_id, follow = asked["trace_id"], asked["follow"]
    if trace_id is not None or asked["last"]:
        found = gateway.trace(trace_id) if trace_id is not None else gateway.records(1)
        _show_whole(found, trace_id, as_json=asked["as_json"])
        return
    passes = _filter(asked)
    show = talk.json_line if asked["as_json"] else line
    found = [record for record in gateway.records(MAX_RECORDS) if passes(record)][: asked["limit"]]
    for record in reversed(found):
        click.echo(show(record))
    if not follow and not found:
        click.echo("no request of this kind is kept", err=True)
    # An interrupt is how whoever follows ends.
    with suppress(KeyboardInterrupt):
        for kind, record in gateway.events() if follow else ():
            if kind == "entry" and passes(record):
                click.echo(show(record))


def _show_whole(found: list[dict[str, Any]], trace_id: str | None, *, as_json: bool) -> None:
    if not found:
        fail(f"no request {trace_id} is kept" if trace_id is not None else "no request was answered yet")
    if as_json:
        print_json({"records": found})
        return
    for record in reversed(found):
        for shown in tree(record):
            click.echo(shown)


def _filter(asked: _Asked) -> Callable[[Record], bool]:
    """Says whether a record is asked for. Raises UsageError for a key there is not."""
    pairs = []
    for where in asked["wheres"]:
        key, is_pair, value = where.partition("=")
        if not is_pair or key not in _KEYS:
            raise click.UsageError(f"--where takes KEY=VALUE, with KEY one of {', '.join(_KEYS)}")
        pairs.append((_KEYS[key], value))
    failed = asked["failed"]
    since = None if asked["since"] is None else time.time() - asked["since"]

    def passes(record: Record) -> bool:
        if failed and record["status"] < 400 and "code" not in record:
            return False
        if since is not None and record["ended_at"] < since:
            return False
        return all(
            any(value is not None and fnmatchcase(str(value), wanted) for value in values(record))
            for values, wanted in pairs
        )

    return passes
