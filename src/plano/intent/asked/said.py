"""What a router model said: any form that means a route is read, and no route is taken that was not offered.

Small models put fences, prose or their own reasoning around the JSON they were asked for, write it with single quotes,
or answer with the bare name. What names nobody is no route; what cannot be read at all is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from plano.domain.route import Route

LONGEST = 1024
"""Characters of an answer, its reasoning left out: more than any list of names, fewer than an echo of the prompt."""

_THOUGHT, _END_OF_THOUGHT = "<think>", "</think>"
_FENCE = re.compile(r"```(?:[A-Za-z]{1,16}(?=\s))?")
_TRIMMED = "\"'`*_.: \t\r\n"
_NOBODY = frozenset({"", "other", "none", "null"})

_PYTHON_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|(\"(?:[^\"\\]|\\.)*\")")
_PYTHON_NONE = re.compile(r"\bNone\b")
_LAST_COMMA = re.compile(r",\s*([\]}])")


class Unreadable(Exception):
    """What was said is neither a route nor "no route"."""


def read_route(text: str, routes: Sequence[Route]) -> str | None:
    """The name of the route that ``text`` means, None for no route; of several named ones the first that is offered.

    Raises Unreadable for what means neither, and for two answers that differ.
    """
    said = _FENCE.sub("", _without_thought(text)).strip()
    if len(said) > LONGEST or _THOUGHT in said.lower():
        raise Unreadable
    objects = _objects(said) or _objects(_as_json(said))
    if objects:
        answers = {_chosen(each.get("route"), routes) for each in objects if "route" in each or not each}
        if len(answers) != 1:
            raise Unreadable
        return answers.pop()
    try:
        bare: object = json.loads(said)
    except (ValueError, RecursionError):
        bare = said.strip(_TRIMMED)
        if bare.casefold() not in _NOBODY and _known(bare, routes) is None:
            raise Unreadable from None
    return _chosen(bare, routes)


def _without_thought(text: str) -> str:
    """What follows the reasoning. Some templates open it in the prompt, so that only its end is said."""
    end = text.lower().rfind(_END_OF_THOUGHT)
    return text if end < 0 else text[end + len(_END_OF_THOUGHT) :]


def _objects(text: str) -> list[dict[str, object]]:
    """The outermost JSON objects in a text, in order."""
    decoder = json.JSONDecoder()
    found: list[dict[str, object]] = []
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
            found.append(value)
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return found


def _as_json(text: str) -> str:
    """What stands between the first brace and the last one, written as a Python dict, as JSON; else nothing."""
    braced = text[text.find("{") : text.rfind("}") + 1].replace("\\n", " ")
    quoted = _PYTHON_STRING.sub(
        lambda found: found[2] or json.dumps(found[1].replace("\\'", "'"), ensure_ascii=False), braced
    )
    return _LAST_COMMA.sub(r"\1", _PYTHON_NONE.sub("null", quoted))


def _chosen(answer: object, routes: Sequence[Route]) -> str | None:
    """The first name that is offered. Raises Unreadable for what is neither a name, a list of names, nor nothing."""
    named = answer if isinstance(answer, list) else [] if answer is None else [answer]
    names = [name for name in named if isinstance(name, str)]
    if len(names) < len(named):
        raise Unreadable
    known = [_known(name, routes) for name in names]
    return next((name for name in known if name is not None), None)


def _known(name: str, routes: Sequence[Route]) -> str | None:
    """The offered name that is meant: the same one, else the only one that differs in case and blanks alone."""
    if any(route.name == name for route in routes):
        return name
    wanted = name.strip().casefold()
    alike = [route.name for route in routes if route.name.strip().casefold() == wanted]
    return alike[0] if len(alike) == 1 else None
