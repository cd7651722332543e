"""A caller on a plain socket: what it asked, and every byte of what it got."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

CLOSING_S = 10.0
"""Long enough for a machine that stands still for a while."""


@dataclass(frozen=True, slots=True)
class Got:
    """``is_whole``: the body ended as its framing says. ``is_closed``: the gateway closed the connection
    then, where that was waited for.

    ``began``, ``ended``: monotonic seconds.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes
    is_whole: bool
    is_closed: bool
    began: float
    ended: float


async def ask(port: int, path: str, body: bytes, fields: Mapping[str, str], *, waits_for_close: bool = False) -> Got:
    """Sends one request and reads all of its answer. ``waits_for_close``: looks whether the gateway closes then."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        lines = {"host": "localhost", "content-type": "application/json", "content-length": len(body), **fields}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        received = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest if line)}
        answer, is_whole = await _body(reader, received)
        ended = time.monotonic()
        is_closed = waits_for_close and await _closes(reader)
        return Got(int(first.split(" ")[1]), received, answer, is_whole, is_closed, began, ended)
    finally:
        writer.transport.abort()


async def _closes(reader: asyncio.StreamReader) -> bool:
    """Does the gateway close the connection?"""
    try:
        return await asyncio.wait_for(reader.read(1), CLOSING_S) == b""
    except TimeoutError:
        return False


async def _body(reader: asyncio.StreamReader, fields: Mapping[str, str]) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    try:
        if "content-length" in fields:
            return await reader.readexactly(int(fields["content-length"])), True
        while size := int(await reader.readline() or b"-1", 16):
            pieces.append((await reader.readexactly(size + 2))[:-2])
        return b"".join(pieces), await reader.readline() == b"\r\n"
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        return b"".join(pieces), False
