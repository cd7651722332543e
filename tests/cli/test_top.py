"""``plano top``: the numbers of a running gateway, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from plano.cli import main
from plano.cli.admin import Admin
from plano.cli.top import _BEGIN, _END, _drawn, _live, screen
from tests.running import CODE, A, B, C, Running, question


def top(gateway: Running, *arguments: str) -> Result:
    """The result of the command."""
    return CliRunner().invoke(main, ["top", "--admin", f"http://127.0.0.1:{gateway.app.admin.port}", *arguments])


def test_once(gateway: Running) -> None:
    """Totals, models with state, routes; what nobody measured is a question mark."""
    gateway.mock.script(A.partition("/")[2], ["429"])
    gateway.chat(question())
    done = top(gateway)
    assert done.exit_code == 0
    rows = {line.split()[0]: line.split() for line in done.output.splitlines() if line}
    assert rows["plano"][2] == "ready"
    assert rows[A][1] == "held"
    assert rows[B][1:5] == ["free", "100", "%", "1"]
    assert f"{CODE:<40}" in done.output
    assert rows[B][8] == "?"
    assert "? / ?" not in done.output
    assert "\x1b" not in done.output


def test_what_wants_attention(gateway: Running) -> None:
    """Decisions without a router and records that were lost are said, as the page says them."""
    state = gateway.admin("/admin/state").json()
    state["overview"]["total"]["degraded"], state["dropped"] = 3, 2
    shown = list(screen(state, (), url="u"))
    assert any("3 decisions without the router" in line for line in shown)
    assert any("2 records were lost" in line for line in shown)
    assert not any("note" in line for line in screen(gateway.admin("/admin/state").json(), (), url="u"))


def test_models_of_a_running_gateway(gateway: Running) -> None:
    """`plano models --live`: each with its state and numbers."""
    gateway.mock.script(A.partition("/")[2], ["429"])
    gateway.chat(question())
    asked = ["models", "--live", "--admin", f"http://127.0.0.1:{gateway.app.admin.port}"]
    shown = CliRunner().invoke(main, asked)
    assert shown.exit_code == 0
    rows = {line.split()[0]: line.split() for line in shown.output.splitlines()}
    assert (rows[A][1], rows[B][1]) == ("held", "free")
    assert rows[B][2] == "$12.50"
    states = {
        row["model"]: row["absent"] for row in json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)["models"]
    }
    assert (states[A], states[B]) == ("held", None)


def test_nothing_yet(gateway: Running) -> None:
    """No traffic is no error, and its numbers are unknown."""
    shown = top(gateway).output
    assert "errors ?" in shown
    assert "cost ?/h" in shown
    assert "no decisions" in shown
    (idle,) = [line.split() for line in shown.splitlines() if line.startswith(f"{B} ")]
    assert idle[2:] == ["?", "0", "?", "0", "?", "?"]


def test_a_model_that_answered_nothing(gateway: Running) -> None:
    """Its share of the answers is known as soon as there are any: none of them, as the page says it."""
    gateway.chat(question())
    rows = {line.split()[0]: line.split() for line in top(gateway).output.splitlines() if line}
    assert rows[C][2:4] == ["0", "%"]


@pytest.mark.parametrize("room", [40, 60, 80, 100, 200])
def test_a_narrow_terminal(gateway: Running, room: int) -> None:
    """Errors, first token, cost, and of each model name and state are there; columns go, none is cut."""
    gateway.chat(question())
    state = gateway.admin("/admin/state").json()
    shown = list(screen(state, (), url="u", room=room))
    assert max(map(len, shown)) <= room
    together = " ".join(shown)
    assert all(word in together for word in ("errors 0 %", "first token ?", "cost $", "overhead"))
    (row,) = [line for line in shown if line.startswith(A[: 12 if room == 40 else 22])]
    assert "free" in row
    assert ("first token  " in together) is (room >= 80)


def test_json(gateway: Running) -> None:
    """The state as the admin listener tells it."""
    assert json.loads(top(gateway, "--json").stdout)["is_ready"] is True


def test_live(gateway: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The screen is drawn at each state, latest requests below, and given back at the end."""
    gateway.chat(question())
    state = gateway.admin("/admin/state").json()
    (record,) = gateway.admin("/admin/records").json()["records"]

    def events(_self: Admin) -> Iterator[tuple[str, Any]]:
        yield "state", state
        yield "entry", record
        yield "state", state
        raise KeyboardInterrupt

    monkeypatch.setattr(Admin, "events", events)
    _live(Admin(f"http://127.0.0.1:{gateway.app.admin.port}"), "http://x")
    shown = capsys.readouterr().out
    assert shown.startswith(_BEGIN)
    assert shown.endswith(_END)
    assert shown.count(f"plano {state['version']}") == 2
    assert record["served_by"] in shown.partition("latest")[2]


def test_hostile_names(gateway: Running) -> None:
    """Escapes in names of routes and models stay text."""
    gateway.chat(question())
    state = gateway.admin("/admin/state").json()
    state["overview"]["routes"][0]["route"] = "\x1b[2J\n" + "x" * 5000
    state["models"][0]["model"] = "\x1b]0;title\x07"
    shown = "\n".join(screen(state, (), url="u"))
    assert not set(shown) & {"\x1b", "\x07", "\r"}
    assert max(map(len, shown.splitlines())) < 300


def test_it_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is longer, no screen higher than the terminal."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    drawn = _drawn("x" * 100 for _ in range(100))
    assert drawn.count("\n") == 9
    assert "x" * 41 not in drawn
