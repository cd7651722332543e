"""What the fault proxy does to a connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from plano.mock.proxy import BLACK_HOLE, AtLimit, FaultProxy, Trouble


@asynccontextmanager
async def echo(proxy_of: dict[str, Trouble]) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection through a proxy to a server that sends back what it gets."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy = FaultProxy("127.0.0.1", server.sockets[0].getsockname()[1], **proxy_of)
    await proxy.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        proxy.stop()
        server.close()
        await asyncio.sleep(0.01)


async def test_without_trouble_everything_passes() -> None:
    """Bytes and ends, both ways."""
    async with echo({}) as (reader, writer):
        writer.write(b"a" * 100_000)
        writer.write_eof()
        assert await reader.read(-1) == b"a" * 100_000


@pytest.mark.parametrize("then", ["close", "half-close", "reset"])
async def test_cut_at_a_byte(then: AtLimit) -> None:
    """Exactly so many bytes pass; then the connection ends in the way that was asked for."""
    async with echo({"down": Trouble(after_bytes=7, then=then)}) as (reader, writer):
        writer.write(b"0123456789")
        assert await reader.readexactly(7) == b"0123456"
        if then == "reset":
            with pytest.raises(ConnectionResetError):
                await reader.read(1)
        else:
            assert await reader.read(1) == b""


async def test_black_hole() -> None:
    """Nothing comes back, and nothing ends."""
    async with echo({"down": BLACK_HOLE}) as (reader, writer):
        writer.write(b"0123456789")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)


async def test_delay_and_rate() -> None:
    """A piece comes no sooner than its delay, the next no sooner than the rate allows."""
    async with echo({"down": Trouble(delay_s=0.05, bytes_per_s=100)}) as (reader, writer):
        loop = asyncio.get_running_loop()
        began = loop.time()
        writer.write(b"a" * 10)
        await reader.readexactly(10)
        first = loop.time() - began
        writer.write(b"b" * 10)
        await reader.readexactly(10)
    assert first >= 0.05
    assert loop.time() - began >= 0.05 + 0.1 + 0.05
