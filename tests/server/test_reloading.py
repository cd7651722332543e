"""A new configuration for a running gateway: taken as a whole or not at all."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from plano.config.settings import Settings
from plano.errors import ConfigError
from plano.mock.behaviour import Pace
from plano.observe.log import Log
from plano.server.reloading import Reloader, _fingerprint
from tests.running import A, B, C, Running, mission_text, question, raw_post, read_all, running
from tests.waiting import until

TURNED = mission_text().replace(f"      - {A}\n      - {B}\n", f"      - {B}\n      - {A}\n")
ONE_ROUTE_LESS = mission_text().replace("name: general questions", "name: small talk")


def renewed(gateway: Running, text: str) -> str | None:
    """Why the gateway does not take ``text``, None when it has."""

    def read() -> Settings:
        return gateway.settings(text)

    return gateway.run(Reloader(gateway.app, read, log=Log(gateway.log)).reload)


def test_the_new_one_counts(gateway: Running) -> None:
    """Routes and their models are those of the new file, on decisions and on calls."""
    assert gateway.decide(question()).json()["models"] == [A, B]
    before = json.loads(gateway.admin("/admin/config").content)["config_sha"]
    assert renewed(gateway, TURNED) is None
    after = json.loads(gateway.admin("/admin/config").content)["config_sha"]
    assert before != after
    assert f'"config_sha":"{after}"' in gateway.log.getvalue()
    assert gateway.decide(question()).json()["models"] == [B, A]
    gateway.chat(question())
    assert gateway.sent_models == [B.partition("/")[2]]
    assert gateway.get("/readyz").json()["notes"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: v0.4.0\nnonsense: 1\n", "PL-C010"),
        (mission_text() + "tests: [{prompt: write code, no_route: true}]\n", "1 of 1 tests fail"),
        (mission_text() + f"tests: [{{prompt: write code, first_model: {B}}}]\n", "wanted"),
        (mission_text() + "tests: [{prompt: write code, route: general questions}]\n", "general questions"),
    ],
)
def test_a_bad_one_changes_nothing(gateway: Running, text: str, said: str) -> None:
    """The old one serves on; the reason is in the log, and in readyz until a good one is taken."""
    reason = renewed(gateway, text)
    assert reason is not None
    assert said in reason
    assert gateway.decide(question()).json()["models"] == [A, B]
    ready = gateway.get("/readyz")
    (note,) = ready.json()["notes"]
    assert (ready.status_code, note.startswith("reload refused: ")) == (200, True)
    refused = [json.loads(line) for line in gateway.log.getvalue().splitlines()]
    assert [line["event"] for line in refused if line["event"] != "request"] == ["reload_refused"]
    assert renewed(gateway, TURNED) is None
    assert gateway.get("/readyz").json()["notes"] == []


def test_tests_that_pass(gateway: Running) -> None:
    """Route and first model as wanted: the configuration is taken."""
    test = f"tests: [{{prompt: write code, route: code generation, first_model: {B}}}]\n"
    assert renewed(gateway, TURNED + test) is None


def test_an_open_stream_finishes_on_the_old_one(gateway: Running) -> None:
    """What has begun ends as it began, though its model is gone from the new file."""
    gateway.mock.pace = Pace(tokens_per_s=50.0)
    answers: list[str] = []
    worker = threading.Thread(target=lambda: answers.append(gateway.chat(question(stream=True)).text))
    worker.start()
    while not gateway.mock.calls:
        pass
    without = TURNED.replace(f"      - {A}\n", "").replace(f"  - model: {A}\n    access_key: $ANTHROPIC_API_KEY\n", "")
    assert renewed(gateway, without) is None
    worker.join(20)
    assert answers[0].endswith("data: [DONE]\n\n")
    assert gateway.decide(question()).json()["models"] == [B]
    assert gateway.decide(question(model=A)).status_code == 404


def test_what_was_learned_stays(gateway: Running) -> None:
    """Promises to providers and measured latencies outlive a reload."""
    gateway.mock.script(A.partition("/")[2], ["429-retry-after-60"])
    gateway.chat(question())
    assert renewed(gateway, TURNED) is None
    assert gateway.decide(question()).json()["models"] == [B]


def test_callers_keys_are_renewed(gateway: Running) -> None:
    """From the next request on the new file's keys are asked for."""
    keyed = TURNED + "callers: {keys: {team: caller-key-0123456789}}\n"
    assert renewed(gateway, keyed) is None
    assert gateway.decide(question()).status_code == 401
    assert gateway.decide(question(), {"authorization": "Bearer caller-key-0123456789"}).status_code == 200


def test_what_needs_a_restart_is_named(gateway: Running) -> None:
    """A listener cannot move under its callers: it stays, and the log says so."""
    moved = TURNED + "listeners: [{type: model, timeout: 9s}]\n"
    assert renewed(gateway, moved) is None
    assert json.loads(gateway.log.getvalue().splitlines()[-1])["needs_restart"] == "listeners"


