"""The shipped catalog: its file, read in one go, and each model made into a noun when somebody asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from plano.catalog.names import canonical_provider, families
from plano.catalog.rows import Row, entry
from plano.domain.catalog import CatalogEntry, Price, Provenance
from plano.errors import InternalError

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "catalog" / "catalog.json"
FORMAT = 1

Match = Literal["exact", "alias", "family"]


class Found(msgspec.Struct, frozen=True):
    """An entry, and how the name led to it: ``family`` when only a date or a region had to be taken off."""

    entry: CatalogEntry
    match: Match


class _File(msgspec.Struct, frozen=True):
    """The file as written. ``providers`` stay undecoded: a gateway asks for a handful of them."""

    format: int
    sources: tuple[tuple[str, str, str], ...]
    providers: dict[str, msgspec.Raw]


class _Shelf(msgspec.Struct, frozen=True):
    """One provider's models. Both indexes are by id in lower case; ``made`` holds the nouns made so far, by id."""

    rows: dict[str, Row]
    aliases: dict[str, Row]
    made: dict[str, CatalogEntry]


_FILE = msgspec.json.Decoder(_File)
_ROWS = msgspec.json.Decoder(list[Row])


class Catalog:
    """Prices and capabilities by name. Read-only; what it keeps is only what it has already worked out."""

    def __init__(self, file: bytes) -> None:
        """Raises InternalError when ``file`` is not a catalog of this format."""
        try:
            read = _FILE.decode(file)
        except msgspec.MsgspecError as error:
            raise InternalError(f"the price catalog cannot be read: {error}") from error
        if read.format != FORMAT:
            raise InternalError(f"the price catalog has format {read.format}, not {FORMAT}")
        self._sources = tuple(Provenance(*source) for source in read.sources)
        self._raw = read.providers
        self._shelves: dict[str, _Shelf] = {}

    @property
    def sources(self) -> tuple[Provenance, ...]:
        """What the catalog was made from."""
        return self._sources

    @property
    def date(self) -> str:
        """The date of its newest source: how old the catalog is."""
        return max(source.date for source in self._sources)

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers it knows, by Plano's names, sorted."""
        return tuple(sorted(self._raw))

    def find(self, name: str) -> Found | None:
        """What is known about ``provider/model``; None when nothing is, and for a wildcard, which is no model.

        A dated or regional id that has no entry of its own is looked up as its family: ``gpt-4o-2024-08-06`` is priced
        as ``gpt-4o`` unless it has its own price.
        """
        provider, slash, model_id = name.partition("/")
        shelf = self._shelf(canonical_provider(provider)) if slash else None
        if shelf is None:
            return None
        wanted = model_id.lower()
        if (row := shelf.rows.get(wanted)) is not None:
            return Found(self._entry(provider, shelf, row), "exact")
        if (row := shelf.aliases.get(wanted)) is not None:
            return Found(self._entry(provider, shelf, row), "alias")
        for family in families(wanted):
            if (row := shelf.rows.get(family) or shelf.aliases.get(family)) is not None:
                return Found(self._entry(provider, shelf, row), "family")
        return None

    def get(self, name: str, /) -> Price | None:
        """The price of ``provider/model``, None when it is unknown."""
        found = self.find(name)
        return None if found is None else found.entry.price

    def models(self, provider: str) -> tuple[CatalogEntry, ...]:
        """Every model of a provider, as a wildcard ``provider/*`` covers them; empty for an unknown one."""
        shelf = self._shelf(canonical_provider(provider))
        return () if shelf is None else tuple(self._entry(provider, shelf, row) for row in shelf.rows.values())

    def _shelf(self, provider: str) -> _Shelf | None:
        shelf = self._shelves.get(provider)
        if shelf is None and (raw := self._raw.get(provider)) is not None:
            shelf = self._shelves[provider] = _shelved(raw)
        return shelf

    def _entry(self, provider: str, shelf: _Shelf, row: Row) -> CatalogEntry:
        made = shelf.made.get(row.id)
        if made is None:
            made = shelf.made[row.id] = entry(canonical_provider(provider), row, self._sources)
        return made


def load(path: Path = SHIPPED) -> Catalog:
    """The catalog that came with the package. Takes about a millisecond.

    Raises InternalError when it cannot be read.
    """
    try:
        return Catalog(path.read_bytes())
    except OSError as error:
        raise InternalError(f"the price catalog cannot be read: {error.strerror}") from error


def _shelved(raw: msgspec.Raw) -> _Shelf:
    try:
        rows = _ROWS.decode(raw)
    except msgspec.MsgspecError as error:
        raise InternalError(f"the price catalog cannot be read: {error}") from error
    return _Shelf(
        rows={row.id.lower(): row for row in rows},
        aliases={alias.lower(): row for row in rows for alias in row.aliases},
        made={},
    )
