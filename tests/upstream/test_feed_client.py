"""One GET for a document: bounded, without credentials, without redirects; every failure is a FeedError."""

from __future__ import annotations

import asyncio

import pytest

from plano.config.load import load_text
from plano.errors import FeedError
from plano.upstream.feed_client import FeedClient, feed_client
from plano.wire.feeds.document import MAX_BYTES
from tests.ports import CLOSED_PORT
from tests.running import KEYS, mission_text

from .playing import Handler, black_hole, chunk, plain, provider, stream_head

MISSION = mission_text()


def giving(*parts: bytes, heads: list[bytes] | None = None) -> Handler:
    """Reads a GET, sends ``parts``, and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if heads is not None:
            heads.append(head)
        for part in parts:
            writer.write(part)
            await writer.drain()

    return handle


async def fetched(*parts: bytes, path: str = "/api.json", heads: list[bytes] | None = None) -> bytes:
    """What a client gets from a server that answers with ``parts``."""
    async with provider(giving(*parts, heads=heads)) as endpoint:
        return await FeedClient().fetch(f"{endpoint.origin}{path}")


async def test_the_body_of_a_200() -> None:
    """In one, in chunks, up to the close; the request asks for the path and its query, and carries no key."""
    heads: list[bytes] = []
    assert await fetched(plain(b'{"a": 1}'), path="/x/api?query=a%20b", heads=heads) == b'{"a": 1}'
    assert heads[0].startswith(b"GET /x/api?query=a%20b HTTP/1.1\r\n")
    assert not [word for word in (b"authorization", b"cookie", b"key") if word in heads[0].lower()]
    assert await fetched(stream_head(), chunk(b"ab"), chunk(b"c"), chunk(b"")) == b"abc"
    assert await fetched(b"HTTP/1.1 200 OK\r\n\r\nuntil the end") == b"until the end"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((plain(status="500 Internal Server Error"),), "status 500"),
        ((plain(status="404 Not Found"),), "status 404"),
        ((plain(status="302 Found", more="location: http://127.0.0.1:1/\r\n"),), "status 302"),
        ((plain(status="204 No Content", body=b""),), "status 204"),
        ((plain(b"x" * 90)[:-40],), "broke off"),
        ((), "without an answer"),
        ((b"SSH-2.0-x\r\n\r\n",), "no HTTP"),
        ((f"HTTP/1.1 200 OK\r\ncontent-length: {MAX_BYTES + 1}\r\n\r\n".encode(),), f"{MAX_BYTES} bytes"),
        ((b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 1_048_576] * 9), f"{MAX_BYTES} bytes"),
        ((plain(more="content-encoding: br\r\n"),), "no HTTP"),
    ],
)
async def test_failures(parts: tuple[bytes, ...], said: str) -> None:
    """Another status, a redirect, half an answer, none, no HTTP, too much: each is said in a few words."""
    with pytest.raises(FeedError, match=said):
        await fetched(*parts)


async def test_nobody_there() -> None:
    """A port where nobody listens."""
    with pytest.raises(FeedError, match="could not be reached"):
        await FeedClient().fetch(f"http://127.0.0.1:{CLOSED_PORT}/")


async def test_never_longer_than_allowed() -> None:
    """A server that accepts and then is silent, and one that never accepts, are both given up."""

    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with provider(silent) as endpoint:
        with pytest.raises(FeedError, match=r"took longer than 0.05 s"):
            await FeedClient().fetch(f"{endpoint.origin}/", total_s=0.05)
    with black_hole() as port, pytest.raises(FeedError, match=r"took longer|could not be reached"):
        await FeedClient().fetch(f"http://127.0.0.1:{port}/", total_s=0.05)


async def test_through_the_proxies_that_a_configuration_asks_for() -> None:
    """The proxy is sent the whole address and its own credential; what is excepted is asked directly."""
    heads: list[bytes] = []
    async with provider(giving(plain(b"{}"), heads=heads)) as proxy:
        text = MISSION + "overrides: {upstream_proxy_from_environment: true}\n"
        env = KEYS | {"http_proxy": f"http://us:pa@127.0.0.1:{proxy.origin.port}", "NO_PROXY": "elsewhere.example"}
        client = feed_client(load_text(text, env).overrides)
        assert await client.fetch("http://prices.example:8080/api.json?x=1") == b"{}"
        with pytest.raises(FeedError, match="could not be reached"):
            await client.fetch(f"http://127.0.0.1:{CLOSED_PORT}/api.json")
        plainly = feed_client(load_text(MISSION, env).overrides)
        with pytest.raises(FeedError):
            await plainly.fetch("http://prices.invalid/api.json")
    (head,) = heads
    assert head.startswith(b"GET http://prices.example:8080/api.json?x=1 HTTP/1.1\r\n")
    assert b"host: prices.example:8080\r\n" in head
    assert b"proxy-authorization: Basic dXM6cGE=\r\n" in head
