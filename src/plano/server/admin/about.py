"""What a running gateway was configured to do, as JSON: for the page, and never a secret."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from plano.catalog import shipped
from plano.config.settings import Settings
from plano.config.show import sha, show
from plano.domain.model import Model, ModelTable
from plano.domain.route import Route
from plano.wire import json_guard


def installed_version() -> str:
    """That of the package, ``unknown`` where it runs without being installed."""
    try:
        return metadata.version("plano-gateway")
    except metadata.PackageNotFoundError:
        return "unknown"


def about(settings: Settings, *, ports: tuple[int, ...]) -> bytes:
    """Version, listeners, models, routes, every effective value with its origin. ``ports``: those that 0 became."""
    models = settings.models
    return json_guard.dumps(
        {
            "version": installed_version(),
            "config_version": settings.version,
            "config_sha": sha(settings),
            "listeners": [
                {"name": one.name, "url": _url(one.address, port, tls=one.tls_certificate is not None)}
                for one, port in zip(settings.listeners, ports, strict=False)
            ],
            "asks_for_keys": bool(settings.callers),
            "catalog_date": shipped.load().date,
            "models": [_model(name, model, models) for name, model in _every(models)],
            "aliases": dict(models.aliases),
            "routes": [_route(route) for route in settings.routes.routes],
            "warnings": [str(finding) for finding in settings.warnings],
            "values": show(settings, origins=True),
        }
    )


def _every(table: ModelTable) -> list[tuple[str, Model]]:
    return [*table.models.items(), *((f"{prefix}/*", model) for prefix, model in table.wildcards.items())]


def _model(name: str, model: Model, table: ModelTable) -> dict[str, Any]:
    return {
        "name": name,
        "provider": model.provider,
        "upstream_id": model.upstream_id,
        "origin": str(model.endpoint.origin),
        "is_default": name == table.default,
        "is_mock": model.is_mock,
    }


def _route(route: Route) -> dict[str, Any]:
    return {
        "name": route.name,
        "description": route.description,
        "models": list(route.models),
        "prefer": route.policy.prefer,
    }


def _url(address: str, port: int, *, tls: bool) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"{'https' if tls else 'http'}://{host}:{port}"
