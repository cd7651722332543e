"""What must not be seen of a configuration, and what may: for the one filter of everything that is shown."""

from __future__ import annotations

from collections.abc import Iterator

from plano.config.settings import Settings
from plano.domain.model import Endpoint
from plano.domain.secret import Secret
from plano.observe.redactor import Redactor


def redactor_of(settings: Settings) -> Redactor:
    """Takes every configured key out; declared names of models and routes stay."""
    models, routes = settings.models, settings.routes.routes
    return Redactor(_secrets(settings), (*models.models, *models.aliases, *(route.name for route in routes)))


def _secrets(settings: Settings) -> Iterator[Secret]:
    models, routing = settings.models, settings.routing
    for model in (*models.models.values(), *models.wildcards.values()):
        yield from _of_endpoint(model.endpoint)
    yield from (caller.key for caller in settings.callers)
    yield from (exporter.api_key for exporter in settings.tracing.exporters)
    yield from (each for each in (settings.admin.token, routing.store_url, routing.store_secret) if each is not None)


def _of_endpoint(endpoint: Endpoint) -> Iterator[Secret]:
    """Its key, its proxy's, and the values of its fields: some hold keys, and none is a word of callers."""
    if endpoint.key is not None:
        yield endpoint.key
    if endpoint.proxy is not None and endpoint.proxy.credential is not None:
        yield endpoint.proxy.credential
    yield from (Secret(value) for _, value in endpoint.headers)
