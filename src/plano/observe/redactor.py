"""Keys in what callers made up: taken out where an entry is made, before a log, metric, record or span sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from plano.domain.secret import KEY_SHAPES, MASK, SHORTEST_SECRET, Secret


class Redactor:
    """Masks keys. ``secrets``: the configured ones. ``names``: the declared ones, which are shown as they are.

    On the path of every request a look into ``names`` costs a third of a call that finds nothing to do.
    """

    __slots__ = ("_known", "names")

    def __init__(self, secrets: Iterable[Secret] = (), names: Iterable[str] = ()) -> None:
        values = sorted({each.reveal() for each in secrets}, key=len, reverse=True)
        known = [re.escape(value) for value in values if len(value) >= SHORTEST_SECRET]
        self._known = re.compile("|".join(known)) if known else None
        self.names = frozenset(names)

    def name(self, said: str) -> str:
        """A name without configured keys. Whatever else looks like one may be a model or a route."""
        if said in self.names or self._known is None:
            return said
        return self._known.sub(MASK, said)

    def text(self, said: str) -> str:
        """A text without configured keys, nor anything that looks like a key."""
        return said if said in self.names else KEY_SHAPES.sub(MASK, self.name(said))

    def asked(self, model: str, *, is_there: bool) -> str:
        """The name of a model as its caller wrote it; of one that there is nothing is masked for its looks alone."""
        return self.name(model) if is_there else self.text(model)
