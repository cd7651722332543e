"""The two files that are written: the catalog as compact rows, and the log of conflicts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from catalog.merge import TRUST, Conflict, Entry, Topic, sources
from catalog.packages import WHEELS
from catalog.statement import Facts, Package, Quote, Rates

FORMAT = 1
_LETTERS = {"text": "t", "image": "i", "pdf": "p", "audio": "a", "video": "v"}

_HEADINGS: Mapping[Topic, str] = {
    "price": "Input and output, USD per million tokens",
    "cached": "Cached input, USD per million tokens",
    "write": "Cache write, USD per million tokens",
    "reasoning": "Reasoning tokens, USD per million tokens",
    "tiers": "Long-context tiers: prompt tokens, input and output in USD per million tokens",
    "context": "Context window, tokens",
    "max_output": "Maximum output, tokens",
    "tools": "Tools",
    "structured": "Structured output",
    "thinks": "Reasoning",
}


def catalog_bytes(entries: Iterable[Entry]) -> bytes:
    """The catalog file: one model a line, so that a change of a price is a change of a line."""
    made_from = [
        [wheel.name, wheel.version, wheel.date] for wheel in sorted(WHEELS, key=lambda wheel: TRUST.index(wheel.name))
    ]
    providers: dict[str, list[str]] = {}
    for entry in entries:
        providers.setdefault(entry.provider, []).append(_line(_row(entry)))
    body = ",\n".join(f"{_line(name)}:[\n" + ",\n".join(rows) + "\n]" for name, rows in sorted(providers.items()))
    return f'{{"format":{FORMAT},"sources":{_line(made_from)},"providers":{{\n{body}\n}}}}\n'.encode()


def _row(entry: Entry) -> list[object]:
    """One model: id, aliases, price, tiers, facts, and the sources of price and facts as places in ``sources``."""
    price, tiers = _price(entry.quote)
    return [
        entry.id,
        list(entry.aliases),
        price,
        tiers,
        _facts(entry.facts),
        _places(entry.quoted_by),
        _places(entry.described_by),
    ]


def _price(quote: Quote | None) -> tuple[object, list[object]]:
    if quote is None:
        return None, []
    tiers: list[object] = [[above, *_rates(rates)] for above, rates in quote.tiers]
    return [*_rates(quote.rates), _number(quote.reasoning)], tiers


def _rates(rates: Rates) -> list[object]:
    return [_number(value) for value in (rates.input, rates.output, rates.cached, rates.write)]


def _number(value: Decimal | None) -> int | float | None:
    """The JSON number; six significant digits have one shortest form as a double."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _facts(facts: Facts) -> list[object]:
    reads, writes = ("".join(_LETTERS[kind] for kind in kinds or ()) for kinds in (facts.reads, facts.writes))
    flags = (facts.tools, facts.structured, facts.reasoning)
    return [facts.context, facts.max_input, facts.max_output, reads, writes, *flags]


def _places(packages: Iterable[Package]) -> list[int]:
    return sorted(TRUST.index(package) for package in packages)


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def conflict_log(conflicts: Sequence[Conflict], entries: Sequence[Entry]) -> str:
    """The log, a table per topic: what each package says and what ships."""
    by_votes = Counter(sources(entry.quoted_by) for entry in entries if entry.quote is not None)
    lines = [
        "# Conflicts between the sources of the catalog",
        "",
        "Written by `catalog/build.py`; `catalog/README.md` gives the rules by which a value is chosen.",
        "",
        f"{len(entries)} models, {sum(by_votes.values())} of them priced: {by_votes[3]} by three agreeing sources,"
        f" {by_votes[2]} by two, {by_votes[1]} by one.",
    ]
    for topic, heading in _HEADINGS.items():
        rows = sorted((one for one in conflicts if one.topic == topic), key=lambda one: (one.provider, one.id.lower()))
        if rows:
            lines += ["", f"## {heading} ({len(rows)})", "", "| Model | Ships | Said by |", "|---|---|---|"]
            lines += [f"| {one.provider}/{one.id} | {one.chosen} | {_said(one)} |" for one in rows]
    return "\n".join(lines) + "\n"


def _said(conflict: Conflict) -> str:
    return ", ".join(f"{package} {value}" for package, value in conflict.said)
