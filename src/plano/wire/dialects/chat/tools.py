"""The tools of a chat completions request: into the canonical form, and out of it."""

from __future__ import annotations

from plano.wire.canonical import request as canonical
from plano.wire.dialects import custom_tools
from plano.wire.dialects.chat import shapes, written
from plano.wire.dialects.fates import Ledger
from plano.wire.dialects.reading import BRACE, FIRST, NULL, given, given_object, missing
from plano.wire.dialects.toolbox import ToolReader


def _read(tool: shapes.Tool) -> canonical.AnyTool:
    function = tool.function
    if function is not None:
        cache = None if tool.cache_control is NULL else given(tool.cache_control)
        schema = function.parameters
        if FIRST(schema) != BRACE:
            schema = given_object(schema, "function.parameters") or canonical.NO_PARAMETERS
        return canonical.Tool(function.name, schema, function.description, function.strict or None, cache)
    if tool.custom is not None:
        form = tool.custom.format
        grammar = custom_tools.grammar(form.grammar.definition, form.grammar.syntax) if form and form.grammar else None
        return canonical.CustomTool(tool.custom.name, tool.custom.description, grammar)
    if tool.type in ("function", "custom"):
        raise missing(tool.type)
    return canonical.ForeignTool(tool.type)


TOOLS = ToolReader(shapes.Tool, _read)


def write_tools(tools: tuple[canonical.AnyTool, ...], ledger: Ledger) -> list[written.Tool]:
    """The tools as they are sent. Raises InvalidRequest for one that a provider runs."""
    made: list[written.Tool] = []
    for index, tool in enumerate(tools):
        if type(tool) is canonical.Tool:
            function = tool
        elif type(tool) is canonical.CustomTool:
            function = custom_tools.as_function(tool)
            if tool.grammar is not None:
                ledger.lost("tool_grammar")
        else:
            ledger.refuse("server_tools", at=f"tools[{index}].type")
        if function.cache is not None:
            ledger.lost("cache")
        made.append(
            written.Tool(written.Definition(function.name, function.description, function.schema, function.is_strict))
        )
    return made
