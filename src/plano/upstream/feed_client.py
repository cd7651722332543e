"""Fetching a document that says prices or latencies: one GET, bounded in size and time, that follows nowhere."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from plano.config.settings import Overrides
from plano.config.urls import parse_url
from plano.domain.model import Endpoint, Origin, Proxy
from plano.errors import FeedError
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate
from plano.upstream.http_response import HttpResponse
from plano.upstream.pool import Pool
from plano.upstream.response import NoUsableAnswer, too_slow
from plano.upstream.tunnel import credential
from plano.wire.feeds.document import MAX_BYTES

CONNECT_S = 5.0
TOTAL_S = 10.0

_NO_HTTP = f"its answer is no HTTP, or has more than {MAX_BYTES} bytes"


def _directly(_origin: Origin) -> Proxy | None:
    """Through no proxy."""
    return None


class FeedClient:
    """Fetches documents, each over a connection of its own. ``tls``: the context for https.

    ``proxy_to``: the proxy on the way to an origin, None where there is none.
    """

    def __init__(
        self,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        *,
        proxy_to: Callable[[Origin], Proxy | None] = _directly,
    ) -> None:
        self._tls = tls
        self._proxy_to = proxy_to

    async def fetch(self, url: str, *, total_s: float = TOTAL_S) -> bytes:
        """The body of a 200; at most 8 MiB, within ``total_s`` seconds. Sends no credentials, follows no redirect.

        Raises FeedError for anything else.
        """
        pool = Pool(Limits(answer_body_bytes=MAX_BYTES), self._tls)
        try:
            async with asyncio.timeout(total_s):
                return await _get(pool, url, self._proxy_to)
        except TimeoutError:
            raise FeedError(too_slow(total_s)) from None
        except NoUsableAnswer as end:
            raise FeedError(end.said(connect_s=CONNECT_S, total_s=total_s, otherwise=_NO_HTTP)) from None
        finally:
            pool.close()


def feed_client(overrides: Overrides) -> FeedClient:
    """The client of a configuration: by its certificate authorities, and through its proxies where it asks for them."""
    proxies = overrides.proxies
    return FeedClient(
        lambda: ssl.create_default_context(cafile=overrides.ca_path),
        proxy_to=_directly if proxies is None else proxies.to,
    )


async def _get(pool: Pool, address: str, proxy_to: Callable[[Origin], Proxy | None]) -> bytes:
    url = parse_url(address, ("http", "https"))
    origin = Origin("https" if url.scheme == "https" else "http", url.host, url.port)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    proxy = proxy_to(origin)
    fields = [
        ("host", url.authority),
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", "plano"),
    ]
    connection = await pool.lane(Endpoint(origin, target, url.authority, proxy=proxy)).connect(limit_s=CONNECT_S)
    if proxy is not None and origin.scheme == "http":
        # RFC 9112 §3.2.2: a proxy is sent the whole address.
        target, fields = f"{origin}{target}", [*fields, *credential(proxy)]
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
