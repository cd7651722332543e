"""Tools that take free text, for targets that only know functions: the text travels as the argument ``input``."""

from __future__ import annotations

import msgspec

from plano.wire.canonical.answer import Answer
from plano.wire.canonical.request import AnyTool, CustomTool, Tool, ToolCall

SCHEMA = msgspec.Raw(
    b'{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}'
)


_NONE: frozenset[str] = frozenset()


class _Arguments(msgspec.Struct, frozen=True):
    input: str


_DECODER = msgspec.json.Decoder(_Arguments)


def names(tools: tuple[AnyTool, ...]) -> frozenset[str]:
    """The names of those among ``tools``."""
    found = [tool.name for tool in tools if type(tool) is CustomTool]
    return frozenset(found) if found else _NONE


def grammar(definition: str, syntax: str) -> msgspec.Raw:
    """The form that free text must have, as the Responses API writes it."""
    return msgspec.Raw(msgspec.json.encode({"type": "grammar", "syntax": syntax, "definition": definition}))


def as_function(tool: CustomTool) -> Tool:
    """The tool as a function."""
    return Tool(tool.name, SCHEMA, tool.description)


def as_arguments(text: str) -> str:
    """Free text as the arguments of a function."""
    return msgspec.json.encode({"input": text}).decode()


def as_text(arguments: str) -> str:
    """The free text in the arguments of a function; the arguments themselves when they have another form."""
    try:
        return _DECODER.decode(arguments).input
    except msgspec.DecodeError:
        return arguments


def restored(answer: Answer, names: frozenset[str]) -> Answer:
    """The answer with calls of tools that take free text as such, where the target only knew them as functions."""
    blocks = tuple(
        [
            ToolCall(block.id, block.name, as_text(block.arguments), is_custom=True)
            if type(block) is ToolCall and block.name in names and not block.is_custom
            else block
            for block in answer.blocks
        ]
    )
    return msgspec.structs.replace(answer, blocks=blocks)
