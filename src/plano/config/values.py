"""Every value of a configuration and where it comes from, as it may be shown: keys as name and fingerprint."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from plano.config.document import Mapping, Node, Scalar, Sequence
from plano.config.schema import File
from plano.config.secrecy import is_secret_key, redacted
from plano.config.section import Section
from plano.config.settings import EffectiveValue
from plano.domain.secret import Secret

_Path = tuple[str | int, ...]
_DEFAULT = "default"


def effective_values(file: File, root: Mapping, filename: str) -> tuple[EffectiveValue, ...]:
    """All values, those of the file and the defaults, in the order of the schema."""
    return tuple(_section(file, root, (), filename))


def _section(section: Section, node: Node | None, path: _Path, filename: str) -> Iterator[EffectiveValue]:
    for name in type(section).model_fields:
        entry = node.find(name) if isinstance(node, Mapping) else None
        yield from _value(getattr(section, name), None if entry is None else entry.value, (*path, name), filename)


def _value(value: object, node: Node | None, path: _Path, filename: str) -> Iterator[EffectiveValue]:
    if isinstance(value, Section):
        yield from _section(value, node, path, filename)
    elif isinstance(value, dict):
        nodes = node.by_key() if isinstance(node, Mapping) else {}
        for key, item in value.items():
            yield from _value(item, nodes.get(key), (*path, key), filename)
    elif isinstance(value, list):
        items = node.items if isinstance(node, Sequence) else ()
        for index, (item, below) in enumerate(zip_longest(value, items)):
            yield from _value(item, below, (*path, index), filename)
    elif value is not None:
        yield _leaf(value, node, path, filename)


def _leaf(value: object, node: Node | None, path: _Path, filename: str) -> EffectiveValue:
    shown = value if isinstance(value, (bool, int, float)) else str(value)
    if not isinstance(node, Scalar):
        return EffectiveValue(path, shown, _DEFAULT)
    origin = f"{filename}:{node.place.line}"
    if node.variables:
        origin += f" (env {', '.join(node.variables)})"
    if isinstance(shown, str):
        shown = _text(shown, node, path)
    return EffectiveValue(path, shown, origin)


def _text(text: str, node: Scalar, path: _Path) -> str:
    """A text as it may be shown. What a variable holds may be secret whatever the key is called."""
    if not node.is_known:
        return f"{node.written} (not set)"
    if node.variables or any(is_secret_key(str(part)) for part in path):
        name = " ".join(f"${name}" for name in node.variables) or "literal"
        return f"{name} (fingerprint {Secret(text).fingerprint})"
    return redacted(text, ())
