"""The last hour, in stretches of ten seconds: what the page and the terminal draw.

Stretches are bounded in number and names within each, so that memory is: 360 stretches, each with the models and
routes that had traffic in it, at most 64 of either and one for the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

from plano.observe.alike import Alike, Choice
from plano.observe.tally import ModelTally, Tally
from plano.observe.visible import visible

STRETCH_S = 10
STRETCHES = 360
MAX_NAMES = 64
LONGEST_NAME = 256
REST = "(others)"

RouteName = str | None
"""None: no route matched."""


class Stretch:
    """Ten seconds from ``begins_at`` (seconds since the epoch). ``undecided``: requests that never had a decision."""

    __slots__ = ("begins_at", "models", "routes", "undecided")

    def __init__(self, begins_at: int) -> None:
        self.begins_at = begins_at
        self.undecided = Tally()
        self.models: dict[str, ModelTally] = {}
        self.routes: dict[RouteName, Tally] = {}

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """Every request is in one of them."""
        return (self.undecided, *self.routes.values())


class Series:
    """The stretches. ``wall``: seconds since the epoch. The declared names have a place before any other."""

    def __init__(self, wall: Callable[[], float], *, routes: Iterable[str] = (), models: Iterable[str] = ()) -> None:
        self._wall = wall
        self._routes = _Names(routes)
        self._models = _Names(models)
        self._stretches: deque[Stretch] = deque(maxlen=STRETCHES)

    def take(self, groups: Iterable[Alike]) -> None:
        """Counts a batch in the stretch of now: its requests ended at most half a second ago."""
        now = self._now()
        for group in groups:
            self._tally(now, group.choice).add(group)
            for (model, ending), seconds in zip(group.chain, group.attempts_s, strict=True):
                self._model(now, model).add_attempts(ending, len(group.entries), seconds)
            if group.one.served_by is not None:
                self._model(now, group.one.served_by).add_answers(group)

    def last(self, seconds: int) -> tuple[Stretch, ...]:
        """The stretches of the last ``seconds``, oldest first; those without traffic are left out."""
        since = self._wall() - seconds
        newest = islice(reversed(self._stretches), seconds // STRETCH_S + 2)
        return tuple(reversed([one for one in newest if one.begins_at + STRETCH_S > since]))

    def _now(self) -> Stretch:
        begins_at = int(self._wall()) // STRETCH_S * STRETCH_S
        if not self._stretches or self._stretches[-1].begins_at != begins_at:
            self._stretches.append(Stretch(begins_at))
        return self._stretches[-1]

    def _tally(self, stretch: Stretch, choice: Choice | None) -> Tally:
        if choice is None:
            return stretch.undecided
        name = None if choice.route is None else self._routes.of(choice.route)
        found = stretch.routes.get(name)
        if found is None:
            found = stretch.routes[name] = Tally()
        return found

    def _model(self, stretch: Stretch, model: str) -> ModelTally:
        name = self._models.of(model)
        found = stretch.models.get(name)
        if found is None:
            found = stretch.models[name] = ModelTally()
        return found


class _Names:
    """At most ``MAX_NAMES`` names, as they may be shown, and one for the rest."""

    def __init__(self, declared: Iterable[str]) -> None:
        self._known: dict[str, str] = {}
        for name in declared:
            self.of(name)

    def of(self, name: str) -> str:
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= MAX_NAMES or len(name) > LONGEST_NAME:
                return REST
            known = self._known[name] = visible(name)
        return known
