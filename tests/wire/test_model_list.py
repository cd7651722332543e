"""The list of models."""

from __future__ import annotations

import json

from plano.domain.model import Dialect, Endpoint, Model, ModelTable, Origin
from plano.domain.secret import Secret
from plano.wire.model_list import render

CHAT, MESSAGES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES
HERE = Endpoint(Origin("http", "secret-host.example", 1), "/", "h", key=Secret("sk-not-to-be-seen"))
TABLE = ModelTable(
    {name: Model(name, name[0], "up", HERE) for name in ("b/one", "a/two")},
    wildcards={"w": Model("w/*", "w", "*", HERE)},
    aliases={"fast": "a/two"},
)


def test_models_then_aliases_in_the_order_of_the_configuration() -> None:
    """Each declared model and alias once, in OpenAI's shape; a wildcard is no model."""
    document = json.loads(render(TABLE, CHAT))
    assert document["object"] == "list"
    assert [(row["id"], row["owned_by"]) for row in document["data"]] == [
        ("b/one", "b"),
        ("a/two", "a"),
        ("fast", "plano"),
    ]
    assert all(row["object"] == "model" and isinstance(row["created"], int) for row in document["data"])


def test_same_bytes_and_nothing_private() -> None:
    """The same table gives the same bytes, without addresses, upstream ids or keys."""
    assert render(TABLE, CHAT) == render(TABLE, CHAT)
    assert b"secret-host" not in render(TABLE, CHAT)
    assert b"sk-not" not in render(TABLE, CHAT)
    assert b'"up"' not in render(TABLE, CHAT)


def test_no_models() -> None:
    """An empty table is an empty list."""
    assert json.loads(render(ModelTable({}), CHAT))["data"] == []


def test_the_shape_of_anthropic() -> None:
    """The same names in the same order, as one page."""
    document = json.loads(render(TABLE, MESSAGES))
    assert [row["id"] for row in document["data"]] == ["b/one", "a/two", "fast"]
    assert all(set(row) == {"type", "id", "display_name", "created_at"} for row in document["data"])
    assert (document["has_more"], document["first_id"], document["last_id"]) == (False, "b/one", "fast")
    assert json.loads(render(ModelTable({}), MESSAGES))["first_id"] is None
