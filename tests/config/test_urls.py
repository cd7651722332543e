"""URLs: their parts, and hosts that are never connected to."""

from __future__ import annotations

import pytest

from plano.config.urls import Url, UrlProblem, is_loopback, parse_url

WEB = ("http", "https")


@pytest.mark.parametrize(
    ("text", "url", "authority"),
    [
        ("http://h", Url("http", "h", 80, "", ""), "h"),
        ("https://h/", Url("https", "h", 443, "", ""), "h"),
        ("https://H.Example.com:8443/v1/", Url("https", "h.example.com", 8443, "/v1", ""), "h.example.com:8443"),
        ("http://h:80/a/b?c=d", Url("http", "h", 80, "/a/b", "c=d"), "h"),
        ("http://[::1]:11434", Url("http", "::1", 11434, "", ""), "[::1]:11434"),
        ("http://127.0.0.1:1", Url("http", "127.0.0.1", 1, "", ""), "127.0.0.1:1"),
        ("http://10.0.0.1", Url("http", "10.0.0.1", 80, "", ""), "10.0.0.1"),
        ("http://my_service:8000", Url("http", "my_service", 8000, "", ""), "my_service:8000"),
        ("HTTP://h", Url("http", "h", 80, "", ""), "h"),
    ],
)
def test_parts(text: str, url: Url, authority: str) -> None:
    """Scheme, host, port, path and query; loopback and private addresses are allowed."""
    assert parse_url(text, WEB) == url
    assert url.authority == authority


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "localhost:8000",
        "//h",
        "ftp://h",
        "redis://h",
        "http://",
        "http:///x",
        "http://h:0",
        "http://h:x",
        "http://h:65536",
        "http://u@h",
        "http://u:p@h",
        "http://h#",
        "http://h/#a",
        "http://h h",
        "http://h\n",
        "http://é",
        "http://h:80:80",
        "http://[::1",
        "http://[x]",
        "http://-a-",
        "http://a..b",
        "http://" + "a" * 300,
        "http://127.1",
        "http://0x7f000001",
        "http://0177.0.0.1",
        "http://h\\@x",
        "http://*",
    ],
)
def test_what_is_no_url(text: str) -> None:
    """Anything with doubt about where it leads is refused."""
    with pytest.raises(UrlProblem) as caught:
        parse_url(text, WEB)
    assert caught.value.code == "PL-C043"


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "169.254.169.254.",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::]",
        "[fd00:ec2::254]",
        "[fd20:ce::254]",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "metadata",
    ],
)
def test_hosts_that_hand_out_credentials(host: str) -> None:
    """Link-local and metadata hosts are refused in every spelling."""
    with pytest.raises(UrlProblem) as caught:
        parse_url(f"http://{host}:80/latest", WEB)
    assert caught.value.code in ("PL-C044", "PL-C043")
    if "%" not in host:
        assert caught.value.code == "PL-C044"


def test_user_and_password_where_they_belong() -> None:
    """A shared store may have a password in its URL."""
    url = parse_url("redis://:secret@h/0", ("redis",), allow_userinfo=True)
    assert (url.host, url.port) == ("h", 6379)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("example.com", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    """Loopback is what only this machine reaches."""
    assert is_loopback(host) is expected
