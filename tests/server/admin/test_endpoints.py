"""The admin endpoints: what they show, to whom, and that they change nothing."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from plano import __version__
from plano.observe.exposition import CONTENT_TYPE
from plano.observe.metrics import Metrics
from plano.observe.records import Records
from plano.server.admin.endpoints import DEFAULT_SHOWN, PATHS
from plano.server.endpoints import OPEN_PATHS
from tests.observe.oracle import number_of, read, total
from tests.running import ASK, CODE, TRACE_ID, TRACEPARENT, A, B, C, Running, mission_text, question, read_all, running
from tests.waiting import PATIENCE_S

TOKEN = "admin-token-0123456789"
READS = [path for path, one in PATHS.items() if "HEAD" in one.methods]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/routing/v1/chat/completions"])
def test_a_request_is_counted_once_it_is_answered(gateway: Running, path: str) -> None:
    """A scrape right after an answer holds it: nothing waits for the sweep."""
    gateway.post(path, question())
    answer = gateway.admin("/metrics")
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert number_of(answer.content, "plano_http_requests_total", path=path, status="200") == 1
    assert number_of(answer.content, "plano_router_decisions_total", route=CODE, router="ok", fallback="false") == 1
    assert number_of(answer.content, "plano_ready") == 1
    assert number_of(answer.content, "plano_build_info", version=__version__) == 1
    assert number_of(answer.content, "plano_http_in_flight_requests") == 0
    assert number_of(answer.content, "plano_records_dropped_total") == 0


def test_a_fallback_is_counted(gateway: Running) -> None:
    """Both attempts, by model and ending, and that another model answered."""
    gateway.mock.script(A.partition("/")[2], ["429"])
    gateway.chat(question())
    scrape = gateway.admin("/metrics").content
    assert number_of(scrape, "plano_llm_upstream_requests_total", model=A, ending="429") == 1
    assert number_of(scrape, "plano_llm_upstream_requests_total", model=B, ending="200") == 1
    assert number_of(scrape, "plano_llm_fallbacks_total", route=CODE) == 1


def test_a_reader_that_fails_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be kept is counted, and said in the log; the caller notices nothing."""

    def fail(_self: Records, _records: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Records, "take", fail)
    with running() as gateway:
        trace_id = gateway.decide(question()).json()["trace_id"]
        scrape = gateway.admin("/metrics").content
        assert number_of(scrape, "plano_records_dropped_total") == 1
        assert f'"event":"bug","trace_id":"{trace_id}","error":"MemoryError"' in gateway.log.getvalue()


def test_scraping_is_not_counted(gateway: Running) -> None:
    """Looking at the numbers changes none of them."""
    first, second = (read(gateway.admin("/metrics").content) for _ in range(2))
    changed = {name for (name, labels), value in first.items() if second[name, labels] != value}
    assert changed <= {"process_cpu_seconds_total", "process_resident_memory_bytes"}
    assert total(second, "plano_http_requests_total") == 0


def test_open_connections(gateway: Running) -> None:
    """Connections of callers are counted while they are open; that of the scrape is none of them."""
    with gateway.connect() as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert peer.recv(100)
        assert number_of(gateway.admin("/metrics").content, "plano_http_open_connections") == 1


def test_a_hostile_list_breaks_nothing(gateway: Running) -> None:
    """Names of routes that callers send can be read back from the scrape, escaped."""
    name = '"} 1\n# TYPE x counter\nx{y="\\'
    gateway.classifier.answers = {ASK: name}
    gateway.decide(question(routing_preferences=[{"name": name, "description": "d", "models": [B]}]))
    found = read(gateway.admin("/metrics").content)
    (labels,) = [dict(labels) for series, labels in found if series == "plano_router_decisions_total"]
    assert labels["route"] == name.replace("\n", "\\u000a")


def test_a_trace_is_found(gateway: Running) -> None:
    """By the id in the answer: the newest request first; the prompt is not in it."""
    gateway.decide(question(), {"traceparent": TRACEPARENT})
    gateway.chat(question(), {"traceparent": TRACEPARENT})
    answer = gateway.admin(f"/admin/records/{TRACE_ID}")
    executed, decided = answer.json()["records"]
    assert answer.headers["cache-control"] == "no-store"
    (attempt,) = executed["attempts"]
    assert (attempt["model"], attempt["ending"]) == (A, "200")
    assert 0 < attempt["began_s"] < attempt["began_s"] + attempt["seconds"] <= executed["seconds"]
    assert "attempts" not in decided
    assert decided["decision"]["route"] == executed["decision"]["route"] == CODE
    assert [each["model"] for each in decided["decision"]["candidates"]] == [A, B]
    assert ASK not in answer.text


