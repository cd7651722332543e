"""``GET /v1/models``: the declared models and aliases, in the order of the configuration; and one of them by name.

The shapes: https://platform.openai.com/docs/api-reference/models and https://platform.claude.com/docs/en/api/models.
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
    data = [_row(name, owner, dialect) for name, owner in rows]
    if dialect is not Dialect.ANTHROPIC_MESSAGES:
        return json_guard.dumps({"object": "list", "data": data})
    first, last = (rows[0][0], rows[-1][0]) if rows else (None, None)
    return json_guard.dumps({"data": data, "has_more": False, "first_id": first, "last_id": last})


def render_one(models: ModelTable, name: str, dialect: Dialect) -> bytes:
    """The row of ``name``: of an alias its own, for every other name that of the model it stands for.

    Raises ModelNotFound.
    """
    model = models.resolve(name)
    is_alias = name in models.aliases
    return json_guard.dumps(_row(name if is_alias else model.name, "plano" if is_alias else model.provider, dialect))


def _row(name: str, owner: str, dialect: Dialect) -> dict[str, str | int]:
    if dialect is not Dialect.ANTHROPIC_MESSAGES:
        return {"id": name, "object": "model", "created": _CREATED, "owned_by": owner}
    return {"type": "model", "id": name, "display_name": name, "created_at": _CREATED_AT}
