"""The reference page and the JSON Schema of the configuration, both made from the schema."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticUndefined

from plano.config.codes import CODES
from plano.config.kinds import DURATION_PATTERN, Duration, Kind
from plano.config.schema import File, LegacyListener, LegacyListeners
from plano.config.section import Section
from plano.providers import PROVIDERS, Provider

_INTRODUCTION = """\
# Configuration

A configuration is one YAML file (UTF-8, at most 1 MiB). All mistakes are reported at once, at start, each with its
place. Unknown and duplicate keys are errors. This page is made from the code; `plano schema` prints the same as JSON
Schema for editors.

## Variables

`$NAME` and `${NAME}` in a value stand for a variable of the environment; `${NAME:-default}` gives a default for one
that is unset or empty. An unset or empty variable without a default is an error. `$$` is a literal dollar, and so is a
`$` that no name follows (`costs $5`). Keys and comments are left alone. What is filled in is never read as YAML; where
a number or a flag is wanted, it is read as one.

## Values

Text needs no quotes unless YAML wants them. Durations have units: `500ms`, `30s`, `5m`, `1h`. Only `true` and `false`
are flags. A version is text: `0.10` is above `0.4`.
"""


def json_schema() -> JsonSchemaValue:
    """The JSON Schema (draft 2020-12) of a configuration."""
    schema = File.model_json_schema()
    for section in (schema, *schema["$defs"].values()):
        for described in section.get("properties", {}).values():
            if described.get("pattern") == DURATION_PATTERN and "default" in described:
                # Settled as seconds, written with a unit.
                described["default"] = f"{described['default']:g}s"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Plano configuration"}


def markdown() -> str:
    """The reference page: every key, every provider, every finding."""
    parts = [_INTRODUCTION, *_sections(File, "", set()), _providers(), _codes()]
    return "\n".join(parts)


def _sections(section: type[Section], path: str, seen: set[str]) -> Iterator[str]:
    title = f"`{path}`" if path else "Top level"
    rows = [_row(name, info) for name, info in section.model_fields.items()]
    head = "| Key | Value | Default | Meaning |\n|---|---|---|---|"
    yield f"## {title}\n\n{_first_line(section)}\n\n{head}\n" + "\n".join(rows) + "\n"
    for name, info in section.model_fields.items():
        for below, suffix in _below(info.annotation):
            where = f"{path}.{name}{suffix}" if path else f"{name}{suffix}"
            if where not in seen and not _is_repeated(where, below):
                seen.add(where)
                yield from _sections(below, where, seen)


def _is_repeated(where: str, section: type[Section]) -> bool:
    """Is it an old name or form of something that is described elsewhere?"""
    return where.startswith("llm_providers") or section in (LegacyListeners, LegacyListener)


def _below(annotation: object, suffix: str = "") -> Iterator[tuple[type[Section], str]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        kind = annotation.model_fields.get("type")
        word = _constant(kind) if kind is not None else None
        yield annotation, f"{suffix} (type {word})" if word else suffix
        return
    origin = get_origin(annotation)
    step = "[]" if origin is list else ".*" if origin is dict else ""
    for argument in get_args(annotation):
        yield from _below(argument, suffix + step)


def _constant(info: FieldInfo) -> str | None:
    """The one word of a ``type`` key that tells two forms apart."""
    words = get_args(info.annotation)
    is_kind = any(isinstance(kind, Kind) for kind in info.metadata)
    return str(words[0]) if len(words) == 1 and not is_kind else None


def _row(name: str, info: FieldInfo) -> str:
    key = f"`{name}`*" if info.is_required() else f"`{name}`"
    meaning = info.description or ""
    if info.examples:
        meaning += f" Example: `{_written(info.examples[0])}`."
    return f"| {key} | {_cell(_type(info))} | {_default(info)} | {_cell(meaning)} |"


def _type(info: FieldInfo) -> str:
    kinds = [kind for kind in info.metadata if isinstance(kind, Kind)]
    return kinds[0].title if kinds else _title(info.annotation)


def _title(annotation: object) -> str:
    """What is accepted, in words."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return "mapping"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kinds = [each for each in arguments if isinstance(each, Kind)]
        return kinds[0].title if kinds else _title(arguments[0])
    if origin is list:
        return f"list of {_title(arguments[0])}"
    if origin is dict:
        return f"{_title(arguments[0])} → {_title(arguments[1])}"
    words = [str(each) if origin is Literal else _title(each) for each in arguments if each is not NoneType]
    return " or ".join(dict.fromkeys(words))


def _default(info: FieldInfo) -> str:
    if info.is_required() or info.default is PydanticUndefined or info.default is None:
        return ""
    unit = "s" if any(isinstance(kind, Duration) for kind in info.metadata) else ""
    return f"`{_written(info.default)}{unit}`"


def _written(value: object) -> str:
    """A value as YAML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_written(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(item)}" for key, item in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _first_line(section: type[Section]) -> str:
    return (section.__doc__ or "").splitlines()[0]


def _providers() -> str:
    rows = [
        f"| `{row.name}` | {row.base_url or '`base_url` needed'} | {_targets(row)} | "
        f"{f'`{row.key_variable}`' if row.key_variable else ''} |"
        for row in PROVIDERS.values()
    ]
    head = (
        "## Providers\n\nAny other prefix with a `base_url` is taken for OpenAI-compatible. What a caller sends in a "
        "dialect without a path there is translated to the dialect of the first one.\n\n"
    )
    return head + "| Prefix | Address | Paths | Key without a file |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _targets(row: Provider) -> str:
    return ", ".join(f"`{target}`" for _, target in row.targets(row.prefix))


def _codes() -> str:
    parts = [f"### {code}: {each.title} ({each.severity})\n\n{each.explanation}\n" for code, each in CODES.items()]
    return "## Findings\n\nEach finding has a code; `plano help CODE` prints the same text.\n\n" + "\n".join(parts)
