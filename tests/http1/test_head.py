"""Heads: what a request or answer says, and what the connections write."""

from __future__ import annotations

import pytest

from plano.http1.head import RequestHead, RequestHeads, ResponseHead, ResponseHeads
from plano.http1.limits import Limits
from plano.http1.violation import Violation, ViolationKind

LIMITS = Limits()


def request(*lines: str) -> RequestHead:
    return RequestHeads(LIMITS).parse("".join(f"{line}\r\n" for line in lines).encode("latin-1"))


def response(*lines: str) -> ResponseHead:
    return ResponseHeads(LIMITS).parse("".join(f"{line}\r\n" for line in lines).encode("latin-1"))


def kind_of(*lines: str) -> ViolationKind:
    with pytest.raises(Violation) as caught:
        request(*lines)
    return caught.value.kind


def test_request() -> None:
    """A head says everything the edge needs, once."""
    head = request(
        "POST /v1/chat/completions?a=1 HTTP/1.1", "Host: x:1", "Content-Length: 5", "Expect: 100-continue", "X-A: \t b "
    )
    assert head == RequestHead(
        method="POST",
        target="/v1/chat/completions?a=1",
        path="/v1/chat/completions",
        query="a=1",
        version_minor=1,
        fields={"host": "x:1", "expect": "100-continue", "x-a": "b"},
        framing=5,
        keep_alive=True,
        expects_continue=True,
    )


def test_repeated_fields_are_joined() -> None:
    """Lists are joined with a comma in order, cookies with a semicolon (RFC 9110 §5.3, RFC 9113 §8.2.3)."""
    head = request("GET / HTTP/1.1", "Host: x", "Accept: a", "Cookie: c=1", "accept: b, c", "Cookie: d=2")
    assert head.fields["accept"] == "a, b, c"
    assert head.fields["cookie"] == "c=1; d=2"


def test_names_with_underscore_are_dropped() -> None:
    """``X_User`` cannot pass for ``X-User`` anywhere behind the gateway."""
    head = request("GET / HTTP/1.1", "Host: x", "X_User: root", "X-User: me", "_: 1")
    assert dict(head.fields) == {"host": "x", "x-user": "me"}


def test_connection_options() -> None:
    """The fields named in Connection are told, so that nobody forwards them."""
    head = request("GET / HTTP/1.1", "Host: x", "Connection: Keep-Alive , X-Secret")
    assert head.connection_options == ("keep-alive", "x-secret")
    assert request("GET / HTTP/1.1", "Host: x").connection_options == ("",)


def test_absolute_target_names_the_host_of_an_old_caller() -> None:
    """HTTP/1.0 without Host: the host is that of an absolute target, else unknown."""
    assert request("GET http://x:8/a HTTP/1.0").fields["host"] == "x:8"
    assert "host" not in request("GET /a HTTP/1.0").fields


def test_expect_means_nothing_on_http_1_0() -> None:
    """RFC 9110 §10.1.1: an HTTP/1.0 caller gets no interim answer."""
    assert not request("POST / HTTP/1.0", "Content-Length: 1", "Expect: 100-continue").expects_continue


def test_first_mistake_counts() -> None:
    """The request line is judged before the fields, and syntax before numbers."""
    assert kind_of("GET / HTTP/3.0", "X : a") == "version"
    assert kind_of("GET /" + "a" * 9000 + " HTTP/1.1", "X : a") == "target_size"
    assert kind_of("GET / HTTP/1.1", "X : a", *["Y: 1"] * 200) == "syntax"
    assert kind_of("GET / HTTP/1.1", *["Y: 1"] * 200) == "head_size"
    assert kind_of("GET / HTTP/1.1", "Host: x", "Expect: y", "Content-Length: z") == "syntax"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (" a: b", "a field line is folded, or begins with white space"),
        ("a : b", "white space between a field name and its colon"),
        ("a", "a field line has no colon"),
        (": b", "a field name is no token"),
        ("a: \x00", "a control byte, or half a line end"),
        ("a: b\nc: d", "a control byte, or half a line end"),
    ],
)
def test_reason(line: str, reason: str) -> None:
    """A refusal says which rule was broken, and repeats nothing of what was sent."""
    with pytest.raises(Violation) as caught:
        request("GET / HTTP/1.1", "Host: x", line)
    assert caught.value.reason == reason


def test_response() -> None:
    """The head of an answer: status, fields, how the body ends."""
    head = response("HTTP/1.1 429 Too Many", "Retry-After: 2", "Content-Length: 7")
    assert head == ResponseHead(429, 1, {"retry-after": "2"}, 7, keep_alive=True)


@pytest.mark.parametrize(
    ("lines", "framing", "keep_alive"),
    [
        (("HTTP/1.1 200 OK",), "until_close", False),
        (("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), "chunked", True),
        (("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Connection: close"), "chunked", False),
        (("HTTP/1.1 204 No",), 0, True),
        (("HTTP/1.1 204 No", "Transfer-Encoding: chunked"), 0, False),
        (("HTTP/1.0 200 OK", "Content-Length: 1"), 1, False),
        (("HTTP/1.0 200 OK", "Content-Length: 1", "Connection: keep-alive"), 1, True),
        (("HTTP/1.1 100 Continue",), 0, True),
    ],
)
def test_response_framing(lines: tuple[str, ...], framing: object, keep_alive: bool) -> None:
    """RFC 9112 §6.3 for answers, without the status HEAD has."""
    head = response(*lines)
    assert (head.framing, head.keep_alive) == (framing, keep_alive)


def test_line_checks_agree_with_the_parsers() -> None:
    """A first line is judged alone exactly as it is judged in a head."""
    check = RequestHeads(LIMITS).check_line
    for line in ("GET / HTTP/1.1\r\n", "OPTIONS * HTTP/1.0\r\n"):
        check(line)
    for line in ("GET / HTTP/1.1\n", "GET /\r\n", "GET * HTTP/1.1\r\n", "CONNECT a:1 HTTP/1.1\r\n", "\r\n", "\n"):
        with pytest.raises(Violation):
            check(line)
    check = ResponseHeads(LIMITS).check_line
    check("HTTP/1.1 200 OK\r\n")
    with pytest.raises(Violation):
        check("HTTP/1.1 200 OK\n")


def test_one_head_leaves_no_trace_in_the_next() -> None:
    """A reader that has seen these lines before says the same of them, and of what is missing this time."""
    heads = RequestHeads(LIMITS)
    full = b"GET http://x/a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\nX_A: 1\r\n"
    bare = b"POST /b HTTP/1.1\r\nHost: y\r\nContent-Length: 3\r\n"
    for block in (full, bare, full, bare):
        assert heads.parse(block) == RequestHeads(LIMITS).parse(block)
    assert dict(heads.parse(bare).fields) == {"host": "y"}
    with pytest.raises(Violation, match="host is missing"):
        heads.parse(b"GET /b HTTP/1.1\r\nContent-Length: 3\r\n")


def test_a_remembered_length_is_judged_anew() -> None:
    """What is remembered is how a line reads; what the lines of a head mean together is judged for each head."""
    heads = ResponseHeads(LIMITS)
    assert heads.parse(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n").framing == 3
    assert heads.parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n").framing == "chunked"
    for mixed in (b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n" * 2):
        with pytest.raises(Violation):
            heads.parse(b"HTTP/1.1 200 OK\r\n" + mixed)
