"""Names of tools as each dialect takes them, and back again.

OpenAI takes 64 characters (https://platform.openai.com/docs/api-reference/chat/create), Anthropic 128
(https://docs.claude.com/en/api/messages), both of letters, digits, ``_`` and ``-``. Any other gives way to one made of
it alone, so that it is the same in every turn of a conversation; answers have the caller's own again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import msgspec

from plano.domain.model import Dialect
from plano.wire.canonical.answer import Answer
from plano.wire.canonical.request import (
    AnyMessage,
    AnyTool,
    CustomTool,
    ForeignTool,
    Message,
    Request,
    Tool,
    ToolCall,
    ToolChoice,
)

_ORDINARY = re.compile(r"[a-zA-Z0-9_-]+")
_OTHERS = re.compile(r"[^a-zA-Z0-9_-]")
_DIGITS = 12
_LONGEST = {Dialect.OPENAI_CHAT: 64, Dialect.OPENAI_RESPONSES: 64, Dialect.ANTHROPIC_MESSAGES: 128}
_NEVER_LONG = 64
_NONE: frozenset[str] = frozenset()
_UNCHANGED: Mapping[str, str] = MappingProxyType({})

Named = TypeVar("Named", bound=Tool | CustomTool | ToolCall)


def odd_names(tools: tuple[AnyTool, ...]) -> tuple[str, ...]:
    """The names among those of ``tools`` that some dialect does not take."""
    return tuple(_odd_ones([tool.name for tool in tools if type(tool) is not ForeignTool], _NEVER_LONG))


def fit(request: Request, calls: Sequence[ToolCall], dialect: Dialect) -> tuple[Request, Mapping[str, str]]:
    """The request with names that ``dialect`` takes, and from each new name to the caller's.

    The same object where there is nothing to do, as nearly always. ``calls``: all that stand in its conversation.
    """
    longest = _LONGEST[dialect]
    called = {call.name for call in calls} if calls else _NONE
    odd = _odd_ones(called.union(request.box.odd) if request.box.odd else called, longest)
    if not odd:
        return request, _UNCHANGED
    names = {name: _made(name, longest) for name in odd}
    changed = msgspec.structs.replace

    def renamed(one: Named) -> Named:
        return changed(one, name=names[one.name]) if one.name in names else one

    def message(one: AnyMessage) -> AnyMessage:
        if type(one) is not Message:
            return one
        blocks = [renamed(block) if type(block) is ToolCall else block for block in one.content]
        return changed(one, content=tuple(blocks))

    tools = tuple([tool if type(tool) is ForeignTool else renamed(tool) for tool in request.box.tools])
    box = changed(request.box, tools=tools) if request.box.odd else request.box
    options = dict(request.options)
    if "tool_choice" in options:
        options["tool_choice"] = _chosen(options["tool_choice"], names.get)
    messages = tuple(map(message, request.messages))
    fitted = changed(request, messages=messages, box=box, options=options)
    return fitted, {made: name for name, made in names.items()}


def restored(answer: Answer, names: Mapping[str, str]) -> Answer:
    """The answer with the names of the caller."""
    blocks = [
        msgspec.structs.replace(block, name=names[block.name])
        if type(block) is ToolCall and block.name in names
        else block
        for block in answer.blocks
    ]
    return msgspec.structs.replace(answer, blocks=tuple(blocks))


def _odd_ones(names: Collection[str], longest: int) -> Sequence[str]:
    if not names:
        return ()
    # What nearly all are is seen of all at once.
    together = "_".join(names)
    if together.isidentifier() and together.isascii() and (len(together) <= longest or max(map(len, names)) <= longest):
        return ()
    return [name for name in names if len(name) > longest or _ORDINARY.fullmatch(name) is None]


def _made(name: str, longest: int) -> str:
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:_DIGITS]
    return f"{_OTHERS.sub('_', name)[: longest - _DIGITS - 1]}_{digest}"


def _chosen(choice: ToolChoice, name_of: Callable[[str, str], str]) -> ToolChoice:
    name = None if choice.name is None else name_of(choice.name, choice.name)
    names = tuple([name_of(each, each) for each in choice.names])
    return msgspec.structs.replace(choice, name=name, names=names)
