"""What must not be shown: which keys hold secrets, and how a text looks without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from plano.config.document import Mapping, Node, Scalar, Sequence
from plano.config.wording import LONGEST_QUOTE

STARS = "***"
_SECRET_KEY = re.compile(
    r"(?:keys?|token|secret|password|passwd|authorization|credentials?|connection_string|cookie)$", re.IGNORECASE
)
_HARMLESS = frozenset({"first_token"})
"""Keys that only sound like it."""

_NAMES = ("access_key", "api_key", "connection_string", "authorization", "password")
_SHAPES = re.compile(
    r"""(?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|pplx|ghp|gho|hf|r8|glpat|csk|tgp|nvapi)[-_][A-Za-z0-9_\-]{6,}
    | AIza[A-Za-z0-9_\-]{10,}
    | AKIA[A-Z0-9]{10,}
    | eyJ[A-Za-z0-9_\-]{10,}(?:\.[A-Za-z0-9_\-]+)*
    | (?i:bearer|basic)\s+(?=[^\s"']*[0-9=])[^\s"'$]{6,}
    | (?<=://)[^/@\s$"']*(?=@)
    | (?<![A-Za-z0-9+=])(?=[A-Za-z0-9+=]*[0-9])(?=[A-Za-z0-9+=]*[A-Za-z])[A-Za-z0-9+=]{28,}
    """,
    re.VERBOSE,
)
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*")
_WITH_DEFAULT = re.compile(r"(\$\{[A-Za-z_][A-Za-z0-9_]*:-)[^}]*\}")
_KEY_IN_TEXT = re.compile(r"""(?<![A-Za-z0-9_])(?P<key>[A-Za-z_][A-Za-z0-9_\-.]{0,63})["']?\s{0,8}:(?:\s|$)""")
_NAMED_VALUE = re.compile(
    r"(?<![A-Za-z0-9_])(?P<before>(?P<key>[A-Za-z_][A-Za-z0-9_\-.]{0,63}):\s{1,8})(?![$…*\s])(?=[^\s']*[0-9A-Z])[^\s']+"
)
"""Digits and capitals tell a key from a word of a message."""
_COMMENT = re.compile(r"(?:^|\s)(#\s*[^\s].*)")
_NOTHING_YET = re.compile(r"\s*(?:[|>][-+0-9]*)?\s*")
_SHORTEST = 6
_MOST = 1000
_LONGEST_KEY = 24


def is_secret_key(key: str) -> bool:
    """Does a key of that name hold something secret, or of a name that may be one of those misspelt?"""
    if key in _HARMLESS:
        return False
    if _SECRET_KEY.search(key) is not None:
        return True
    return len(key) <= _LONGEST_KEY and bool(get_close_matches(key.lower(), _NAMES, n=1, cutoff=0.75))


def secret_scalars(node: Node, *, is_secret: bool = False) -> Iterator[Scalar]:
    """Every scalar that stands under a secret key."""
    if isinstance(node, Scalar):
        if is_secret:
            yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from secret_scalars(item, is_secret=is_secret)
    elif isinstance(node, Mapping):
        for entry in node.entries:
            yield from secret_scalars(entry.value, is_secret=is_secret or is_secret_key(entry.key))


def secret_texts(node: Node) -> tuple[str, ...]:
    """At most ``_MOST`` of the secret texts themselves, longest first.

    Too short ones are left out: they would garble every message.
    """
    found: set[str] = set()
    for scalar in secret_scalars(node):
        literal = _REFERENCE.sub("", scalar.written)
        found.update(text for text in (scalar.text, literal) if len(text) >= _SHORTEST and "$" not in text)
    # A long one may be cut before it is redacted.
    found.update([text[: LONGEST_QUOTE - 1] for text in found if len(text) > LONGEST_QUOTE])
    return tuple(sorted(found, key=lambda text: (-len(text), text))[:_MOST])


def masked(raw: str) -> str:
    """A secret value as it stands in the file, with only the names of variables left to see."""
    if _REFERENCE.fullmatch(raw.strip("\"' ")):
        return raw
    if _WITH_DEFAULT.fullmatch(raw.strip("\"' ")):
        return _WITH_DEFAULT.sub(rf"\1{STARS}}}", raw)
    return STARS


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """``text`` without the given secrets, without anything that looks like a key or stands behind the name of one.

    The last is for values that swallowed other lines of a damaged file.
    """
    for secret in secrets:
        text = text.replace(secret, STARS)
    return _NAMED_VALUE.sub(_without_value, _SHAPES.sub(STARS, text))


def _without_value(match: re.Match[str]) -> str:
    return f"{match['before']}{STARS}" if is_secret_key(match["key"]) else match[0]


def spans_by_shape(line: str, secrets: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """(start, end, replacement) for every part of a line that looks like a key or is a known secret."""
    for match in _SHAPES.finditer(line):
        yield match.start(), match.end(), STARS
    for secret in secrets:
        at = line.find(secret)
        while at >= 0:
            yield at, at + len(secret), STARS
            at = line.find(secret, at + len(secret))


def spans_of_comments(line: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, replacement) for a comment: a key that was commented out has lost its name, or half of it."""
    match = _COMMENT.search(line)
    if match is not None:
        yield match.start(1), len(line), "# …"


def spans_by_name(line: str, above: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, replacement) for what follows a secret key, in a text that cannot be parsed."""
    last = None
    for match in _KEY_IN_TEXT.finditer(above):
        last = match
    if last is not None and _NOTHING_YET.fullmatch(above[last.end() :]) and is_secret_key(last["key"]):
        yield 0, len(line), masked(line)
        return
    for match in _KEY_IN_TEXT.finditer(line):
        if is_secret_key(match["key"]):
            start = match.end()
            yield start, len(line), masked(line[start:])
            return
