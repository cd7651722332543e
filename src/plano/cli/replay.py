"""``plano replay``: what kept records would have become under another configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from plano.assembly import Decider
from plano.cli.settings import fail, print_json, read_or_invent
from plano.evaluate.replay import Choice, Replayed, replay
from plano.observe.entry import Entry

MOST_SHOWN = 20


class _Page(msgspec.Struct, frozen=True):
    """What the admin listener answers."""

    records: tuple[Entry, ...]


@click.command("replay")
@click.argument("records", type=click.File("rb"))
@click.option("--config", "-c", "file", type=click.Path(path_type=Path), help="Configuration; default plano.yaml.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def command(records: IO[bytes], file: Path | None, as_json: bool) -> None:
    """Print which routes and first models of RECORDS would change under another configuration. Calls no model.

    RECORDS is what `/admin/records` answers, or one record a line; `-` reads stdin.
    """
    try:
        entries = _entries(records.read())
    except msgspec.MsgspecError as error:
        fail(f"{records.name}: no records of Plano: {error}")
    decider = Decider.build(read_or_invent(file))
    found = tuple(replay(entries, decider))
    if not found:
        fail(f"{records.name}: none of {len(entries)} records holds a decision about a model of this configuration")
    if as_json:
        print_json({"summary": _summary(found, len(entries)), "requests": [_row(one) for one in found]})
    else:
        _print(found, len(entries))


def _entries(data: bytes) -> tuple[Entry, ...]:
    """The records of a page, or of lines. Raises MsgspecError."""
    if data.lstrip().startswith(b'{"records"'):
        return msgspec.json.decode(data, type=_Page).records
    return tuple(msgspec.json.decode(line, type=Entry) for line in data.splitlines() if line.strip())


def _summary(found: Sequence[Replayed], read: int) -> dict[str, Any]:
    return {
        "records": read,
        "replayed": len(found),
        "rerouted": sum(one.is_rerouted for one in found),
        "moved": sum(one.is_moved for one in found),
        "unscored": sum(one.basis == "unscored" for one in found),
        "usd": _compared(found, lambda choice: choice.usd, sum),
        "first_token_s": _compared(found, lambda choice: choice.first_token_s, _mean),
    }


def _compared(
    found: Iterable[Replayed], read: Callable[[Choice], float | None], fold: Callable[[list[float]], float]
) -> dict[str, Any]:
    """A number before and after, over the requests for which both are known."""
    pairs = [(old, new) for one in found if (old := read(one.old)) is not None and (new := read(one.new)) is not None]
    if not pairs:
        return {"of": 0, "old": None, "new": None}
    return {"of": len(pairs), "old": fold([old for old, _ in pairs]), "new": fold([new for _, new in pairs])}


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def _row(one: Replayed) -> dict[str, Any]:
    return {**msgspec.to_builtins(one), "rerouted": one.is_rerouted, "moved": one.is_moved}


def _print(found: Sequence[Replayed], read: int) -> None:
    summary = _summary(found, read)
    click.echo(
        f"{summary['replayed']} of {read} records replayed: {summary['rerouted']} other routes, "
        f"{summary['moved']} other first models"
    )
    if summary["unscored"]:
        click.echo(f"  {summary['unscored']} without a score for every new route: keep the router's text to know more")
    for line in _changes(found):
        click.echo(line)
    for name, key in (("cost", "usd"), ("first token", "first_token_s")):
        numbers = summary[key]
        shown = "?" if not numbers["of"] else f"{numbers['old']:.6g} -> {numbers['new']:.6g} {key.rpartition('_')[2]}"
        click.echo(f"  {name:<12} {shown}   (known of {numbers['of']})")


def _changes(found: Sequence[Replayed]) -> Iterator[str]:
    """Each kind of change with its number, the most frequent first."""
    counted = Counter(
        (one.old.route, one.old.model, one.new.route, one.new.model) for one in found if one.is_rerouted or one.is_moved
    )
    for (old_route, old_model, new_route, new_model), count in counted.most_common(MOST_SHOWN):
        yield f"  {count:>6}  {old_route or 'no route'}: {old_model}  ->  {new_route or 'no route'}: {new_model}"
    if len(counted) > MOST_SHOWN:
        yield f"          and {len(counted) - MOST_SHOWN} kinds of change more"
