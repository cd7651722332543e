"""What a router model is sent: one message, made of a template, the routes and the conversation.

There are two dialects, told apart by the name of the model. Their layout is that of the models trained for them; the
words are Plano's own. A model that was trained on other words gets those as a template of the configuration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from plano.domain.conversation import Turn
from plano.domain.intent import RouterDialect
from plano.domain.route import Route

_PLACEHOLDER = re.compile(r"\{(routes|conversation)\}")
_TAG = re.compile(r"<(?=\s*/?\s*(?:routes|conversation)\b)", re.IGNORECASE)

_ORCHESTRATOR = """
You are an assistant that finds out what a user wants and picks the routes that fit it best.
These are the routes you may pick from, one JSON object a line, inside <routes></routes> XML tags:
<routes>
{routes}
</routes>

This is the conversation so far, as JSON, inside <conversation></conversation> XML tags:
<conversation>
{conversation}
</conversation>

## Instructions
1. Find out what the user wants now: what the latest message asks for, read in the light of those before it.
2. Compare that with the description of each route and see which of them can help.
3. Answer with names of routes exactly as they stand inside <routes>, and with no other name.
4. Answer with an empty list when no route can help, or when what the user wanted is already done.

## Response Format
Answer with strict JSON and nothing around it, in this form:
{{"route": ["first_route", "second_route", "third_route"]}}
An empty list in `route` means that no route fits.
"""

_ARCH_ROUTER = """
You are an assistant that finds the route which suits a user best.
These are the routes with their descriptions, inside <routes></routes> XML tags:
<routes>
{routes}
</routes>

<conversation>
{conversation}
</conversation>

Decide which route fits what the user wants, by these rules:
1. If the latest message fits no route, or what it wants is already done, answer {"route": "other"}.
2. Otherwise compare what the latest message wants with the descriptions and take the route that fits it best.
3. Answer with the name of that route, exactly as it stands inside <routes>.

Answer in this JSON form and with nothing else:
{"route": "route_name"}
"""


@dataclass(frozen=True, slots=True)
class _Layout:
    """``template`` with its two placeholders, and how each of them is written."""

    template: str
    routes: Callable[[Sequence[Route]], str]
    conversation: Callable[[Sequence[Turn]], str]


def dialect_of(model_id: str) -> RouterDialect:
    """The dialect that the model of that id was made for: by its name, as the gateway whose files Plano reads."""
    return "arch-router" if "arch-router" in model_id.lower() else "plano-orchestrator"


def prompt(
    dialect: RouterDialect, turns: Sequence[Turn], routes: Sequence[Route], *, template: str | None = None
) -> str:
    """The message for a router model. ``template``: other words than those of the dialect, with both placeholders.

    Both are filled in one pass: what stands in a description or a message is never filled again. A tag of the layout
    inside a text is escaped, so that no text can end its part or open another.
    """
    layout = _LAYOUTS[dialect]
    filled = {"routes": layout.routes(routes), "conversation": layout.conversation(turns)}
    parts = {name: _TAG.sub(r"\\u003c", text) for name, text in filled.items()}
    return _PLACEHOLDER.sub(lambda found: parts[found[1]], template or layout.template)


def _as_functions(routes: Sequence[Route]) -> str:
    nothing = {"type": "object", "properties": {}, "required": []}
    rows = [{"name": one.name, "description": one.description, "parameters": nothing} for one in routes]
    return "\n".join([json.dumps(row, ensure_ascii=False) for row in rows])


def _as_array(routes: Sequence[Route]) -> str:
    return _compact([{"name": one.name, "description": one.description} for one in routes])


def _messages(turns: Sequence[Turn]) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.text} for turn in turns]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_LAYOUTS: Mapping[RouterDialect, _Layout] = MappingProxyType(
    {
        "plano-orchestrator": _Layout(
            _ORCHESTRATOR, _as_functions, lambda turns: json.dumps(_messages(turns), ensure_ascii=False, indent=4)
        ),
        "arch-router": _Layout(_ARCH_ROUTER, _as_array, lambda turns: _compact(_messages(turns))),
    }
)
