"""``Plano`` and its twin ``AsyncPlano``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from plano.client import wire
from plano.client.decision import RoutingDecision
from plano.client.local import LocalGateway
from plano.errors import ClientError

DEFAULT_BASE_URL = "http://127.0.0.1:12000"
DEFAULT_TIMEOUT_S = 10.0


def _base_url(given: str | None) -> str:
    return (given or os.environ.get("PLANO_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")


class Plano:
    """Asks a gateway which models should serve a request.

    ``base_url``: default ``$PLANO_BASE_URL``, else ``http://127.0.0.1:12000``. ``api_key``: sent as a bearer token
    where the gateway asks for one. ``timeout_s``: for one decision.
    """

    def __init__(
        self, base_url: str | None = None, *, api_key: str | None = None, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        self._local: LocalGateway | None = None
        self._http = httpx2.Client(
            base_url=_base_url(base_url), headers=wire.headers(api_key), timeout=timeout_s, trust_env=False
        )

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """A client that decides in this process under the configuration at ``path``. No server, no socket.

        Raises ConfigError with every mistake of the file. Keys need not be set: nothing is called.
        """
        client = cls()
        client._local = LocalGateway.load(Path(path))
        return client

    def routing_decision(
        self, request: Mapping[str, Any], *, explain: bool = False, headers: Mapping[str, str] | None = None
    ) -> RoutingDecision:
        """The decision for an OpenAI chat request. ``headers``: ``traceparent``, ``X-Plano-Routing``, …

        Raises ClientError with ``status``, ``code``, ``param`` and ``trace_id`` when the gateway refuses the request,
        and one with status 0 when it cannot be reached.
        """
        asked = wire.encode(request, headers)
        if self._local is not None:
            return RoutingDecision(self._local.decide(asked.body, asked.headers, explain=explain))
        try:
            answer = self._http.post(wire.PATH, content=asked.body, headers=asked.headers, params=wire.query(explain))
        except httpx2.HTTPError as error:
            raise ClientError(f"the gateway at {self._http.base_url} cannot be reached: {error}") from error
        return wire.decode(answer.status_code, answer.headers, answer.content)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncPlano:
    """``Plano`` for asyncio: the same arguments, answers and errors."""

    def __init__(
        self, base_url: str | None = None, *, api_key: str | None = None, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        self._local: LocalGateway | None = None
        self._http = httpx2.AsyncClient(
            base_url=_base_url(base_url), headers=wire.headers(api_key), timeout=timeout_s, trust_env=False
        )

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """As ``Plano.from_config``; the router runs in a thread."""
        client = cls()
        client._local = LocalGateway.load(Path(path))
        return client

    async def routing_decision(
        self, request: Mapping[str, Any], *, explain: bool = False, headers: Mapping[str, str] | None = None
    ) -> RoutingDecision:
        """As ``Plano.routing_decision``."""
        asked = wire.encode(request, headers)
        if self._local is not None:
            return RoutingDecision(
                await asyncio.to_thread(self._local.decide, asked.body, asked.headers, explain=explain)
            )
        try:
            answer = await self._http.post(
                wire.PATH, content=asked.body, headers=asked.headers, params=wire.query(explain)
            )
        except httpx2.HTTPError as error:
            raise ClientError(f"the gateway at {self._http.base_url} cannot be reached: {error}") from error
        return wire.decode(answer.status_code, answer.headers, answer.content)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
