"""Fetching a document that says prices or latencies: one GET, bounded in size and time, that follows nowhere."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import Final

from plano.config.urls import parse_url
from plano.domain.attempt import NoAnswer
from plano.domain.model import Endpoint, Origin
from plano.errors import FeedError
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate
from plano.upstream.connection import HttpResponse
from plano.upstream.pool import Pool
from plano.upstream.response import NoUsableAnswer
from plano.wire.feeds.document import MAX_BYTES

CONNECT_S = 5.0
TOTAL_S = 10.0

_SAID: Final[Mapping[NoAnswer, str]] = {
    "connect": "it could not be reached",
    "connect_timeout": f"it could not be reached within {CONNECT_S:g} s",
    "timeout": f"it took longer than {TOTAL_S:g} s",
    "truncated": "its answer broke off",
    "reset": "it closed the connection without an answer",
}
_NO_HTTP = f"its answer is no HTTP, or has more than {MAX_BYTES} bytes"


class FeedClient:
    """Fetches documents, each over a connection of its own. ``tls``: the context for https."""

    def __init__(self, tls: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._tls = tls

    async def fetch(self, url: str, *, total_s: float = TOTAL_S) -> bytes:
        """The body of a 200; at most 8 MiB, within ``total_s`` seconds. Sends no credentials, follows no redirect.

        Raises FeedError for anything else.
        """
        pool = Pool(Limits(answer_body_bytes=MAX_BYTES), self._tls)
        try:
            async with asyncio.timeout(total_s):
                return await _get(pool, url)
        except TimeoutError:
            raise FeedError(_SAID["timeout"]) from None
        except NoUsableAnswer as end:
            raise FeedError(_SAID.get(end.ending, _NO_HTTP)) from None
        finally:
            pool.close()


async def _get(pool: Pool, address: str) -> bytes:
    url = parse_url(address, ("http", "https"))
    origin = Origin("https" if url.scheme == "https" else "http", url.host, url.port)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    fields = (
        ("host", url.authority),
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", "plano"),
    )
    connection = await pool.lane(Endpoint(origin, target, url.authority)).connect(limit_s=CONNECT_S)
    connection.send(RequestTemplate("GET", target, fields), (), (), is_stream=False)
    response = HttpResponse(connection, await connection.head())
    if response.status != 200:
        raise FeedError(f"it answered with status {response.status}")
    pieces, size = [], 0
    while data := await response.piece():
        pieces.append(data)
        size += len(data)
        if size > MAX_BYTES:
            raise NoUsableAnswer("protocol")
    return b"".join(pieces)
