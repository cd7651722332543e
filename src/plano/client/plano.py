"""``Plano`` and its twin ``AsyncPlano``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from plano.client import wire
from plano.client.backend import (
    AsyncBackend,
    AsyncHttpBackend,
    AsyncLocalBackend,
    Backend,
    HttpBackend,
    LocalBackend,
)
from plano.client.chain import DEADLINE_S, FIRST_TOKEN_S, MAX_RETRIES, Callee, Chains
from plano.client.decision import RoutingDecision

DEFAULT_TIMEOUT_S = 10.0

T = TypeVar("T")


class Plano:
    """Asks a gateway which models should serve a request.

    ``base_url``: default ``$PLANO_BASE_URL``, else ``http://127.0.0.1:12000``. ``api_key``: sent as a bearer token
    where the gateway asks for one. ``timeout_s``: for one decision.
    """

    def __init__(
        self, base_url: str | None = None, *, api_key: str | None = None, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        self._backend: Backend = HttpBackend(base_url, api_key, timeout_s)
        self._chains = Chains()

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """A client that decides in this process: no server, and no socket but to a configured router model.

        ``path``: the configuration; its keys need not be set, as nothing is called. Sessions are kept by gateways only:
        a header field that names one is refused. Raises ConfigError.
        """
        client = cls.__new__(cls)
        client._backend = LocalBackend.load(path)
        client._chains = Chains()
        return client

    def routing_decision(
        self, request: Mapping[str, Any], *, explain: bool = False, headers: Mapping[str, str] | None = None
    ) -> RoutingDecision:
        """The decision for an OpenAI chat request.

        ``headers``: for example ``traceparent``. Raises ClientError with ``status``, ``code``, ``param`` and
        ``trace_id`` when the gateway refuses the request, and one with status 0 when it cannot be reached.
        """
        return self._backend.decide(wire.encode(request, headers), explain=explain)

    def run(
        self,
        decision: RoutingDecision,
        call_llm: Callable[[Callee], T],
        *,
        deadline_s: float = DEADLINE_S,
        max_retries: int = MAX_RETRIES,
        first_token_s: float = FIRST_TOKEN_S,
    ) -> T:
        """What ``call_llm`` returns for the first model of ``decision`` that answers.

        It is called with the name of a model, whose ``limit_s`` and ``first_token_s`` it should give its client as
        timeouts, and raises what that client raises: the same table as in the gateway says what comes next. A time that
        a provider names is kept, in later runs too. ``max_retries``: on the same model, where asking it again may help.
        Raises ChainFailed when no model answered; what ``call_llm`` raised, where the request itself was refused or the
        function has a defect.
        """
        chain = self._chains.begin(
            decision, deadline_s=deadline_s, max_retries=max_retries, first_token_s=first_token_s
        )
        while True:
            if not isinstance(chain.next, Callee):
                time.sleep(chain.next or 0.0)
                chain.waited()
                continue
            try:
                result = call_llm(chain.next)
            except Exception as error:
                chain.failed(error)
            except BaseException:
                chain.left()
                raise
            else:
                chain.answered()
                return result

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
        self._chains = Chains()

    @classmethod
    def from_config(cls, path: str | Path) -> Self:
        """As ``Plano.from_config``; the router runs in a thread of its own."""
        client = cls.__new__(cls)
        client._backend = AsyncLocalBackend(LocalBackend.load(path))
        client._chains = Chains()
        return client

    async def routing_decision(
        self, request: Mapping[str, Any], *, explain: bool = False, headers: Mapping[str, str] | None = None
    ) -> RoutingDecision:
        """As ``Plano.routing_decision``."""
        return await self._backend.decide(wire.encode(request, headers), explain=explain)

    async def run(
        self,
        decision: RoutingDecision,
        call_llm: Callable[[Callee], Awaitable[T]],
        *,
        deadline_s: float = DEADLINE_S,
        max_retries: int = MAX_RETRIES,
        first_token_s: float = FIRST_TOKEN_S,
    ) -> T:
        """As ``Plano.run``; a call that takes longer than its ``limit_s`` is cancelled."""
        chain = self._chains.begin(
            decision, deadline_s=deadline_s, max_retries=max_retries, first_token_s=first_token_s
        )
        while True:
            if not isinstance(chain.next, Callee):
                await asyncio.sleep(chain.next or 0.0)
                chain.waited()
                continue
            try:
                async with asyncio.timeout(chain.next.limit_s):
                    result = await call_llm(chain.next)
            except Exception as error:
                chain.failed(error)
            except BaseException:
                chain.left()
                raise
            else:
                chain.answered()
                return result

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._backend.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
