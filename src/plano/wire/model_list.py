"""``GET /v1/models`` in the shape of OpenAI: the declared models and aliases, in the order of the configuration."""

from __future__ import annotations

from plano.domain.model import ModelTable
from plano.wire import json_guard

_CREATED = 0
"""The same bytes on every start; nobody declared a date."""


def render(models: ModelTable) -> bytes:
    """The body of the list."""
    rows = [(name, model.provider) for name, model in models.models.items()]
    rows += [(alias, "plano") for alias in models.aliases]
    data = [{"id": name, "object": "model", "created": _CREATED, "owned_by": owner} for name, owner in rows]
    return json_guard.dumps({"object": "list", "data": data})
