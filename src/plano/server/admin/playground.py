"""Trying a request from the page: the same endpoints, reached from the admin listener.

A page of another site must not be able to have a request run: it costs money. So only the page itself may ask, which
is told by three things that no other site can set on a cross-site request without being asked for leave first, and
leave is never given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from plano.errors import Draining, InvalidRequest, PlanoError, UnsupportedMediaType
from plano.server.answering.exchange import Exchange
from plano.server.endpoints import Endpoints

OWN_FIELD = "x-plano-ui"
"""Sent by the page. A field of this kind makes a cross-site request ask for leave first (Fetch, CORS preflight)."""

PATHS: Final[Mapping[str, tuple[str, str | None]]] = {
    "/admin/decide": ("/routing/v1/chat/completions", "explain=1"),
    "/admin/run": ("/v1/chat/completions", None),
}
"""Path here → path and query of the endpoint that serves it."""

_OWN_TO_THE_PAGE = frozenset({"authorization", "x-api-key", "cookie", "origin", "referer"})


def mistake(fields: Mapping[str, str]) -> PlanoError | None:
    """Why a request does not come from the page itself; None when it does."""
    origin = fields.get("origin")
    if (
        fields.get(OWN_FIELD) != "1"
        or fields.get("sec-fetch-site", "same-origin") != "same-origin"
        or (origin is not None and origin.partition("://")[2] != fields.get("host"))
    ):
        return InvalidRequest(f"only the page of this listener may ask this; it sends '{OWN_FIELD}: 1'")
    if fields.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return UnsupportedMediaType("the body must be JSON, and say so: send 'content-type: application/json'")
    return None


async def play(endpoints: Endpoints, exchange: Exchange) -> None:
    """Has the request served as one of a caller. The admin token stays here: it is no key for any provider."""
    head = exchange.head
    assert head is not None
    if endpoints.readiness.is_draining:
        raise Draining("the gateway is shutting down")
    path, query = PATHS[head.path]
    fields = {name: value for name, value in head.fields.items() if name not in _OWN_TO_THE_PAGE}
    exchange.head = replace(head, path=path, query=query, fields=fields)
    exchange.asking = None
    await endpoints.serve(exchange)
