"""``plano trace`` and ``plano explain``: requests of a running gateway, in a terminal."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from click.testing import CliRunner, Result

from plano.cli import main
from plano.cli.admin import Admin
from plano.cli.amounts import seconds, size, usd
from tests.running import ASK, CODE, TRACE_ID, TRACEPARENT, A, B, C, Running, mission_text, question, running

TOKEN = "admin-token-0123456789"


@pytest.fixture
def busy(gateway: Running) -> Running:
    """A gateway that answered: with a fallback, an error, a decision."""
    gateway.mock.script(A.partition("/")[2], ["429"])
    gateway.chat(question(), {"traceparent": TRACEPARENT})
    gateway.chat(b"{")
    gateway.decide(question())
    return gateway


def plano(gateway: Running, *arguments: str, env: dict[str, str] | None = None) -> Result:
    """The result of a command against the gateway's admin listener."""
    return CliRunner().invoke(main, [*arguments, "--admin", f"http://127.0.0.1:{gateway.app.admin.port}"], env=env)


def test_one_in_full(busy: Running) -> None:
    """Status, decision, each attempt with its ending and time, tokens, cost."""
    done = plano(busy, "trace", TRACE_ID)
    assert done.exit_code == 0
    first, *_ = done.output.splitlines()
    assert first.startswith(f"{TRACE_ID}  200  ")
    rows = [line.split() for line in done.output.splitlines()]
    assert [row[-1] for row in rows if row[0] in (A, B)] == ["429", "200"]
    assert "tokens" in done.output
    assert "cost $" in done.output
    assert ASK not in done.output


def test_the_latest_in_a_line_each(busy: Running) -> None:
    """The newest last, as a terminal reads; ``--limit`` of them."""
    lines = plano(busy, "trace").output.splitlines()
    assert [line.split()[1] for line in lines] == ["200", "400", "200"]
    assert TRACE_ID in lines[0]
    assert len(plano(busy, "trace", "--limit", "1").output.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--failed",), [400]),
        (("--where", "status=200"), [200, 200]),
        (("--where", f"model={B}"), [200]),
        (("--where", "model=anthropic/*"), [200]),
        (("--where", "ending=429"), [200]),
        (("--where", f"route={CODE}", "--where", f"model={C}"), [200, 200]),
        (("--where", "code=invalid_json"), [400]),
        (("--where", "dialect=anthropic_messages"), []),
        (("--since", "1h"), [200, 400, 200]),
        (("--since", "0s"), []),
    ],
)
def test_filters(busy: Running, arguments: tuple[str, ...], expected: list[int]) -> None:
    """Each leaves out what it should; several must all hold."""
    lines = plano(busy, "trace", "--json", *arguments).stdout.splitlines()
    assert [json.loads(line)["status"] for line in lines] == expected


@pytest.mark.parametrize("arguments", [("--where", "colour=red"), ("--where", "status"), ("--since", "5 years")])
def test_filters_that_are_none(gateway: Running, arguments: tuple[str, ...]) -> None:
    """Wrong usage, code 2, and what is possible."""
    assert plano(gateway, "trace", *arguments).exit_code == 2


def test_explain(busy: Running) -> None:
    """Route, scores, candidates with price, the order, and every attempt."""
    shown = plano(busy, "explain", TRACE_ID).output
    assert f"route   {CODE}" in shown
    ranked = shown.partition("rank ")[2].splitlines()[1:3]
    assert [line.split()[:2] for line in ranked] == [["1", A], ["2", B]]
    assert "tried" in shown
    assert f"answer  {B}" in shown
    assert "?" in shown, "nobody measured a first token"


def test_explain_the_last_decision(busy: Running) -> None:
    """The latest request that was decided, whatever failed since."""
    busy.chat(b"{")
    document = json.loads(plano(busy, "explain", "--last", "--json").stdout)
    assert document["decision"]["route"] == CODE


