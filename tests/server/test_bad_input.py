"""Bad input: a clear JSON error in the OpenAI shape, never a 500, and the next request works."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.http1.limits import Limits
from tests.running import CODE, TRACE_ID, TRACEPARENT, B, C, Running, question, raw_post, read_all, running

ROUTE = {"name": "a", "description": "b", "models": [B]}


def with_routes(*routes: Any) -> dict[str, Any]:
    """A request with these inline routes."""
    return question(routing_preferences=list(routes))


def error_of(answer: Any) -> dict[str, Any]:
    """What stands inside ``error``."""
    error = answer.json()["error"]
    assert set(error) >= {"message", "type", "param", "code", "trace_id"}
    assert answer.headers["content-type"] == "application/json"
    return dict(error)


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        (b"not json", 400, "invalid_json", None),
        (b"", 400, "invalid_json", None),
        (b"\xff\xfe", 400, "invalid_json", None),
        (b"\xef\xbb\xbf{}", 400, "invalid_json", None),
        (b"[]", 400, "invalid_request", None),
        (b'"x"', 400, "invalid_request", None),
        (b'{"model":"a","model":"b"}', 400, "invalid_json", None),
        (b'{"model":"a","messages":[],"x":{"y":1,"y":2}}', 400, "invalid_json", None),
        (b'{"model":"a","temperature":NaN}', 400, "invalid_json", None),
        (b'{"model":"a","temperature":Infinity}', 400, "invalid_json", None),
        (b'{"model":"a","messages":[{"role":"user","content":"\\ud800"}]}', 400, "invalid_json", None),
        (b'{"model":"a","x":' + b"[" * 100_000, 400, "invalid_json", None),
        (question(model=None), 400, "model_required", "model"),
        (question(model=""), 400, "model_required", "model"),
        (question(model=5), 400, "invalid_request", "model"),
        ({"messages": []}, 400, "model_required", "model"),
        ({"model": C}, 400, "invalid_request", "messages"),
        (question(messages="x"), 400, "invalid_request", "messages"),
        (question(messages=["x"]), 400, "invalid_request", "messages[0]"),
        (question(messages=[{"content": "x"}]), 400, "invalid_request", "messages[0].role"),
        (question(messages=[{"role": "user", "content": 5}]), 400, "invalid_request", "messages[0].content"),
        (question(messages=[{"role": "user", "content": [5]}]), 400, "invalid_request", "messages[0].content[0]"),
        (question(stream="yes"), 400, "invalid_request", "stream"),
        (question(model="openai/gpt-4o-mni"), 404, "model_not_found", "model"),
        (question(model="foo/gpt-4o"), 404, "model_not_found", "model"),
        (question(model="OpenAI/GPT-4o"), 404, "model_not_found", "model"),
        (question(model="none"), 404, "model_not_found", "model"),
    ],
)
@pytest.mark.parametrize("path", ["/routing/v1/chat/completions", "/v1/chat/completions"])
def test_request_table(gateway: Running, path: str, body: Any, status: int, code: str, param: str | None) -> None:
    """Every row of the request table: status, code and exact place; router and providers are not touched."""
    answer = gateway.post(path, body, {"traceparent": TRACEPARENT})
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
    assert (error["type"], error["trace_id"]) == ("invalid_request_error", TRACE_ID)
    assert not gateway.mock.calls
    assert not gateway.classifier.questions
    assert gateway.decide(question()).status_code == 200


def test_model_not_found_names_the_nearest(gateway: Running) -> None:
    """A misspelt model is answered with what was probably meant."""
    assert "openai/gpt-4o-mini" in error_of(gateway.decide(question(model="openai/gpt-4o-mni")))["message"]


@pytest.mark.parametrize(("depth", "status"), [(62, 200), (63, 400)])
def test_depth(gateway: Running, depth: int, status: int) -> None:
    """64 levels in all are accepted, 65 are not: the body and the list hold the rest."""
    body = b'{"model":"gpt-4o","messages":[],"x":[' + b"[" * depth + b"]" * depth + b"]}"
    assert gateway.decide(body).status_code == status


@pytest.mark.parametrize(
    ("routes", "param"),
    [
        ("x", "routing_preferences"),
        ({}, "routing_preferences"),
        (5, "routing_preferences"),
        (None, "routing_preferences"),
        (["x"], "routing_preferences[0]"),
        ([ROUTE, {**ROUTE, "name": ""}], "routing_preferences[1].name"),
        ([ROUTE, {**ROUTE, "name": 5}], "routing_preferences[1].name"),
        ([ROUTE, {"description": "b", "models": [B]}], "routing_preferences[1].name"),
        ([{**ROUTE, "description": ""}], "routing_preferences[0].description"),
        ([{"name": "a", "models": [B]}], "routing_preferences[0].description"),
        ([{**ROUTE, "models": []}], "routing_preferences[0].models"),
        ([{**ROUTE, "models": B}], "routing_preferences[0].models"),
        ([{"name": "a", "description": "b"}], "routing_preferences[0].models"),
        ([ROUTE, {**ROUTE, "name": "c", "models": [5]}], "routing_preferences[1].models[0]"),
        ([{**ROUTE, "models": [B, "openai/gpt-5-nope"]}], "routing_preferences[0].models[1]"),
        ([{**ROUTE, "models": ["auto"]}], "routing_preferences[0].models[0]"),
        ([ROUTE, ROUTE], "routing_preferences[1].name"),
        ([{**ROUTE, "selection_policy": "cheapest"}], "routing_preferences[0].selection_policy"),
        ([{**ROUTE, "selection_policy": {"prefer": "best"}}], "routing_preferences[0].selection_policy.prefer"),
        ([{**ROUTE, "name": "n" * 129}], "routing_preferences[0].name"),
        ([{**ROUTE, "description": "d" * 2049}], "routing_preferences[0].description"),
        ([{**ROUTE, "models": [B] * 33}], "routing_preferences[0].models"),
        ([{**ROUTE, "name": str(number)} for number in range(257)], "routing_preferences"),
        ([{**ROUTE, "name": str(n), "description": "d" * 2000} for n in range(70)], "routing_preferences"),
    ],
)
def test_inline_preferences_table(gateway: Running, routes: Any, param: str) -> None:
    """A bad list is 400 with the exact place, on both endpoints, also with routing off; nobody is asked."""
    for path, headers in (("/routing/v1", {}), ("/v1", {}), ("/v1", {"x-plano-routing": "off"})):
        answer = gateway.post(f"{path}/chat/completions", question(routing_preferences=routes), headers)
        error = error_of(answer)
        assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_routing_preferences", param)
    assert not gateway.mock.calls
    assert not gateway.classifier.questions


@pytest.mark.parametrize("policy", [None, {}, {"prefer": None}, {"prefer": ""}, {"prefer": "none"}])
def test_missing_policy_is_the_authors_order(gateway: Running, policy: Any) -> None:
    """All ways to say nothing mean the author's order; extra keys are ignored, repeated models count once."""
    gateway.classifier.default = "a"
    answer = gateway.decide(with_routes({**ROUTE, "models": [C, B, C], "selection_policy": policy, "note": "x"}))
    assert answer.json()["models"] == [C, B]


