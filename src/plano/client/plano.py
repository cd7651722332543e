"""``Plano`` and its twin ``AsyncPlano``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from plano.client import wire
from plano.client.backend import (
    AsyncBackend,
    AsyncHttpBackend,
    AsyncLocalBackend,
    Backend,
    HttpBackend,
    LocalBackend,
)
from plano.client.decision import RoutingDecision

DEFAULT_TIMEOUT_S = 10.0


class Plano:
    """Asks a gateway which models should serve a request.

    ``base_url``: default ``$PLANO_BASE_URL``, else ``http://127.0.0.1:12000``. ``api_key``: sent as a bearer token
    where the gateway asks for one. ``timeout_s``: for one decision.
    """

    def __init__(
        self, base_url: str | None = None, *, api_key: str | None = None, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        self._backend: Backend = HttpBackend(base_url, api_key, timeout_s)

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """A client that decides in this process, with neither server nor socket.

        ``path``: the configuration; its keys need not be set, as nothing is called. Raises ConfigError.
        """
        client = cls.__new__(cls)
        client._backend = LocalBackend.load(path)
        return client

    def routing_decision(
        self, request: Mapping[str, Any], *, explain: bool = False, headers: Mapping[str, str] | None = None
    ) -> RoutingDecision:
        """The decision for an OpenAI chat request.

        ``headers``: for example ``traceparent``. Raises ClientError with ``status``, ``code``, ``param`` and
        ``trace_id`` when the gateway refuses the request, and one with status 0 when it cannot be reached.
        """
        return self._backend.decide(wire.encode(request, headers), explain=explain)

    def close(self) -> None:
        """Closes the connections."""
        self._backend.close()

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
        self._backend: AsyncBackend = AsyncHttpBackend(base_url, api_key, timeout_s)

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """As ``Plano.from_config``; the router runs in a thread of its own."""
        client = cls.__new__(cls)
        client._backend = AsyncLocalBackend(LocalBackend.load(path))
        return client

    async def routing_decision(
        self, request: Mapping[str, Any], *, explain: bool = False, headers: Mapping[str, str] | None = None
    ) -> RoutingDecision:
        """As ``Plano.routing_decision``."""
        return await self._backend.decide(wire.encode(request, headers), explain=explain)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._backend.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