def test_what_is_not_kept(busy: Running) -> None:
    """Code 1 and a sentence: an unknown trace, a request that ended before it was decided."""
    for command in ("trace", "explain"):
        done = plano(busy, command, "0" * 32)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "is kept" in done.stderr
    failed = json.loads(plano(busy, "trace", "--failed", "--json").stdout)["trace_id"]
    assert "invalid_json" in plano(busy, "explain", failed).stderr
    assert plano(busy, "explain").exit_code == 2


def test_hostile_names(gateway: Running) -> None:
    """Escapes and line ends of a caller do nothing to the terminal."""
    gateway.chat(question(model="\x1b[31m\n\u202e" + "x" * 100_000))
    for arguments in (("trace",), ("trace", "--last"), ("trace", "--json"), ("trace", "--last", "--json")):
        shown = plano(gateway, *arguments).output
        assert not set(shown) & {"\x1b", "\u202e", "\r"}
        assert "\\u001b" in shown
        assert max(map(len, shown.splitlines())) < 1_000


def test_following(gateway: Running) -> None:
    """Each request as it is answered, until the gateway ends."""
    with closing(Admin(f"http://127.0.0.1:{gateway.app.admin.port}").events()) as events:
        assert next(events)[0] == "state"
        sending = threading.Thread(target=gateway.decide, args=(question(),))
        sending.start()
        entry = next(document for kind, document in events if kind == "entry")
        assert entry["decision"]["route"] == CODE
        sending.join()


def test_follow_prints(busy: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept first, then what comes, filtered alike."""
    record = busy.admin("/admin/records?limit=1").json()["records"][0]

    def events(_self: Admin) -> Iterator[tuple[str, object]]:
        yield "state", {}
        yield "entry", record
        yield "entry", record | {"status": 500}

    monkeypatch.setattr(Admin, "events", events)
    lines = plano(busy, "trace", "-f", "--json", "--failed").stdout.splitlines()
    assert [json.loads(line)["status"] for line in lines] == [400, 500]


def test_an_interrupt_ends_following(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is how it ends: quietly, with status 0; it used to say that it was aborted."""

    def events(_self: Admin) -> Iterator[tuple[str, object]]:
        yield "state", {}
        raise KeyboardInterrupt

    monkeypatch.setattr(Admin, "events", events)
    done = plano(gateway, "trace", "-f")
    assert (done.exit_code, done.output) == (0, "")


def test_nobody_answers() -> None:
    """Code 1, and what to do; no traceback."""
    done = CliRunner().invoke(main, ["trace", "--admin", "http://127.0.0.1:1"])
    assert done.exit_code == 1
    assert "plano up" in done.stderr
    assert CliRunner().invoke(main, ["trace", "--admin", "nonsense"]).exit_code == 2


def test_something_else_answers(gateway: Running) -> None:
    """The listener of callers is not the admin listener: said, not guessed."""
    done = CliRunner().invoke(main, ["trace", "--admin", gateway.url])
    assert done.exit_code == 1
    assert gateway.url in done.stderr


def test_the_token() -> None:
    """From the environment; without it the command says which variable."""
    with running(f"{mission_text()}\nadmin: {{token: {TOKEN}}}\n") as gateway:
        without = plano(gateway, "trace", env={"PLANO_ADMIN_TOKEN": ""})
        assert (without.exit_code, "PLANO_ADMIN_TOKEN" in without.stderr) == (1, True)
        assert plano(gateway, "trace", env={"PLANO_ADMIN_TOKEN": TOKEN}).exit_code == 0


def test_amounts() -> None:
    """In the unit that is read most easily; unknown is a question mark."""
    assert [seconds(number) for number in (None, 0.00042, 0.05, 0.41, 3.14, 150, 7200)] == [
        *("?", "0.42 ms", "50.0 ms", "410 ms", "3.1 s", "2 min", "2 h")
    ]
    assert [usd(number) for number in (None, 0, 0.0000087, 0.25, 1234.5)] == [
        *("?", "$0.00", "$0.0000087", "$0.25", "$1,234.50")
    ]
    assert [size(number) for number in (None, 0, 999, 2700)] == ["?", "0 B", "999 B", "2.7 kB"]