def test_limits_are_inclusive(gateway: Running) -> None:
    """256 routes, a name of 128 bytes and a description of 2 KiB are accepted."""
    routes = [{**ROUTE, "name": str(number)} for number in range(255)]
    assert (
        gateway.decide(with_routes(*routes, {**ROUTE, "name": "n" * 128, "description": "d" * 2048})).status_code == 200
    )


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"content-type": "text/plain"}, 415, "unsupported_media_type"),
        ({"content-type": ""}, 415, "unsupported_media_type"),
        ({"content-type": "multipart/form-data; boundary=x"}, 415, "unsupported_media_type"),
        ({"content-type": "application/json; charset=latin-1"}, 415, "unsupported_media_type"),
        ({"content-encoding": "gzip"}, 415, "unsupported_media_type"),
        ({"host": "evil.example"}, 400, "invalid_request"),
        ({"expect": "cake"}, 417, "expectation_failed"),
    ],
)
def test_fields_table(gateway: Running, headers: dict[str, str], status: int, code: str) -> None:
    """Fields that make a request unusable are answered before its body matters."""
    answer = gateway.chat(question(), headers)
    assert (answer.status_code, error_of(answer)["code"]) == (status, code)
    assert gateway.decide(question()).status_code == 200


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain"])
def test_what_to_send_instead(gateway: Running, content_type: str) -> None:
    """``curl -d`` without a header was told that the body must be JSON, which it was."""
    told = error_of(gateway.chat(question(), {"content-type": content_type}))["message"]
    assert told == "the body must be JSON, and say so: send 'content-type: application/json'"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", 'application/json;charset="UTF-8"']
)
def test_json_by_other_spellings(gateway: Running, content_type: str) -> None:
    """Media types are compared as the standard says."""
    assert gateway.decide(question(), {"content-type": content_type}).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST:1234"])
