"""Bodies for one address, each in a POST over a connection that is kept: bounded in time, and followed nowhere."""

from __future__ import annotations

import asyncio
from typing import Final

from plano.config.urls import Url
from plano.domain.model import Endpoint, Origin
from plano.http1.request import RequestTemplate
from plano.upstream.connection import UpstreamConnection
from plano.upstream.pool import Pool
from plano.upstream.response import NoUsableAnswer, StaleConnection, too_slow

CONNECT_S = 3.0
TOTAL_S = 5.0
"""From the first byte sent, or the search for a name, to the head of the answer."""

_NO_HTTP: Final = "its answer is no HTTP"


class Posting:
    """Sends to ``path`` below ``url``, directly, over connections of ``pool``. ``media_type``: of the bodies."""

    def __init__(self, pool: Pool, url: Url, *, path: str, media_type: str) -> None:
        origin = Origin("https" if url.scheme == "https" else "http", url.host, url.port)
        fields = (("host", url.authority), ("content-type", media_type), ("user-agent", "plano"))
        target = url.path + path
        self._lane = pool.lane(Endpoint(origin, target, url.authority))
        self._template = RequestTemplate("POST", target, fields)

    async def post(self, body: bytes) -> str | None:
        """What was wrong, in a few words without address or key; None when it was answered with 2xx."""
        try:
            async with asyncio.timeout(TOTAL_S):
                status = await self._status(body)
        except TimeoutError:
            return too_slow(TOTAL_S)
        except NoUsableAnswer as end:
            return end.said(connect_s=CONNECT_S, total_s=TOTAL_S, otherwise=_NO_HTTP)
        return None if 200 <= status < 300 else f"it answered with status {status}"

    async def _status(self, body: bytes) -> int:
        """Of the answer. A kept connection that was closed meanwhile is replaced, once."""
        connection = self._lane.take()
        if connection is not None:
            try:
                return await self._asked(connection, body)
            except StaleConnection:
                pass
        return await self._asked(await self._lane.connect(limit_s=CONNECT_S), body)

    async def _asked(self, connection: UpstreamConnection, body: bytes) -> int:
        try:
            connection.send(self._template, (), (body,), is_stream=False)
            head = await connection.head()
        except BaseException:
            connection.abort()
            raise
        # What it has to say is not read; where that is short, the connection is free in a moment.
        connection.drain()
        return head.status