def test_an_error_is_kept_too(gateway: Running) -> None:
    """A refused request has its status and code."""
    gateway.chat(b"{")
    (record,) = gateway.admin("/admin/records").json()["records"]
    assert (record["status"], record["code"]) == (400, "invalid_json")


def test_the_list_of_models_is_a_request_as_any_other(gateway: Running) -> None:
    """Whoever asks for it is seen in the log, the metrics and the records; probes of health are not."""
    for path in ("/healthz", "/readyz", "/v1/models"):
        gateway.get(path)
    (kept,) = gateway.admin("/admin/records").json()["records"]
    assert (kept["method"], kept["path"], kept["status"]) == ("GET", "/v1/models", 200)
    counted = gateway.admin("/metrics").content
    assert number_of(counted, "plano_http_requests_total", path="/v1/models", status="200") == 1
    assert json.loads(gateway.log.getvalue())["trace_id"] == kept["trace_id"]


def test_the_latest(gateway: Running) -> None:
    """As many as asked for, the newest first."""
    for number in range(3):
        gateway.decide(question(), {"x-request-id": str(number)})
    shown = gateway.admin("/admin/records?limit=2").json()["records"]
    assert [each["request_id"] for each in shown] == ["2", "1"]
    assert len(gateway.admin("/admin/records").json()["records"]) == 3 <= DEFAULT_SHOWN


def test_limits_that_are_none(gateway: Running) -> None:
    """400 that names the parameter."""
    for limit in ("0", "1001", "-1", "1.5", "x", "", "9" * 5000, "%D9%A3"):
        error = gateway.admin(f"/admin/records?limit={limit}").json()["error"]
        assert (error["code"], error["param"]) == ("invalid_request", "limit"), limit


def test_paths_that_are_none(gateway: Running) -> None:
    """An unknown trace and an unknown path are 404, in the shape of every error."""
    names = (TRACE_ID, "", f"{TRACE_ID}/x", TRACE_ID.upper(), "../../etc/passwd", "%2e%2e")
    pages = ("/ui/nothing.js", "/ui/../admin.py", "/ui/%2e%2e/admin.py", "/uix", "/ui//index.html")
    for path in (*(f"/admin/records/{name}" for name in names), "/admin", "/v1/chat/completions", "/", *pages):
        answer = gateway.admin(path)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (404, "not_found"), path
        assert error["trace_id"] in answer.headers["traceparent"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_is_changed(gateway: Running, method: str) -> None:
    """Every path that only reads takes GET and nothing else."""
    for path in (*READS, "/admin/events", f"/admin/records/{TRACE_ID}", "/ui/"):
        answer = gateway.admin(path, method=method)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_head_request(gateway: Running) -> None:
    """HEAD is GET without the body."""
    for path in (*READS, "/ui/"):
        answer = gateway.admin(path, method="HEAD")
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) > 0


def test_not_on_the_listener_of_callers(gateway: Running) -> None:
    """What the admin listener alone shows is 404 everywhere else."""
    for path in (*PATHS, f"/admin/records/{TRACE_ID}", "/ui/"):
        if path in OPEN_PATHS:
            continue
        assert gateway.get(path).status_code == 404


def test_a_name_that_leads_here(gateway: Running) -> None:
    """A page whose name was made to lead to loopback is refused by its Host field."""
    for path in (*READS, "/ui/"):
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:12001", "10.0.0.1"):
            answer = gateway.admin(path, {"host": host})
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
        for host in ("localhost", "LocalHost:1", "127.0.0.1:12001", "[::1]:12001"):
            assert gateway.admin(path, {"host": host}).status_code == 200


