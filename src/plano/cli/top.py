"""``plano top``: what a running gateway does, live in a terminal."""

from __future__ import annotations

import shutil
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from plano.cli import admin
from plano.cli.amounts import UNKNOWN, count, percent, seconds, usd
from plano.cli.settings import fail, print_json
from plano.cli.tree import cut, line

LATEST = 12

# ECMA-48: to the alternate screen and back, the cursor hidden and shown; home and erase what is below; bold, plain.
_BEGIN, _END = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_REDRAW, _ERASE_LINE, _ERASE_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"

Row = Mapping[str, Any]


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
        for shown in screen(gateway.state(), (), url=url):
            click.echo(shown)
    else:
        _live(gateway, url)


def _live(gateway: admin.Admin, url: str) -> None:
    latest: deque[Row] = deque(reversed(gateway.records(LATEST)), LATEST)
    click.echo(_BEGIN, nl=False, color=True)
    try:
        for kind, document in gateway.events():
            if kind == "entry":
                latest.append(document)
            else:
                click.echo(_drawn(screen(document, reversed(latest), url=url)), nl=False, color=True)
    except KeyboardInterrupt:
        return
    finally:
        click.echo(_END, nl=False, color=True)
    fail(f"the gateway at {url} ended")


def _drawn(lines: Iterable[str]) -> str:
    """The lines over what stood there before, cut to the terminal."""
    columns, rows = shutil.get_terminal_size()
    shown = [text[:columns] + _ERASE_LINE for text in list(lines)[: rows - 1]]
    return _REDRAW + "\n".join(shown) + "\n" + _ERASE_BELOW


def screen(state: Row, latest: Iterable[Row], *, url: str) -> Iterator[str]:
    """Everything that is shown, line by line."""
    ready = "ready" if state["is_ready"] else f"not ready: {', '.join(state['reasons'])}"
    workers = f"   {state['workers']} workers" if state["workers"] > 1 else ""
    yield f"plano {state['version']}   {ready}{workers}   up {seconds(state['uptime_s'])}   {url}"
    yield from _totals(state)
    yield ""
    yield from _models(state)
    yield ""
    yield from _routes(state)
    rows = list(latest)
    if rows:
        yield ""
        yield "latest"
        yield from (f"  {line(row)}" for row in rows)


def _totals(state: Row) -> Iterator[str]:
    total = state["overview"]["total"]
    over = max(1.0, min(state["overview"]["window_s"], state["uptime_s"]))
    cost = total["cost_usd"]
    without = f" without {count(total['uncosted'])} answers" if cost is not None and total["uncosted"] else ""
    first, own = total["first_token_s"], total["overhead_s"]
    yield (
        f"5 min   {total['requests'] / over:.3g}/s   errors {percent(total['errors'], total['requests'])}   "
        f"first token {seconds(first['p50'])} p95 {seconds(first['p95'])}   "
        f"cost {usd(None if cost is None else cost * 3600 / over)}/h{without}   "
        f"fallbacks {percent(total['fallbacks'], total['answers'])}   "
        f"overhead {seconds(own['p50'])} p99 {seconds(own['p99'])}   {count(state['in_flight'])} now"
    )
    for note in state["notes"]:
        yield f"note    {cut(note)}"
    if total["degraded"]:
        yield f"note    {count(total['degraded'])} decisions without the router: it was late, overloaded or broken"
    if state["dropped"]:
        yield f"note    {count(state['dropped'])} records were lost by the log, the metrics or the kept records"


def _models(state: Row) -> Iterator[str]:
    measured = {row["model"]: row for row in state["overview"]["models"]}
    standing = {row["model"]: row for row in state["models"]}
    yield f"{'model':<40} {'state':<15} {'share':>7} {'tries':>7} {'ok':>7} {'429':>5} {'first token':>18} {'$/1k':>9}"
    for name in (*standing, *(name for name in measured if name not in standing)):
        row, now = measured.get(name), standing.get(name)
        held = "wildcard" if now is None else standing_of(now)
        if row is None:
            # Nothing was tried: that is known; how it would have gone is not.
            yield (
                f"{cut(name, 40):<40} {held:<15} {percent(0, 1):>7} {count(0):>7} "
                f"{UNKNOWN:>7} {count(0):>5} {UNKNOWN:>18} {UNKNOWN:>9}"
            )
            continue
        share = UNKNOWN if row["share"] is None else percent(row["share"], 1)
        first = _spread(row["first_token_s"])
        yield (
            f"{cut(name, 40):<40} {held:<15} {share:>7} {count(row['attempts']):>7} "
            f"{percent(row['ok'], row['attempts']):>7} {count(row['throttled']):>5} {first:>18} "
            f"{usd(row['usd_per_1k']):>9}"
        )


def _spread(row: Row) -> str:
    """Median and 95th percentile."""
    return UNKNOWN if row["p50"] is None else f"{seconds(row['p50'])} / {seconds(row['p95'])}"


def standing_of(model: Row) -> str:
    """May a model be tried, and if not, why not, and for how long?"""
    return "free" if model["absent"] is None else f"{model['absent']} {seconds(model['free_in_s'])}"


def _routes(state: Row) -> Iterator[str]:
    yield f"{'route':<40} {'share':>7} {'hits':>7} {'errors':>7} {'fallbacks':>9} {'time p50 / p95':>20}"
    for row in state["overview"]["routes"]:
        name = "no route" if row["route"] is None else cut(row["route"], 40)
        times = _spread(row["seconds"])
        yield (
            f"{name:<40} {percent(row['share'], 1):>7} {count(row['requests']):>7} {count(row['errors']):>7} "
            f"{percent(row['fallbacks'], row['requests']):>9} {times:>20}"
        )
    if not state["overview"]["routes"]:
        yield "no decisions in the last five minutes"