def test_an_error_of_the_reader_is_kept_short(gateway: Running) -> None:
    """Findings have many lines; readyz shows the first."""

    def read() -> Settings:
        raise ConfigError("one\ntwo")

    assert gateway.run(Reloader(gateway.app, read, log=Log(None)).reload) == "one\ntwo"
    assert gateway.get("/readyz").json()["notes"] == ["reload refused: one"]


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    """Written anew with the same text it is the same; while it is away there is nothing to reload."""
    path = tmp_path / "plano.yaml"
    assert _fingerprint(path) is None
    path.write_text("a")
    before = _fingerprint(path)
    path.write_text("a")
    assert _fingerprint(path) == before
    path.write_text("b")
    assert _fingerprint(path) != before


def test_models_of_the_new_file_are_the_declared_ones(gateway: Running) -> None:
    """The list of models follows; C is still the default."""
    assert renewed(gateway, ONE_ROUTE_LESS) is None
    assert C in [one["id"] for one in gateway.get("/v1/models").json()["data"]]


def test_a_new_key_is_a_new_beginning(gateway: Running) -> None:
    """What a provider said of the old key is forgotten, of that model alone; and so are the endpoints that held it."""
    gateway.mock.script(A.partition("/")[2], ["429-retry-after-60"])
    gateway.mock.script(B.partition("/")[2], ["429-retry-after-60"])
    gateway.chat(question())
    assert gateway.decide(question(), query="?explain=1").json()["explanation"]["lift"] == "held"
    held = len(gateway.app._upstream._destinations._known)
    assert renewed(gateway, mission_text().replace("$ANTHROPIC_API_KEY", "sk-ant-another-key")) is None
    assert len(gateway.app._upstream._destinations._known) < held
    assert gateway.decide(question()).json()["models"] == [A]
    gateway.chat(question())
    assert gateway.mock.calls[-1].fields["x-api-key"] == "sk-ant-another-key"


def test_metrics_know_the_names_of_the_new_file(gateway: Running) -> None:
    """Made-up names may have taken every place: what is declared has one of its own, also after a reload."""
    for number in range(120):
        inline = [{"name": f"odd {number}", "description": "d", "models": [B]}]
        gateway.classifier.default = f"odd {number}"
        gateway.decide(question(routing_preferences=inline))
    gateway.admin("/metrics")
    assert renewed(gateway, ONE_ROUTE_LESS.replace("name: code generation", "name: writing code")) is None
    gateway.classifier.default = "writing code"
    gateway.chat(question(stream=True))
    metrics = gateway.admin("/metrics").text
    assert 'plano_router_decisions_total{route="writing code",router="ok",fallback="false"} 1' in metrics
    assert f'plano_llm_first_token_seconds{{model="{A}",quantile="0.5"}}' in metrics


def test_a_key_sent_while_keys_were_asked_for_stays_here() -> None:
    """A reload that asks for none may come between head and body: the caller's key is for this gateway alone."""
    key = "caller-key-0123456789"
    open_text = mission_text().replace(
        "gpt-4o\n    access_key: $OPENAI_API_KEY", "gpt-4o\n    passthrough_auth: true", 1
    )
    body = json.dumps(question(model=B)).encode()
    request = raw_post(body, more=f"authorization: Bearer {key}\r\nx-plano-routing: off\r\nconnection: close\r\n")
    with running(f"{open_text}callers: {{keys: {{team: {key}}}}}\n") as gateway, gateway.connect() as peer:
        peer.sendall(request[:-10])
        (wire,) = gateway.app._wires
        until(lambda: gateway.app._capacity.requests or any(one.is_busy for one in tuple(wire.connections)))
        assert renewed(gateway, open_text) is None
        peer.sendall(request[-10:])
        assert b" 200 " in read_all(peer).partition(b"\r\n")[0]
        assert key not in str(gateway.mock.calls[-1].fields)
        gateway.chat(question(model=B), {"authorization": "Bearer sk-own", "x-plano-routing": "off"})
        assert gateway.mock.calls[-1].fields["authorization"] == "Bearer sk-own"


def test_a_pipe_is_not_watched(tmp_path: Path) -> None:
    """What was read from it is gone: it has no content to compare, and looking at it does not hang."""
    os.mkfifo(tmp_path / "pipe")
    assert _fingerprint(tmp_path / "pipe") is None


def test_what_is_kept_of_requests_follows(gateway: Running, tmp_path: Path) -> None:
    """The router's text is kept from the next request on, and records go to the file that is named now, or to none."""
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    for section in (f"records_file: '{first}'", f"records_file: '{second}', record_content: true", ""):
        assert renewed(gateway, f"{mission_text()}\nobservability: {{{section}}}\n") is None
        gateway.decide(question())

        async def flush() -> None:
            gateway.app._journal.flush()

        gateway.run(flush)
    gateway.app._record_file.close()
    kept = [[json.loads(line) for line in path.read_text().splitlines()] for path in (first, second)]
    assert [["text" in one["decision"] for one in each] for each in kept] == [[False], [True]]
    assert '"needs_restart"' not in gateway.log.getvalue()


def test_limits_follow(gateway: Running) -> None:
    """More requests at once, or fewer: from the next one on; whoever waits gets a place that came to be."""
    assert renewed(gateway, f"{mission_text()}\nlimits: {{requests: 1, waiting_requests: 0}}\n") is None
    capacity = gateway.app._capacity
    capacity.requests += 1
    assert gateway.decide(question()).status_code == 503
    assert renewed(gateway, mission_text()) is None
    assert gateway.decide(question()).status_code == 200
    capacity.requests -= 1
    assert '"needs_restart"' not in gateway.log.getvalue()
