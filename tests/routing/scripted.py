"""A server that plays a router model, well or badly, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Play = Callable[[asyncio.StreamWriter, bytes], Awaitable[None]]


@dataclass
class Scripted:
    """``play``: what it does with the next request. ``heads``, ``bodies``: what it was sent."""

    play: Play
    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: as many requests as come."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.lower().split(b"\r\n")
                size = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
                body = await reader.readexactly(size)
                self.heads.append(head)
                self.bodies.append(json.loads(body))
                await self.play(writer, body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def scripted(play: Play) -> AsyncIterator[Scripted]:
    """A running server; closed at the end, whatever it is in the middle of."""
    made = Scripted(play)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        with suppress(asyncio.CancelledError):
            await made.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def completion(text: object, **more: object) -> bytes:
    """The body of a chat completion whose only choice says ``text``."""
    message = {"role": "assistant", "content": text, **more}
    return json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()


def http(body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """A whole HTTP answer."""
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}content-length: {len(body)}\r\n\r\n".encode() + body


def says(text: object, **more: object) -> Play:
    """It answers as it should, with that text."""
    return sends(http(completion(text, **more)))


def sends(data: bytes) -> Play:
    """It writes these bytes and goes on listening."""

    async def play(writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(data)

    return play


def sends_and_closes(data: bytes) -> Play:
    """It writes these bytes, if any, and closes."""

    async def play(writer: asyncio.StreamWriter, _body: bytes) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return play


def drips(data: bytes) -> Play:
    """It writes one byte after another, and never comes to the end."""

    async def play(writer: asyncio.StreamWriter, _body: bytes) -> None:
        for place in range(len(data)):
            writer.write(data[place : place + 1])
            await asyncio.sleep(0.01)
        await hangs(writer, _body)

    return play


async def hangs(_writer: asyncio.StreamWriter, _body: bytes) -> None:
    """It reads the request, and that is all."""
    await asyncio.sleep(3600)


async def resets(writer: asyncio.StreamWriter, _body: bytes) -> None:
    """It drops the connection at once."""
    writer.transport.abort()


async def echoes(writer: asyncio.StreamWriter, body: bytes) -> None:
    """It says what it was asked."""
    writer.write(http(completion(json.loads(body)["messages"][0]["content"])))
