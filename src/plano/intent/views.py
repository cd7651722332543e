"""What the embedded router reads: of a conversation one or two short texts, of a route a few phrases.

The limits bound the cost: more characters a turn, or more turns, were measured to gain nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from plano.domain.conversation import Turn
from plano.domain.route import Route
from plano.intent.text import excerpt, is_blank
from plano.intent.wording.breadth import kinds_of
from plano.intent.wording.courtesy import is_closing, without_courtesies
from plano.intent.wording.demands import without_demands
from plano.intent.wording.everyday import meanings, requests
from plano.intent.wording.purpose import excluded, purpose, spoken
from plano.intent.wording.steps import without_step

_HEAD, _TAIL = 100, 90
_REPLY_HEAD, _REPLY_TAIL = 40, 50
_EARLIER_TURNS = 3
_EDGE = 400
"""Characters at either end of a turn in which demands are looked for: what is read of it is well within them."""

_BREAK = re.compile(r"[,;:.()]|\band\b|\bor\b")
_SHORTEST_FACET = 3
_SPEAKING = 3
_MOST_EXAMPLES = 32
_EXAMPLE_LENGTH = 400
_FACET_LIMITS = ((32, 8), (64, 3))


def views(turns: Sequence[Turn], names: Sequence[str] | None = None) -> tuple[str, ...]:
    """The last user turn, and, when something was said before it, the same followed by what led to it, newest first.

    Given the ``names`` of the routes, demands for one of them and courtesies are left out before a turn is cut, so that
    they take no room from what is asked; without, a turn stays as it was said. Empty when no user turn has anything to
    see. Newest first, because the encoder reads only the beginning of a text.
    """
    users = [place for place, turn in enumerate(turns) if turn.role == "user" and not is_blank(turn.text)]
    if not users:
        return ()
    last = _excerpt(turns[users[-1]], names)
    if len(users) == 1:
        return (last,)
    reply = [
        excerpt(turn.text.strip(), head=_REPLY_HEAD, tail=_REPLY_TAIL)
        for turn in turns[users[-2] + 1 : users[-1]]
        if turn.role == "assistant"
    ]
    earlier = [_excerpt(turns[place], names) for place in reversed(users[-1 - _EARLIER_TURNS : -1])]
    return last, "\n".join((last, *reply[-1:], *earlier))


def closes(turns: Sequence[Turn]) -> bool:
    """Does the last turn end the conversation: nothing but thanks or goodbye, to a reply that asks nothing?"""
    if len(turns) <= 1:
        return False
    reply, last = turns[-2:]
    is_answered = reply.role == "assistant" and not reply.text.rstrip().endswith("?")
    return is_answered and last.role == "user" and is_closing(last.text)


def phrases(route: Route, *, among: int) -> tuple[str, ...]:
    """What is encoded of a route among so many: ``name: description``, then the facets of the description, once each.

    A name is read as it is said, a description without what it excludes. A facet is what stands between commas, stops,
    brackets, "and" and "or"; one of less than three words stands with the name. In a large policy fewer facets are
    read, above 64 routes none, so that a first request with 256 new routes is answered too.
    """
    name = spoken(route.name)
    parts = facets(route.description)[: facet_limit(among)]
    whole = f"{name}: {purpose(route.description)}"
    return whole, *(part if len(part.split()) >= _SPEAKING else f"{part} ({name})" for part in parts)


def excluded_phrases(route: Route, *, among: int) -> tuple[str, ...]:
    """What is encoded of what a route is not for: as many parts as of what it is for."""
    return excluded(route.description)[: facet_limit(among)]


def facet_limit(among: int) -> int:
    """How many facets are read of a route among so many."""
    return next((most for routes, most in _FACET_LIMITS if among <= routes), 0)


def facets(description: str) -> tuple[str, ...]:
    """The parts of a description's purpose of three characters or more, each once."""
    parts = (part.strip() for part in _BREAK.split(purpose(description)))
    return tuple(dict.fromkeys(part for part in parts if len(part) >= _SHORTEST_FACET))


def examples(route: Route) -> tuple[str, ...]:
    """The examples of a route that are read: the first 32 with something to see, 400 characters of each."""
    return tuple(text[:_EXAMPLE_LENGTH] for text in route.examples[:_MOST_EXAMPLES] if not is_blank(text))


def everyday(route: Route, *, among: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a route for nothing in particular means, and requests that belong to it; nothing of another route.

    In a policy in which no facets are read, no such requests are read either: each such route takes 5 ms with them.
    """
    kinds = kinds_of(route.description)
    return meanings(kinds), requests(kinds) if facet_limit(among) else ()


def _excerpt(turn: Turn, names: Sequence[str] | None) -> str:
    text = turn.text.strip()
    return excerpt(text if names is None else _asked(text, names), head=_HEAD, tail=_TAIL)


def _asked(text: str, names: Sequence[str]) -> str:
    """The text without the number of a step, demands, and courtesies at its ends."""
    text = without_step(text)
    if len(text) <= 2 * _EDGE:
        return _bare(text, names)
    return _bare(text[:_EDGE], names) + text[_EDGE:-_EDGE] + _bare(text[-_EDGE:], names)


def _bare(text: str, names: Sequence[str]) -> str:
    return without_courtesies(without_demands(text, names))
