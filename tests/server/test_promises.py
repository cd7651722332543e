"""A promise of hours is shown by ``/readyz`` and logged once, one that cannot be read is logged; both can be ended."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest

from plano.domain.attempt import Hold
from plano.observe.log import Log
from plano.server.promises import MOST_NAMED, REMEMBERED, Promises
from plano.signals.board import Board
from tests.running import B, C, Running, question
from tests.waiting import until

OFF = {"x-plano-routing": "off"}


def lines(text: str, event: str) -> list[dict[str, Any]]:
    """The lines of a log that are of one kind."""
    return [found for line in text.splitlines() if (found := json.loads(line))["event"] == event]


class Desk:
    """Promises on a board of their own, with a clock that stands still."""

    def __init__(self, *models: str) -> None:
        self.board, self.now, self.log = Board(), 100.0, StringIO()
        self.promises = Promises(Log(self.log), lambda: (self.board, models), lambda: self.now)

    def hold(self, model: str, seconds: float) -> None:
        self.board.hold(model, Hold(seconds), now=self.now)

    def told(self) -> list[str]:
        """The models that the log names after another look."""
        self.promises.look()
        return [line["model"] for line in lines(self.log.getvalue(), "model_held")]


def test_an_operator_sees_who_is_held_for_hours(gateway: Running) -> None:
    """Nothing said so: a provider's date of next month kept every request from its model until somebody wondered."""
    assert gateway.get("/readyz").json()["notes"] == []
    gateway.mock.script("gpt-4o", ["429-retry-after-90000"])
    assert gateway.chat(question(model=B), OFF).status_code == 429
    ready = gateway.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["notes"] == [f"held for 25.0 h by its provider: {B} (`plano unhold`)"]
    until(lambda: len(lines(gateway.log.getvalue(), "model_held")) == 1)


def test_an_operator_ends_it(gateway: Running) -> None:
    """The model is asked again at once; nothing but a restart did that before."""
    gateway.mock.script("gpt-4o", ["429-retry-after-90000", "ok"])
    assert gateway.chat(question(model=B), OFF).status_code == 429
    assert gateway.chat(question(model=B), OFF).status_code == 429
    gateway.loop.call_soon_threadsafe(gateway.app.promises.clear)
    until(lambda: "holds_cleared" in gateway.log.getvalue())
    assert gateway.chat(question(model=B), OFF).status_code == 200
    assert gateway.get("/readyz").json()["notes"] == []
    (line,) = lines(gateway.log.getvalue(), "holds_cleared")
    assert (line["held"], line["models"]) == (1, B)


def test_a_time_that_cannot_be_read_is_logged_once(gateway: Running) -> None:
    """Which model's field it is, and not what was in it: who sent it may have copied a key."""
    gateway.mock.script("gpt-4o", ["429-retry-after-sk-odd"] * 2)
    assert gateway.chat(question(model=B), OFF).status_code == 429
    gateway.loop.call_soon_threadsafe(gateway.app.promises.clear)
    until(lambda: "holds_cleared" in gateway.log.getvalue())
    assert gateway.chat(question(model=B), OFF).status_code == 429
    (line,) = lines(gateway.log.getvalue(), "time_unreadable")
    assert (line["model"], line["field"]) == (B, "retry-after")
    assert "sk-odd" not in gateway.log.getvalue()


@pytest.mark.parametrize(("seconds", "is_long"), [(3599.0, False), (3600.0, False), (3601.0, True)])
def test_what_is_long(seconds: float, is_long: bool) -> None:
    """More than an hour, counted from now, of a model that is declared."""
    desk, other = Desk(B, C), Desk(B)
    for each in (desk, other):
        each.hold(C, seconds)
    assert bool(desk.promises.notes()) is is_long
    assert desk.told() == [C] * is_long
    assert not other.promises.notes()
    desk.now += 2.0
    assert not desk.promises.notes()


def test_each_is_told_once() -> None:
    """Until it is over: then the next one is told."""
    desk = Desk(B, C)
    desk.hold(C, 7200.0)
    assert desk.told() == desk.told() == [C]
    desk.hold(C, 9000.0)
    desk.now += 8000.0
    assert desk.told() == [C]
    desk.now += 1001.0
    assert desk.told() == [C]
    desk.hold(C, 7200.0)
    assert desk.told() == [C, C]
    desk.promises.clear()
    desk.hold(C, 7200.0)
    assert desk.told() == [C, C, C]


def test_few_are_named() -> None:
    """However many are held."""
    names = [f"openai/m{number}" for number in range(MOST_NAMED + 5)]
    desk = Desk(*names)
    for name in names:
        desk.hold(name, 7200.0)
    said = [f"held for 2.0 h by its provider: {name} (`plano unhold`)" for name in names[:MOST_NAMED]]
    assert desk.promises.notes() == said
    desk.promises.clear()
    (line,) = lines(desk.log.getvalue(), "holds_cleared")
    assert (line["held"], line["models"]) == (MOST_NAMED + 5, ", ".join(names[:MOST_NAMED]))


def test_clearing_nothing() -> None:
    """Is said, too: who asked wants to know that it arrived."""
    desk = Desk(B)
    desk.promises.clear()
    (line,) = lines(desk.log.getvalue(), "holds_cleared")
    assert line["held"] == 0
    assert "models" not in line


def test_not_everything_is_remembered() -> None:
    """A provider that makes up names of fields fills no memory and no log."""
    desk = Desk(B)
    for number in range(REMEMBERED + 5):
        desk.promises.unreadable(B, f"x-ratelimit-reset-{number}")
    assert len(lines(desk.log.getvalue(), "time_unreadable")) == REMEMBERED


def test_keys_of_callers_are_not_named() -> None:
    """A promise made to a caller's own key ends as well; its mark is nobody's business."""
    desk = Desk(B)
    desk.hold(f"{B} 00ff", 60.0)
    assert desk.board.release(desk.now) == ()
    assert not desk.board.holds
