"""Through a proxy: what it is asked, and every way in which it can refuse."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
import trustme

from plano.domain.attempt import Answered, Failed
from plano.domain.model import Endpoint, Origin, Proxy
from plano.domain.secret import Secret
from plano.upstream.fields import secrets
from tests.upstream.playing import (
    Handler,
    and_stays,
    answering,
    attempt_at,
    call_of,
    plain,
    provider,
    read_request,
    upstream,
)

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
ASKED = "user:pass word"
BASIC = "Basic dXNlcjpwYXNzIHdvcmQ="


def behind(endpoint: Endpoint, proxy: Endpoint, *, scheme: str = "http", credential: str | None = None) -> Endpoint:
    """``endpoint`` reached by way of ``proxy``."""
    secret = None if credential is None else Secret(credential)
    origin = Origin("https" if scheme == "https" else "http", endpoint.origin.host, endpoint.origin.port)
    return replace(endpoint, origin=origin, proxy=Proxy(proxy.origin, secret))


async def test_a_plain_request_goes_to_the_proxy_whole() -> None:
    """RFC 9112 §3.2.2: the target is the whole address; the proxy's credential goes to the proxy, beside the key."""
    heads: list[bytes] = []

    async def proxy_handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _ = await read_request(reader)
        heads.append(head)
        writer.write(plain())

    async with provider(proxy_handler) as proxy, upstream() as client:
        there = Endpoint(Origin("http", "models.example", 8080), "/v1/chat", "models.example:8080")
        outcome, _ = await client.perform(attempt_at(behind(there, proxy, credential=ASKED)), call_of())
    assert outcome == Answered(200)
    assert heads[0].startswith(b"POST http://models.example:8080/v1/chat HTTP/1.1\r\nhost: models.example:8080\r\n")
    assert f"proxy-authorization: {BASIC}\r\n".encode() in heads[0]


@asynccontextmanager
async def tls_provider(authority: trustme.CA) -> AsyncIterator[int]:
    """A provider behind TLS that answers once a connection; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("models.example").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _ = await read_request(reader)
        assert b"proxy-authorization" not in head
        assert b"POST /v1/chat HTTP/1.1\r\n" in head
        writer.write(plain())
        await writer.drain()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def tunnelling(port: int, asked: list[bytes], *, first: bytes = ESTABLISHED) -> Handler:
    """A proxy that opens a tunnel to ``port`` here, whatever host it is asked for."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.close()

        try:
            await asyncio.gather(copy(reader, there_writer), copy(there_reader, writer), return_exceptions=True)
        finally:
            there_writer.transport.abort()

    return handle


@pytest.mark.parametrize("first", [ESTABLISHED, b"HTTP/1.1 100 Continue\r\n\r\n" + ESTABLISHED])
async def test_tls_goes_through_a_tunnel(first: bytes) -> None:
    """The proxy learns host and port and its own credential; certificate and name are the provider's own."""
    authority, asked = trustme.CA(), list[bytes]()
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with tls_provider(authority) as port, provider(tunnelling(port, asked, first=first)) as proxy:
        there = Endpoint(Origin("https", "models.example", 4433), "/v1/chat", "models.example")
        async with upstream() as client:
            client._tls = trusted
            way = behind(there, proxy, scheme="https", credential=ASKED)
            outcome, _ = await client.perform(attempt_at(way), call_of())
    assert outcome == Answered(200)
    assert asked[0].startswith(b"CONNECT models.example:4433 HTTP/1.1\r\nhost: models.example:4433\r\n")
    assert f"proxy-authorization: {BASIC}\r\n".encode() in asked[0]
    assert b"content-length" not in asked[0]


async def test_another_name_is_refused_through_a_tunnel() -> None:
    """A tunnel does not make a certificate for another name good."""
    authority, asked = trustme.CA(), list[bytes]()
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with tls_provider(authority) as port, provider(tunnelling(port, asked)) as proxy, upstream() as client:
        there = Endpoint(Origin("https", "other.example", 4433), "/v1/chat", "other.example")
        client._tls = trusted
        outcome, _ = await client.perform(attempt_at(behind(there, proxy, scheme="https")), call_of())
    assert isinstance(outcome, Failed)
    assert outcome.ending == "connect"


@pytest.mark.parametrize(
    "handler",
    [
        answering(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"),
        answering(b"HTTP/1.1 503 no\r\n\r\n"),
        answering(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
        answering(b""),
        answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 20),
        answering(ESTABLISHED + b"unasked"),
        answering(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n"),
    ],
    ids=["407", "503", "no http", "closed", "interims", "bytes before", "huge head"],
)
async def test_every_refusal_is_no_connection(handler: Handler) -> None:
    """``connect``: the proxy is nobody's answer, and no connection is left."""

    async def connect_handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await handler(_Asked(reader), writer)

    there = Endpoint(Origin("https", "models.example", 443), "/v1/chat", "models.example")
    async with provider(connect_handler) as proxy, upstream() as client:
        outcome, _ = await client.perform(attempt_at(behind(there, proxy, scheme="https")), call_of())
        assert client.pool.size == 0
    assert isinstance(outcome, Failed)
    assert outcome.ending == "connect"


class _Asked(asyncio.StreamReader):
    """Stands for a request that was read already."""

    def __init__(self, _reader: asyncio.StreamReader) -> None:
        super().__init__()
        self.feed_data(b"CONNECT\r\ncontent-length: 0\r\n\r\n")


async def test_a_silent_proxy_is_out_of_time() -> None:
    """The limit of connecting counts for the tunnel as well."""

    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    there = Endpoint(Origin("https", "models.example", 443), "/v1", "models.example", connect_timeout_s=0.05)
    async with provider(silent) as proxy, upstream() as client:
        outcome, _ = await client.perform(attempt_at(behind(there, proxy, scheme="https")), call_of())
    assert isinstance(outcome, Failed)
    assert outcome.ending == "connect_timeout"


async def test_direct_and_by_proxy_are_two_lanes() -> None:
    """A connection to a proxy is never used for a direct request, nor the other way round."""
    async with provider(and_stays(plain(), plain())) as endpoint, upstream() as client:
        direct = client.pool.lane(endpoint)
        assert direct is client.pool.lane(endpoint)
        assert direct is not client.pool.lane(behind(endpoint, endpoint))


def test_the_proxys_password_is_a_secret() -> None:
    """What a provider might echo is masked."""
    there = Endpoint(Origin("http", "x", 1), "/", "x", proxy=Proxy(Origin("http", "p", 1), Secret(ASKED)))
    assert ASKED in {secret.reveal() for secret in secrets(there, call_of())}
