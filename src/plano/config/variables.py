"""Variables of the environment in scalar values: ``$NAME``, ``${NAME}``, ``${NAME:-default}``; ``$$`` is a dollar.

Keys and comments are left alone, and what is filled in is never read as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingABC
from dataclasses import replace
from difflib import get_close_matches

from plano.config.document import Entry, Mapping, Node, Scalar, Sequence
from plano.config.findings import Problem

_REFERENCE = re.compile(
    r"""\$(?:
      (?P<dollar>\$)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | \{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}
    | (?P<broken>\{)
    )""",
    re.VERBOSE,
)
_MOST_HINTS = 200


def fill_in(node: Node, env: MappingABC[str, str]) -> tuple[Node, tuple[Problem, ...]]:
    """The same tree with variables filled in, and a problem at every scalar that uses an unset one.

    An empty variable counts as unset, because an empty key is what a forgotten one looks like in a container; who wants
    nothing writes ``${NAME:-}``.
    """
    problems: list[Problem] = []
    return _Filler(env, problems).fill(node), tuple(problems)


class _Filler:
    def __init__(self, env: MappingABC[str, str], problems: list[Problem]) -> None:
        self._env = env
        self._problems = problems

    def fill(self, node: Node) -> Node:
        if isinstance(node, Scalar):
            return self._scalar(node) if "$" in node.text else node
        if isinstance(node, Sequence):
            return Sequence(tuple(self.fill(item) for item in node.items), node.place)
        entries = tuple(Entry(entry.key, entry.key_place, self.fill(entry.value)) for entry in node.entries)
        return Mapping(entries, node.place)

    def _scalar(self, scalar: Scalar) -> Scalar:
        names: list[str] = []
        unset: list[str] = []
        is_broken = False

        def value_of(match: re.Match[str]) -> str:
            nonlocal is_broken
            if match["dollar"]:
                return "$"
            if match["broken"]:
                is_broken = True
                return match.group()
            name = match["name"] or match["braced"]
            names.append(name)
            value = self._env.get(name)
            if value:
                return value
            if match["default"] is not None:
                return match["default"]
            unset.append(name)
            return match.group()

        text = _REFERENCE.sub(value_of, scalar.text)
        for name in dict.fromkeys(unset):
            self._problems.append(self._unset(name, scalar))
        if is_broken:
            hint = "write ${NAME} or ${NAME:-default}; a literal '${' is written '$${'"
            self._problems.append(Problem("PL-C021", "'${' begins a variable that is not complete", scalar.place, hint))
        is_known = not unset and not is_broken
        return replace(scalar, text=text, variables=tuple(dict.fromkeys(names)), is_known=is_known)

    def _unset(self, name: str, scalar: Scalar) -> Problem:
        if name in self._env:
            hint = f"give it a value, or write '${{{name}:-}}' where nothing is wanted"
            return Problem("PL-C020", f"the environment variable '{name}' is empty", scalar.place, hint)
        known = list(self._env) if len(self._problems) < _MOST_HINTS else []
        close = get_close_matches(name, known, n=1, cutoff=0.85)
        if close:
            hint = f"'{close[0]}' is set: is that the one you mean?"
        else:
            hint = f"set it: export {name}=…  (a literal dollar is written '$$')"
        return Problem("PL-C020", f"the environment variable '{name}' is not set", scalar.place, hint)
