"""Where a client gets its decisions: a gateway over HTTP, or the planner in this process."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Protocol, Self

import httpx2

from plano.assembly import Decider, trace_of
from plano.client import wire
from plano.client.decision import RoutingDecision
from plano.config.load import load
from plano.domain.session import NAMED_BY
from plano.errors import ClientError, PlanoError

DEFAULT_BASE_URL = "http://127.0.0.1:12000"


class Backend(Protocol):
    """Answers one question at a time."""

    def decide(self, asked: wire.Asked, *, explain: bool) -> RoutingDecision:
        """The decision. Raises ClientError."""
        ...

    def close(self) -> None:
        """Lets go of what it holds."""
        ...


class AsyncBackend(Protocol):
    """``Backend`` for asyncio."""

    async def decide(self, asked: wire.Asked, *, explain: bool) -> RoutingDecision:
        """The decision. Raises ClientError."""
        ...

    async def close(self) -> None:
        """Lets go of what it holds."""
        ...


class HttpBackend:
    """A gateway over HTTP."""

    def __init__(self, base_url: str | None, api_key: str | None, timeout_s: float) -> None:
        self._http = httpx2.Client(
            base_url=_base_url(base_url), headers=wire.credential(api_key), timeout=timeout_s, trust_env=False
        )

    def decide(self, asked: wire.Asked, *, explain: bool) -> RoutingDecision:
        """The decision. Raises ClientError."""
        try:
            answer = self._http.post(wire.PATH, content=asked.body, headers=asked.headers, params=wire.query(explain))
        except httpx2.HTTPError as error:
            raise _unreachable(self._http.base_url, error) from error
        return wire.decode(answer.status_code, answer.headers, answer.content)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()


class AsyncHttpBackend:
    """A gateway over HTTP, for asyncio."""

    def __init__(self, base_url: str | None, api_key: str | None, timeout_s: float) -> None:
        self._http = httpx2.AsyncClient(
            base_url=_base_url(base_url), headers=wire.credential(api_key), timeout=timeout_s, trust_env=False
        )

    async def decide(self, asked: wire.Asked, *, explain: bool) -> RoutingDecision:
        """The decision. Raises ClientError."""
        params = wire.query(explain)
        try:
            answer = await self._http.post(wire.PATH, content=asked.body, headers=asked.headers, params=params)
        except httpx2.HTTPError as error:
            raise _unreachable(self._http.base_url, error) from error
        return wire.decode(answer.status_code, answer.headers, answer.content)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


class LocalBackend:
    """The planner in this process: no server, no socket."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The planner of the configuration at ``path``; keys need not be set. Raises ConfigError."""
        return cls(Decider.build(load(path, os.environ, dev=True)))

    def decide(self, asked: wire.Asked, *, explain: bool) -> RoutingDecision:
        """The decision. Raises ClientError as a gateway's answer would."""
        trace_id = trace_of(asked.headers.get("traceparent")).trace_id
        named = next((field for field in NAMED_BY if asked.headers.get(field, "").strip()), None)
        if named is not None:
            # Without it the caller would believe that its conversation stays where it is.
            raise ClientError(
                f"{named} names a session, and sessions are kept by a gateway: use Plano(base_url=...)",
                status=400,
                code="session_needs_gateway",
                param=named,
                trace_id=trace_id,
            )
        try:
            return RoutingDecision(self._decider.decide_body(asked.body, trace_id, asked.headers, explain=explain))
        except PlanoError as error:
            raise ClientError(
                error.message, status=error.status, code=error.code, param=error.param, trace_id=trace_id
            ) from None

    def close(self) -> None:
        """There is nothing to close."""


class AsyncLocalBackend:
    """``LocalBackend`` in a thread."""

    def __init__(self, local: LocalBackend) -> None:
        self._local = local

    async def decide(self, asked: wire.Asked, *, explain: bool) -> RoutingDecision:
        """The decision. Raises ClientError as a gateway's answer would."""
        return await asyncio.to_thread(self._local.decide, asked, explain=explain)

    async def close(self) -> None:
        """There is nothing to close."""


def _base_url(given: str | None) -> str:
    return (given or os.environ.get("PLANO_BASE_URL") or DEFAULT_BASE_URL).rstrip("/")


def _unreachable(base_url: object, error: Exception) -> ClientError:
    said = str(error) or type(error).__name__
    return ClientError(f"the gateway at {base_url} cannot be reached: {said}")
