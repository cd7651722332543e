"""The tools of a responses request: into the canonical form, and out of it."""

from __future__ import annotations

from typing import Any

from plano.wire.canonical import request as canonical
from plano.wire.dialects.fates import Ledger
from plano.wire.dialects.reading import BRACE, FIRST, given, given_object, missing
from plano.wire.dialects.responses import shapes, written
from plano.wire.dialects.toolbox import ToolReader


def _read(tool: shapes.Tool) -> canonical.AnyTool:
    kind, name = tool.type, tool.name
    if kind not in ("function", "custom"):
        return canonical.ForeignTool(kind)
    if name is None:
        raise missing("name")
    if kind == "custom":
        return canonical.CustomTool(name, tool.description, given(tool.format))
    schema = tool.parameters
    if FIRST(schema) != BRACE:
        schema = given_object(schema, "parameters") or canonical.NO_PARAMETERS
    return canonical.Tool(name, schema, tool.description, tool.strict or None)


TOOLS = ToolReader(shapes.Tool, _read)


def write_tools(tools: tuple[canonical.AnyTool, ...], ledger: Ledger) -> list[written.Tool | dict[str, Any]]:
    """The tools as they are sent. Raises InvalidRequest for one that a provider runs."""
    made: list[written.Tool | dict[str, Any]] = []
    for index, tool in enumerate(tools):
        if type(tool) is canonical.Tool:
            if tool.cache is not None:
                ledger.lost("cache")
            made.append(written.Tool(tool.name, tool.description, tool.schema, tool.is_strict or False))
        elif type(tool) is canonical.CustomTool:
            members = {"description": tool.description, "format": tool.grammar}
            given_ones = {name: value for name, value in members.items() if value is not None}
            made.append({"type": "custom", "name": tool.name} | given_ones)
        else:
            ledger.refuse("server_tools", at=f"tools[{index}].type")
    return made
