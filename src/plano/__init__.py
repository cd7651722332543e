"""Plano: a routing gateway for large language models.

``Plano`` and ``AsyncPlano`` ask which models should serve a request; ``plano up`` serves. See ``plano --help``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plano.client import AsyncPlano, Plano, RoutingDecision
    from plano.errors import ChainFailed, ClientError, ConfigError, PlanoError, RateLimitError, ServerError

__version__ = "0.1.0"

__all__ = [
    "AsyncPlano",
    "ChainFailed",
    "ClientError",
    "ConfigError",
    "Plano",
    "PlanoError",
    "RateLimitError",
    "RoutingDecision",
    "ServerError",
]

_HOMES = dict.fromkeys(("AsyncPlano", "Plano", "RoutingDecision"), "plano.client")


def __getattr__(name: str) -> Any:
    """The public names, imported when first used: ``plano --help`` must not wait for an HTTP client."""
    if name not in __all__:
        raise AttributeError(f"module 'plano' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - not even this is needed to import plano

    return getattr(import_module(_HOMES.get(name, "plano.errors")), name)
