"""``GET /v1/models``: the declared models and aliases, in the order of the configuration.

The shapes: https://platform.openai.com/docs/api-reference/models/list and
https://platform.claude.com/docs/en/api/models/list.
"""

from __future__ import annotations

from plano.domain.model import Dialect, ModelTable
from plano.wire import json_guard

_CREATED = 0
_CREATED_AT = "1970-01-01T00:00:00Z"
"""The same bytes on every start; nobody declared a date."""


def render(models: ModelTable, dialect: Dialect) -> bytes:
    """The body of the list; all of it is one page."""
    rows = [(name, model.provider) for name, model in models.models.items()]
    rows += [(alias, "plano") for alias in models.aliases]
    if dialect is not Dialect.ANTHROPIC_MESSAGES:
        data = [{"id": name, "object": "model", "created": _CREATED, "owned_by": owner} for name, owner in rows]
        return json_guard.dumps({"object": "list", "data": data})
    shown = [{"type": "model", "id": name, "display_name": name, "created_at": _CREATED_AT} for name, _ in rows]
    first, last = (rows[0][0], rows[-1][0]) if rows else (None, None)
    return json_guard.dumps({"data": shown, "has_more": False, "first_id": first, "last_id": last})
