"""Every field that the official clients document for a request, one at a time.

The clients' own types say what a request may hold. From each a smallest value is made, and beside it one value for each
optional field, each word and each member of a union.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Required, Union, get_args, get_origin

from anthropic.types import MessageCreateParams
from anthropic.types.beta import MessageCreateParams as BetaMessageCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses import ResponseCreateParams
from pydantic import BaseModel
from typing_extensions import get_type_hints, is_typeddict

from plano.domain.model import Dialect
from tests.wire.dialects.samples import CHAT, MESSAGES, PDF, PNG, RESPONSES

REQUESTS: dict[Dialect, tuple[Any, ...]] = {
    CHAT: (CompletionCreateParams,),
    MESSAGES: (MessageCreateParams, BetaMessageCreateParams),
    RESPONSES: (ResponseCreateParams,),
}
CALL = "call_1"
_STRINGS = {
    "url": "https://e.example/a.png",
    "image_url": "https://e.example/a.png",
    "file_url": "https://e.example/a.pdf",
    "data": PNG,
    "file_data": f"data:application/pdf;base64,{PDF}",
    "tool_call_id": CALL,
    "tool_use_id": CALL,
    "call_id": CALL,
    "arguments": '{"mark":1}',
}
_NEEDED_BESIDE = {
    "input_image": {"image_url": _STRINGS["image_url"]},
    "input_file": {"file_data": _STRINGS["file_data"]},
    "function_call_output": {"call_id": CALL},
}
"""What a vendor's type calls optional, but no request of that kind does without."""

_MAX_DEPTH = 14
_MAPPINGS = (dict, Mapping)
_UNIONS = (Union, types.UnionType)
_SCALARS: dict[Any, Any] = {int: 2017, float: 0.137, bool: True, object: {"mark": 1}, Any: {"mark": 1}}


class Variant(NamedTuple):
    """``path``: of the field, types in braces, words behind ``=``. ``without``: None where it cannot be left out."""

    path: str
    without: Any
    value: Any


def fields_of(dialect: Dialect) -> Iterator[tuple[str, Variant]]:
    """Top-level name and variant of every field, the model's name excepted."""
    for request in REQUESTS[dialect]:
        for form in get_args(request) or (request,):
            for name, kind in get_type_hints(form, include_extras=True).items():
                if name != "model":
                    yield from ((name, variant) for variant in _variants(kind, name, 0))


def _bare(kind: Any) -> tuple[Any, bool | None]:
    """The type without its wrappings, and whether it says that it is required."""
    is_required = None
    while True:
        origin = get_origin(kind)
        if origin is Required or origin is NotRequired:
            is_required = origin is Required
        elif origin is not Annotated:
            return kind, is_required
        kind = get_args(kind)[0]


def _members(kind: Any) -> list[Any]:
    """The members of a union that callers write down: no null, no answer given back as an object of the client."""
    bare = [_bare(each)[0] for each in get_args(kind)]
    return [each for each in bare if each is not type(None) and not _is_answer(each)]


def _is_answer(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_list(kind: Any) -> bool:
    name = getattr(get_origin(kind), "__name__", "")
    return name in ("list", "List", "Iterable", "SequenceNotStr", "Sequence")


def _members_of(record: Any) -> Iterator[tuple[str, Any, bool]]:
    """Name and type of each member of a record, and whether it must be there."""
    for name, kind in get_type_hints(record, include_extras=True).items():
        is_required = _bare(kind)[1]
        yield name, kind, record.__total__ if is_required is None else is_required


def _smallest(kind: Any, name: str, depth: int) -> Any:
    kind = _bare(kind)[0]
    if get_origin(kind) in _UNIONS:
        return _smallest(_members(kind)[0], name, depth + 1)
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if is_typeddict(kind):
        found = {each: _smallest(of, each, depth + 1) for each, of, required in _members_of(kind) if required}
        kind_of_part = found.get("type")
        return found | (_NEEDED_BESIDE.get(kind_of_part, {}) if isinstance(kind_of_part, str) else {})
    if _is_list(kind):
        return [_smallest(get_args(kind)[0], name, depth + 1)]
    if kind is str:
        return _STRINGS.get(name, f"mark-{name}")
    return _SCALARS.get(kind, {"type": "object", "properties": {"mark": {"type": "string"}}})


def _variants(kind: Any, name: str, depth: int) -> Iterator[Variant]:
    kind = _bare(kind)[0]
    if depth > _MAX_DEPTH or _is_answer(kind):
        return
    if get_origin(kind) in _UNIONS:
        for member in _members(kind):
            yield from _variants(member, name, depth + 1)
    elif get_origin(kind) is Literal:
        yield from (Variant(f"={word}", None, word) for word in get_args(kind))
    elif is_typeddict(kind):
        yield from _variants_of_record(kind, name, depth)
    elif _is_list(kind):
        for path, without, value in _variants(get_args(kind)[0], name, depth + 1):
            yield Variant(f"[]{path}", None if without is None else [without], [value])
    elif kind is str or kind in _SCALARS or get_origin(kind) in _MAPPINGS:
        yield Variant("", None, _smallest(kind, name, depth))


def _variants_of_record(record: Any, name: str, depth: int) -> Iterator[Variant]:
    smallest = _smallest(record, name, depth)
    label = "{" + str(smallest.get("type", smallest.get("role", ""))) + "}"
    yield Variant(label, None, smallest)
    for member, kind, is_required in _members_of(record):
        for path, without, value in _variants(kind, member, depth + 1):
            if smallest.get(member) == value:
                continue
            rest = smallest if without is None else smallest | {member: without}
            rest = None if is_required and without is None else rest
            yield Variant(f"{label}.{member}{path}", rest, smallest | {member: value})
