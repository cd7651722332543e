"""Bodies for one address: over one connection, bounded, and every failure in a few words."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from plano.config.urls import parse_url
from plano.http1.limits import Limits
from plano.upstream import posting as module
from plano.upstream.pool import Pool
from plano.upstream.posting import Posting
from tests.ports import CLOSED_PORT
from tests.waiting import came

from .playing import Handler, and_stays, answering, black_hole, plain, provider, read_request

TAKEN = plain(b"", status="200 OK")


def posting(url: str, pool: Pool | None = None) -> Posting:
    """To an address."""
    pool = pool or Pool(Limits(), ssl.create_default_context)
    return Posting(pool, parse_url(url, ("http", "https")), path="/v1/traces", media_type="application/x-protobuf")


def keeping(heard: list[tuple[bytes, bytes]], *answers: bytes) -> Handler:
    """Keeps what it is sent."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            heard.append(await read_request(reader))
            writer.write(answer)
            await writer.drain()

    return handle


async def test_over_one_connection() -> None:
    """Bodies as they are, with their media type and without credentials, below the address; 2xx is well."""
    heard: list[tuple[bytes, bytes]] = []
    pool = Pool(Limits(), ssl.create_default_context)
    async with provider(keeping(heard, TAKEN, plain(b"{}", status="202 Accepted"), TAKEN)) as endpoint:
        one = posting(f"{endpoint.origin}/otlp", pool)
        for body in (b"first", b"x" * 500_000, b""):
            assert await one.post(body) is None
            assert pool.size == 1
    assert [body for _, body in heard] == [b"first", b"x" * 500_000, b""]
    assert heard[0][0].startswith(b"POST /otlp/v1/traces HTTP/1.1\r\n")
    assert b"content-type: application/x-protobuf\r\n" in heard[0][0]
    pool.close()


async def test_a_connection_that_was_closed_meanwhile() -> None:
    """Replaced, without a loss."""
    heard: list[tuple[bytes, bytes]] = []
    async with provider(keeping(heard, TAKEN)) as endpoint:
        one = posting(str(endpoint.origin))
        assert await one.post(b"first") is None
        assert await one.post(b"second") is None
    assert [body for _, body in heard] == [b"first", b"second"]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((plain(status="503 Service Unavailable"),), "it answered with status 503"),
        ((plain(status="302 Found", more="location: http://127.0.0.1:1/\r\n"),), "it answered with status 302"),
        ((), "it closed the connection without an answer"),
        ((b"SSH-2.0-x\r\n\r\n",), "its answer is no HTTP"),
    ],
)
async def test_what_is_wrong(answers: tuple[bytes, ...], said: str) -> None:
    """In words; nothing is followed."""
    handler = answering(*answers) if answers else closing
    async with provider(handler) as endpoint:
        assert await posting(str(endpoint.origin)).post(b"body") == said


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads a request and answers nothing."""
    await read_request(reader)


async def test_nobody_there() -> None:
    """Said, not raised."""
    assert await posting(f"http://127.0.0.1:{CLOSED_PORT}").post(b"body") == "it could not be reached"


async def test_one_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given up after a while, with its connection."""
    monkeypatch.setattr(module, "TOTAL_S", 0.05)
    pool = Pool(Limits(), ssl.create_default_context)
    async with provider(and_stays()) as endpoint:
        assert await posting(str(endpoint.origin), pool).post(b"body") == "it took longer than 0.05 s"
        await came(lambda: pool.size == 0)


async def test_one_that_accepts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not waited for either."""
    monkeypatch.setattr(module, "CONNECT_S", 0.05)
    with black_hole() as port:
        said = await posting(f"http://127.0.0.1:{port}").post(b"body")
        assert said == "it could not be reached within 0.05 s"
