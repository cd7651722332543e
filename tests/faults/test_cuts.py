"""Cut at every byte: a part never passes for the whole, and the whole never for a part."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from tests.faults.cases import APIS
from tests.faults.cutting import HOWS, Cut, broken, stream_of
from tests.faults.stories import Api
from tests.faults.timelapse import run_in_timelapse

TEXT = "Grüße 日本 🙂"


def cuts_of(upstream: Api, caller: Api, *, step: int) -> list[Cut]:
    """A cut at every ``step``-th byte and at all of the last ones, in turn of each kind."""
    stream = stream_of(upstream, TEXT)
    size = len(stream.body)
    places = [at for at in range(size + 1) if at % step == 0 or at >= stream.whole_from - 20]
    return [Cut(stream, caller, at, HOWS[number % 3]) for number, at in enumerate(places)]


def found(cuts: list[Cut]) -> list[tuple[Cut, str]]:
    """The cuts that were told wrongly."""
    return run_in_timelapse(lambda _loop: broken(cuts))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("upstream", "caller"), list(product(APIS, APIS)))
def test_cut_anywhere(upstream: Api, caller: Api) -> None:
    """The same dialect at every byte, another one at every fifth."""
    cuts = cuts_of(upstream, caller, step=1 if upstream == caller else 5)
    assert found(cuts) == []


def test_the_judge_is_not_blind() -> None:
    """Were the end not there yet, or another text expected, a whole stream would be found: the control of this file."""
    whole = stream_of("chat", TEXT)
    for lie in (replace(whole, whole_from=len(whole.body) + 2), replace(whole, text="something else")):
        cut = Cut(lie, "chat", len(whole.body), "closed")
        assert len(found([cut])) == 1