def test_the_token() -> None:
    """Where there is a token, nothing is shown without it, not even whether there is such a path."""
    with running(f"{mission_text()}\nadmin: {{token: {TOKEN}}}\n") as gateway:
        for path in (*(path for path in READS if path not in OPEN_PATHS), f"/admin/records/{TRACE_ID}", "/nothing"):
            without = gateway.admin(path)
            wrong = gateway.admin(path, {"authorization": f"Bearer {TOKEN}x"})
            assert without.status_code == wrong.status_code == 401
            assert without.json()["error"]["message"] == wrong.json()["error"]["message"]
            assert gateway.admin(path, {"authorization": f"Bearer {TOKEN}"}).status_code in (200, 404)
        assert gateway.admin("/healthz").status_code == gateway.admin("/readyz").status_code == 200
        assert gateway.admin("/ui/").status_code == 200


def test_a_callers_key_is_not_the_token() -> None:
    """Who may use the models may not look at everybody's requests."""
    key = "caller-key-0123456789"
    with running(f"{mission_text()}\ncallers: {{keys: {{team: {key}}}}}\nadmin: {{token: {TOKEN}}}\n") as gateway:
        assert gateway.admin("/metrics", {"authorization": f"Bearer {key}"}).status_code == 401


def test_readiness(gateway: Running) -> None:
    """The same reasons as on every other listener."""
    assert gateway.admin("/readyz").json() == gateway.get("/readyz").json()


def test_a_large_body_is_refused(gateway: Running) -> None:
    """The playground alone takes one, of two megabytes at most: a larger one is not even read."""
    with socket.create_connection(("127.0.0.1", gateway.app.admin.port or 0), timeout=PATIENCE_S) as peer:
        peer.sendall(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2097153\r\n\r\n")
        assert read_all(peer).startswith(b"HTTP/1.1 413 ")


def test_bytes_that_are_no_request(gateway: Running) -> None:
    """400 in the shape of every error, and the listener lives on."""
    with socket.create_connection(("127.0.0.1", gateway.app.admin.port or 0), timeout=PATIENCE_S) as peer:
        peer.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert b'"invalid_request"' in read_all(peer)
    assert gateway.admin("/healthz").status_code == 200


def test_a_bug_is_a_500_with_its_trace_id_in_the_log(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect behind an endpoint ends neither the listener nor its silence."""

    def fail(_self: Metrics) -> bytes:
        raise RuntimeError("boom")

    monkeypatch.setattr(Metrics, "render", fail)
    error = gateway.admin("/metrics").json()["error"]
    assert error["code"] == "internal_error"
    assert error["trace_id"] in gateway.log.getvalue()
    assert "boom" not in error["message"]
    assert gateway.admin("/healthz").status_code == 200


def test_the_answer_is_one_document(gateway: Running) -> None:
    """Names with quotes and line ends leave the list a JSON document."""
    gateway.chat(question(), {"x-request-id": 'a"b\\'})
    assert json.loads(gateway.admin("/admin/records").content)["records"][0]["request_id"] == 'a"b\\'


def test_text_and_file_where_they_are_asked_for(tmp_path: Path) -> None:
    """The router's text in the record, and each record as a line of the file."""
    file = tmp_path / "records.jsonl"
    section = f"observability: {{record_content: true, records_file: '{file}'}}"
    with running(f"{mission_text()}\n{section}\n") as gateway:
        gateway.decide(question())
        (record,) = gateway.admin("/admin/records").json()["records"]
        assert record["decision"]["text"] == ASK
    assert [json.loads(line) for line in file.read_bytes().splitlines()] == [record]


@pytest.mark.parametrize("is_stream", [False, True])
def test_what_an_answer_used_is_kept(gateway: Running, is_stream: bool) -> None:
    """Tokens as the provider counted them, what they cost, bytes, and for a stream the time of its first token."""
    options = {"stream": True, "stream_options": {"include_usage": True}} if is_stream else {}
    answer = gateway.chat(question(**options))
    (record,) = gateway.admin("/admin/records").json()["records"]
    assert (record["model"], record["served_by"], record["is_stream"]) == (C, A, is_stream)
    assert record["usage"]["input_tokens"] > 0
    assert record["cost_usd"] > 0
    assert record["answer_bytes"] == len(answer.content)
    assert record["request_bytes"] > 0
    assert ("first_token_s" in record) == is_stream
    scrape = gateway.admin("/metrics").content
    assert number_of(scrape, "plano_llm_cost_usd_total", model=A) == record["cost_usd"]
    tokens = number_of(scrape, "plano_llm_tokens_total", model=A, kind="completion")
    assert tokens == record["usage"]["output_tokens"]
