"""Writes what each source says about the models of ``well_known.txt``: ``python -m catalog.extract FOLDER``.

The tests compare the shipped prices with this extract, so that they need none of the packages.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.build import ROOT, Place, by_model, statements
from catalog.merge import votes
from catalog.statement import Package, Statement
from plano.catalog.shipped import load

WELL_KNOWN = ROOT / "catalog/well_known.txt"
EXTRACT = ROOT / "tests/catalog/well_known.json"

_SOURCE: Mapping[Package, str] = {"litellm": "litellm", "genai-prices": "genai-prices"}


def extract(
    names: Sequence[str], models: Mapping[Place, Mapping[Package, Statement]]
) -> dict[str, dict[str, list[float]]]:
    """By name and source: input and output in USD per million tokens.

    Where a source does not have the id as written, what it says about another id of the same entry stands for it.
    """
    shipped = load()
    said: dict[str, dict[str, list[float]]] = {}
    for name in names:
        found = shipped.find(name)
        if found is None:
            raise SystemExit(f"{name} is not in the catalog")
        provider, _, written = name.partition("/")
        rows: dict[str, list[float]] = {}
        for model_id in (written, found.entry.id, *found.entry.aliases):
            for package, quote in votes(list(models.get((provider, model_id.lower()), {}).values())):
                rows.setdefault(_SOURCE.get(package, "models.dev"), [float(value) for value in quote.rates.base])
        said[name] = dict(sorted(rows.items()))
    return said


def main(arguments: Sequence[str]) -> None:
    """Writes the extract."""
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    models, _ = by_model(statements(Path(arguments[0])))
    rows = extract(WELL_KNOWN.read_text(encoding="utf-8").split(), models)
    body = ",\n".join(f"{json.dumps(name)}: {json.dumps(said)}" for name, said in rows.items())
    EXTRACT.parent.mkdir(exist_ok=True)
    EXTRACT.write_text("{\n" + body + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