def test_loopback_names(gateway: Running, host: str) -> None:
    """A loopback listener answers to its own names on any port."""
    assert gateway.decide(question(), {"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("request_line", "status", "code"),
    [
        ("POST /v1/nope", 404, "not_found"),
        ("POST /v1/chat/completions/", 404, "not_found"),
        ("GET /ui/", 404, "not_found"),
        ("GET /v1/chat/completions", 405, "method_not_allowed"),
        ("PUT /routing/v1/chat/completions", 405, "method_not_allowed"),
        ("DELETE /v1/models", 405, "method_not_allowed"),
        ("GET /" + "x" * 9000, 414, "uri_too_long"),
    ],
)
def test_paths_and_methods(gateway: Running, request_line: str, status: int, code: str) -> None:
    """Unknown paths are 404, wrong methods 405 with ``allow``, in JSON."""
    answer = gateway.raw(f"{request_line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(body)["error"]["code"] == code
    if status == 405:
        assert b"\r\nallow: " in head
    assert gateway.decide(question()).status_code == 200


def test_an_expectation_is_refused_under_the_callers_id(gateway: Running) -> None:
    """Its head could be read: the answer has the dialect of its path, and the trace of the caller, as the log has."""
    fields = {"expect": "cake", "traceparent": TRACEPARENT}
    answer = gateway.post("/v1/messages", question(), fields)
    assert (answer.status_code, answer.json()["type"]) == (417, "error")
    assert answer.json()["error"]["trace_id"] == TRACE_ID == answer.headers["traceparent"].split("-")[1]
    (kept,) = gateway.admin("/admin/records").json()["records"]
    line = json.loads(gateway.log.getvalue())
    assert kept["trace_id"] == TRACE_ID
    assert (line["trace_id"], line["path"], line["code"]) == (TRACE_ID, "/v1/messages", "expectation_failed")


def test_get_with_a_body(gateway: Running) -> None:
    """A GET with a body is answered, and its body is never read as a request."""
    sneaky = b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n"
    data = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n" % len(sneaky)
    answer = gateway.raw(data + sneaky + b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200") == 2
    assert b"alive" in answer
    assert b"gpt-4o" not in answer


@pytest.mark.parametrize(
    "fields",
    [b"".join(b"x-%d: 1\r\n" % number for number in range(2000)), b"x-long: " + b"y" * 100_000 + b"\r\n"],
    ids=["2000 fields", "a field of 100 KB"],
)
def test_large_heads(gateway: Running, fields: bytes) -> None:
    """Too many fields, or too long ones: 431 in JSON, and the next request works."""
    answer = gateway.raw(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n" + fields + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "header_fields_too_large"
    assert gateway.get("/healthz").status_code == 200


def test_body_over_the_limit() -> None:
    """Declared or counted, a body over the limit is 413, and nobody was called."""
    with running(limits=Limits(body_bytes=1000)) as gateway:
        fits = json.dumps(question(x="")).encode()
        assert gateway.chat(question(x="y" * (1000 - len(fits)))).status_code == 200
        gateway.mock.calls.clear()
        answer = gateway.chat(question(x="y" * (1001 - len(fits))))
        assert (answer.status_code, error_of(answer)["code"]) == (413, "request_too_large")
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        chunked = gateway.raw(head + b"transfer-encoding: chunked\r\n\r\n" + (b"200\r\n" + b" " * 512 + b"\r\n") * 2)
        assert chunked.startswith(b"HTTP/1.1 413 ")
        assert not gateway.mock.calls


def test_body_that_stops_half_way() -> None:
    """A body that does not arrive is 408 in JSON, and the next request works."""
    with running(limits=Limits(body_grace_s=0.2)) as gateway:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        answer = gateway.raw(head + b"content-length: 5000\r\n\r\n" + b'{"model":')
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "request_timeout"
        # In one piece: a client of its own may need longer than the limit between head and body.
        good = raw_post(json.dumps(question()).encode(), more="connection: close\r\n")
        assert gateway.raw(good).startswith(b"HTTP/1.1 200 ")


def test_bytes_that_are_no_request(gateway: Running) -> None:
    """Garbage is 400 in JSON, and the connection is closed."""
    with gateway.connect() as peer:
        peer.sendall(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
        answer = read_all(peer)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "invalid_request"


def test_expect_continue(gateway: Running) -> None:
    """A caller that waits for permission gets it, then its answer."""
    body = json.dumps(question()).encode()
    head = raw_post(body, path="/routing/v1/chat/completions", more="expect: 100-continue\r\n").removesuffix(body)
    with gateway.connect() as peer:
        peer.sendall(head)
        assert peer.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        peer.sendall(body)
        assert b"200 OK" in peer.recv(5000)


def test_hostile_route_names_stay_in_their_field(gateway: Running) -> None:
    """A route name cannot inject a field: it is percent-encoded."""
    name = "génération\n"
    gateway.classifier.default = name
    answer = gateway.decide(with_routes({**ROUTE, "name": name}))
    assert answer.headers["x-plano-route"] == "g%C3%A9n%C3%A9ration%0A"
    assert answer.json()["route"] == name


def test_a_bug_is_answered_without_its_trace(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect inside is 500 with the trace id; no stack, no prompt in answer or log."""
    monkeypatch.setattr(gateway.app._decider.read_preferences, "_models", None)
    answer = gateway.decide(with_routes({**ROUTE, "description": "my secret"}), {"traceparent": TRACEPARENT})
    assert (answer.status_code, error_of(answer)["code"]) == (500, "internal_error")
    assert "Traceback" not in answer.text + gateway.log.getvalue()
    assert "my secret" not in gateway.log.getvalue()
    assert f'"trace_id":"{TRACE_ID}"' in gateway.log.getvalue()
    assert gateway.decide(question()).json()["route"] == CODE
