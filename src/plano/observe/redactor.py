"""Keys in what callers made up: taken out where an entry is made, before a log, metric, record or span sees it."""

from __future__ import annotations

from collections.abc import Iterable

from plano.domain.secret import KEY_SHAPES, MASK, SHORTEST_SECRET, Secret

LONGEST_TEXT = 16 * 1024
"""Characters that are looked at and shown; a million of them would hold the event loop for a tenth of a second."""

LONGEST_NAME = 1024


class Redactor:
    """Masks keys. ``secrets``: the configured ones. ``names``: the declared ones, which are shown as they are.

    On the path of every request a look into ``names`` costs a third of a call that finds nothing to do.
    """

    __slots__ = ("_known", "names")

    def __init__(self, secrets: Iterable[Secret] = (), names: Iterable[str] = ()) -> None:
        values = {value for each in secrets if len(value := each.reveal()) >= SHORTEST_SECRET}
        self._known = tuple(sorted(values, key=len, reverse=True))
        self.names = frozenset(names)

    def name(self, said: str) -> str:
        """A name without configured keys, cut. Whatever else looks like one may be a model or a route."""
        if said in self.names:
            return said
        said = said[:LONGEST_TEXT]
        for known in self._known:
            if known in said:
                said = said.replace(known, MASK)
        return said

    def text(self, said: str, longest: int = LONGEST_TEXT) -> str:
        """The first ``longest`` characters of a text, without configured keys, nor anything that looks like a key."""
        return said if said in self.names else KEY_SHAPES.sub(MASK, self.name(said)[:longest])

    def asked(self, model: str, *, is_there: bool) -> str:
        """The name of a model as its caller wrote it; of one that there is nothing is masked for its looks alone."""
        return self.name(model) if is_there else self.text(model, LONGEST_NAME)
