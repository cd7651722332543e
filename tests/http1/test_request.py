"""Request heads for upstreams: what is written, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.http1.head import RequestHeads
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate

HOST = (("host", "api.example"),)
OWN = ["connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]

Fields = tuple[tuple[str, str], ...]


def test_bytes() -> None:
    """Request line, the fixed fields, those of the call, the length, a blank line."""
    template = RequestTemplate("POST", "/v1/x?y", (*HOST, ("authorization", "Bearer k")))
    assert template.render((("Accept", "a"),), body_size=12) == (
        b"POST /v1/x?y HTTP/1.1\r\nhost: api.example\r\nauthorization: Bearer k\r\n"
        b"Accept: a\r\ncontent-length: 12\r\n\r\n"
    )


@pytest.mark.parametrize(("method", "size", "has_length"), [("GET", 0, False), ("POST", 0, True), ("GET", 1, True)])
def test_length_of_nothing(method: str, size: int, has_length: bool) -> None:
    """RFC 9110 §8.6: a POST says that its body is empty, a GET need not."""
    head = RequestTemplate(method, "/", HOST).render((), body_size=size)
    assert (b"content-length" in head) is has_length


@pytest.mark.parametrize(
    ("method", "target", "fields"),
    [
        ("GET", "/", ()),
        ("GET", "/", (*HOST, ("Host", "y"))),
        ("GET", "/a b", HOST),
        ("GET", "/a\r\nX: y", HOST),
        ("GET", "/a HTTP/1.1\r\nX: y\r\nZ: /", HOST),
        ("GET", "/é", HOST),
        ("G T", "/", HOST),
        ("", "/", HOST),
        ("GET", "", HOST),
    ],
)
def test_what_cannot_begin_a_request(method: str, target: str, fields: Fields) -> None:
    """A configured path with a space or a line end, no host, two hosts: found before anything is connected."""
    with pytest.raises(ValueError):
        RequestTemplate(method, target, fields)


@pytest.mark.parametrize(
    "field",
    [
        ("x", "a\r\nb: c"),
        ("x", "a\x00"),
        ("x", "日"),
        ("x y", "a"),
        ("x: y\r\nz", "a"),
        *((name, "1") for name in OWN),
        *((name.title(), "1") for name in OWN),
    ],
)
def test_what_is_never_written(field: tuple[str, str]) -> None:
    """No line end in a name, value or key, and no second opinion on the framing, fixed or from a call."""
    with pytest.raises(ValueError):
        RequestTemplate("GET", "/", (*HOST, field))
    with pytest.raises(ValueError):
        RequestTemplate("GET", "/", HOST).render((("a", "b"), field), body_size=0)


@pytest.mark.parametrize("name", ["host", "Host", "HOST"])
def test_one_host(name: str) -> None:
    """A call cannot name a second host: two servers could disagree about whom the request is for."""
    with pytest.raises(ValueError):
        RequestTemplate("GET", "/", HOST).render(((name, "y"),), body_size=0)


@pytest.mark.parametrize(("method", "is_head"), [("HEAD", True), ("GET", False), ("POST", False)])
def test_is_head(method: str, is_head: bool) -> None:
    """Whoever reads the answer must know that HEAD has no body."""
    assert RequestTemplate(method, "/", HOST).is_head is is_head


@given(
    st.dictionaries(st.text("abcxyz-", min_size=1, max_size=6), st.text("aZ9 ,;=\xe9\t", max_size=9), max_size=6),
    st.integers(0, 2**40),
)
def test_read_back(fields: dict[str, str], size: int) -> None:
    """Our own server reads what was written as it was meant; one call leaves no trace in the next."""
    fixed = {name: value for name, value in fields.items() if name < "m"}
    of_call = {name: value for name, value in fields.items() if name not in fixed and name != "te"}
    template = RequestTemplate("POST", "/a", (*HOST, *fixed.items()))
    for sent in (of_call, {}, of_call):
        written = template.render(tuple(sent.items()), body_size=size)
        assert written.endswith(b"\r\n\r\n")
        head = RequestHeads(Limits()).parse(written[:-2])
        expected = {"host": "api.example", **fixed, **sent}
        assert head.fields == {name: value.strip(" \t") for name, value in expected.items()}
        assert (head.method, head.target, head.framing) == ("POST", "/a", size)
