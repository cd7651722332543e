"""Label values that cannot grow without bound, whatever names callers send."""

from __future__ import annotations

from collections.abc import Iterable

from plano.observe.visible import visible

LONGEST_NAME = 256
"""Characters; a longer name is one of the rest."""

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\""})


class Labels:
    """Turns names into values of one label, ready to stand between quotes: at most ``limit``, and one for the rest.

    The ``declared`` names come first, in their order; places that are left go to whatever name comes first. A place is
    never taken back: a series that vanishes and returns would look like a restart. Names that are declared later get as
    many places again.
    """

    __slots__ = ("_known", "_limit", "rest")

    def __init__(self, declared: Iterable[str] = (), *, limit: int) -> None:
        names = tuple(declared)
        # A declared "other" is not mixed up with the rest.
        self.rest = "(other)" if "other" in names else "other"
        self._limit = limit
        self._known: dict[str, str] = {}
        for name in names:
            self.of(name)

    def declare(self, names: Iterable[str]) -> None:
        """These names have a place of their own from now on, as far as there are ``2 * limit`` in all."""
        for name in names:
            if name not in self._known:
                self._meet(name, limit=2 * self._limit)

    def of(self, name: str) -> str:
        """The label value of ``name``. Names that differ in invisible marks alone may share one."""
        label = self._known.get(name)
        return label if label is not None else self._meet(name, limit=self._limit)

    def _meet(self, name: str, *, limit: int) -> str:
        if len(self._known) >= limit or len(name) > LONGEST_NAME or name == self.rest:
            return self.rest
        label = self._known[name] = visible(name).translate(_ESCAPES)
        return label
