"""The tools of a messages request: into the canonical form, and out of it."""

from __future__ import annotations

from plano.wire.canonical import request as canonical
from plano.wire.dialects import custom_tools
from plano.wire.dialects.fates import Ledger
from plano.wire.dialects.messages import shapes
from plano.wire.dialects.reading import BRACE, FIRST, NULL, given, given_object, missing
from plano.wire.dialects.toolbox import ToolReader


def _read(tool: shapes.Tool) -> canonical.AnyTool:
    if tool.type is not None and tool.type != "custom":
        return canonical.ForeignTool(tool.type)
    name, schema = tool.name, tool.input_schema
    if name is None:
        raise missing("name")
    if FIRST(schema) != BRACE:
        given_object(schema, "input_schema")
        raise missing("input_schema")
    cache = None if tool.cache_control is NULL else given(tool.cache_control)
    return canonical.Tool(name, schema, tool.description, tool.strict or None, cache)


TOOLS = ToolReader(shapes.Tool, _read)


def write_tools(tools: tuple[canonical.AnyTool, ...], ledger: Ledger) -> list[canonical.Tool]:
    """The tools as they are sent. Raises InvalidRequest for one that a provider runs."""
    made: list[canonical.Tool] = []
    for index, tool in enumerate(tools):
        if type(tool) is canonical.Tool:
            made.append(tool)
        elif type(tool) is canonical.CustomTool:
            made.append(custom_tools.as_function(tool))
            if tool.grammar is not None:
                ledger.lost("tool_grammar")
        else:
            ledger.refuse("server_tools", at=f"tools[{index}].type")
    return made
