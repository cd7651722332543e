"""``plano top``: what a running gateway does, live in a terminal."""

from __future__ import annotations

import shutil
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import click

from plano.cli import admin
from plano.cli.amounts import UNKNOWN, count, percent, seconds, usd
from plano.cli.cells import clipped
from plano.cli.columns import Column, table, wrapped
from plano.cli.settings import fail, print_json
from plano.cli.tree import cut, line

LATEST = 12

# ECMA-48: to the alternate screen and back, the cursor hidden and shown; home and erase what is below; bold, plain.
_BEGIN, _END = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_REDRAW, _ERASE_LINE, _ERASE_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"

_APART = "   "

Row = Mapping[str, Any]

_QUIET: Final[Row] = MappingProxyType(
    {
        **dict.fromkeys(("served", "attempts", "ok", "throttled"), 0),
        "first_token_s": {"p50": None},
        "usd_per_1k": None,
    }
)
"""Of a model that had no traffic."""


_MODELS: Final = (
    Column("state", 15, 7, is_words=True),
    *(Column("share", 7, 2), Column("tries", 7, 1), Column("ok", 7, 6), Column("429", 5, 3)),
    *(Column("first token", 18, 4), Column("$/1k", 9, 5)),
)
_ROUTES: Final = (
    *(Column("share", 7, 3), Column("hits", 7, 4), Column("errors", 7, 5), Column("fallbacks", 9, 1)),
    Column("time p50 / p95", 20, 2),
)


@click.command("top")
@click.option("--once", is_flag=True, help="Say it once and end; so it is where the output is no terminal.")
@click.option("--json", "as_json", is_flag=True, help="The state as JSON, once.")
@admin.option
def command(once: bool, as_json: bool, url: str) -> None:
    """Show traffic, errors, time to first token, cost, models with their state, and routes; Ctrl-C ends."""
    gateway = admin.Admin(url)
    if as_json:
        print_json(gateway.state())
    elif once or not sys.stdout.isatty():
        for shown in screen(gateway.state(), (), url=url, room=_room()):
            click.echo(shown)
    else:
        _live(gateway, url)


def _room() -> int | None:
    """Characters of a line; as many as there are where the output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _live(gateway: admin.Admin, url: str) -> None:
    latest: deque[Row] = deque(reversed(gateway.records(LATEST)), LATEST)
    click.echo(_BEGIN, nl=False, color=True)
    try:
        for kind, document in gateway.events():
            if kind == "entry":
                latest.append(document)
            else:
                room = shutil.get_terminal_size().columns
                click.echo(_drawn(screen(document, reversed(latest), url=url, room=room)), nl=False, color=True)
    except KeyboardInterrupt:
        return
    finally:
        click.echo(_END, nl=False, color=True)
    fail(f"the gateway at {url} ended")


def _drawn(lines: Iterable[str]) -> str:
    """The lines over what stood there before, cut to the terminal."""
    columns, rows = shutil.get_terminal_size()
    shown = [clipped(text, columns) + _ERASE_LINE for text in list(lines)[: rows - 1]]
    return _REDRAW + "\n".join(shown) + "\n" + _ERASE_BELOW


def screen(state: Row, latest: Iterable[Row], *, url: str, room: int | None = None) -> Iterator[str]:
    """Everything that is shown, line by line; tables and numbers in lines of at most ``room`` characters."""
    ready = "ready" if state["is_ready"] else f"not ready: {', '.join(state['reasons'])}"
    workers = [f"{state['workers']} workers"] if state["workers"] > 1 else []
    parts = (f"plano {state['version']}", ready, *workers, f"up {seconds(state['uptime_s'])}", url)
    yield from wrapped(parts, between=_APART, indent="", room=room)
    yield from _totals(state, room)
    yield ""
    yield from table("model", _MODELS, _models(state), room=room)
    yield ""
    yield from table("route", _ROUTES, map(_route, state["overview"]["routes"]), room=room)
    if not state["overview"]["routes"]:
        yield "no decisions in the last five minutes"
    rows = list(latest)
    if rows:
        yield ""
        yield "latest"
        yield from (f"  {line(row)}" for row in rows)


def _totals(state: Row, room: int | None) -> Iterator[str]:
    total = state["overview"]["total"]
    over = max(1.0, min(state["overview"]["window_s"], state["uptime_s"]))
    cost = total["cost_usd"]
    without = f" without {count(total['uncosted'])} answers" if cost is not None and total["uncosted"] else ""
    first, own = total["first_token_s"], total["overhead_s"]
    parts = (
        f"5 min   {total['requests'] / over:.3g}/s",
        f"errors {percent(total['errors'], total['requests'])}",
        f"first token {seconds(first['p50'])} p95 {seconds(first['p95'])}",
        f"cost {usd(None if cost is None else cost * 3600 / over)}/h{without}",
        f"fallbacks {percent(total['fallbacks'], total['answers'])}",
        f"overhead {seconds(own['p50'])} p99 {seconds(own['p99'])}",
        f"{count(state['in_flight'])} now",
    )
    yield from wrapped(parts, between=_APART, indent="        ", room=room)
    for note in state["notes"]:
        yield f"note    {cut(note)}"
    if total["degraded"]:
        yield f"note    {count(total['degraded'])} decisions without the router: it was late, overloaded or broken"
    if state["dropped"]:
        yield f"note    {count(state['dropped'])} records were lost by the log, the metrics or the kept records"


def _models(state: Row) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and cells of each model: the declared ones, then others that had traffic."""
    measured = {row["model"]: row for row in state["overview"]["models"]}
    standing = {row["model"]: row for row in state["models"]}
    answers = state["overview"]["total"]["answers"]
    for name in (*standing, *(name for name in measured if name not in standing)):
        row, now = measured.get(name, _QUIET), standing.get(name)
        held = "wildcard" if now is None else standing_of(now)
        # Nothing was tried: that is known; how it would have gone is not.
        yield (
            name,
            (
                *(held, percent(row["served"], answers), count(row["attempts"])),
                *(percent(row["ok"], row["attempts"]), count(row["throttled"])),
                *(_spread(row["first_token_s"]), usd(row["usd_per_1k"])),
            ),
        )


def _spread(row: Row) -> str:
    """Median and 95th percentile."""
    return UNKNOWN if row["p50"] is None else f"{seconds(row['p50'])} / {seconds(row['p95'])}"


def standing_of(model: Row) -> str:
    """May a model be tried, and if not, why not, and for how long?"""
    return "free" if model["absent"] is None else f"{model['absent']} {seconds(model['free_in_s'])}"


def _route(row: Row) -> tuple[str, tuple[str, ...]]:
    """Name and cells of a route."""
    return (
        "no route" if row["route"] is None else row["route"],
        (
            *(percent(row["share"], 1), count(row["requests"]), count(row["errors"])),
            *(percent(row["fallbacks"], row["requests"]), _spread(row["seconds"])),
        ),
    )
