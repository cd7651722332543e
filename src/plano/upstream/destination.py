"""An endpoint made ready for requests: what can be checked and rendered once is."""

from __future__ import annotations

from collections.abc import Sequence

from plano.domain.model import Dialect, Endpoint
from plano.domain.request import Call
from plano.http1.request import RequestTemplate
from plano.upstream import fields
from plano.upstream.pool import Lane, Pool
from plano.upstream.tunnel import credential

REMEMBERED = 1_024


class Destination:
    """``endpoint`` with the lane of its connections, and by dialect the head that all its requests begin with."""

    __slots__ = ("_replaced", "endpoint", "lane", "templates")

    def __init__(self, endpoint: Endpoint, lane: Lane) -> None:
        self.endpoint = endpoint
        self.lane = lane
        before, fixed = "", fields.fixed(endpoint)
        if endpoint.proxy is not None and endpoint.origin.scheme == "http":
            # RFC 9112 §3.2.2: a proxy is sent the whole address.
            before = str(endpoint.origin)
            fixed += credential(endpoint.proxy)
        self.templates = {
            dialect: RequestTemplate("POST", before + target, fixed) for dialect, target in endpoint.targets
        }
        self._replaced = frozenset(name.lower() for name, _ in endpoint.headers)

    def fields(self, call: Call, spoken: Dialect) -> Sequence[tuple[str, str]]:
        """The fields of one call that the template does not hold."""
        return fields.of_call(self.endpoint, call, spoken, self._replaced)


class Destinations:
    """The destinations of a configuration, made when they are needed first."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[int, Destination] = {}

    def of(self, endpoint: Endpoint) -> Destination:
        """The destination of ``endpoint``. Found by identity: comparing two endpoints costs more than a request may."""
        known = self._known.get(id(endpoint))
        if known is not None and known.endpoint is endpoint:
            return known
        if len(self._known) >= REMEMBERED:
            # Endpoints are made as callers name models where a wildcard provider has the model in its path.
            self._known.clear()
        made = self._known[id(endpoint)] = Destination(endpoint, self._pool.lane(endpoint))
        return made
