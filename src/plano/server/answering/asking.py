"""What the head of a request asks for, read once: callers send the same one with each request of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from plano.assembly import is_off
from plano.domain.model import Dialect
from plano.domain.session import NAMED_BY
from plano.errors import CallerError, InvalidRequest, UnsupportedMediaType
from plano.http1.head import RequestHead
from plano.upstream.fields import TO_PROVIDER
from plano.wire import decision as decision_wire

JSON: Final = "application/json"


class Asking(msgspec.Struct, frozen=True):
    """What depends on nothing but a head, so that it holds for every head that repeats it.

    ``fields``: of the head it was read in, by whose identity it is known again. ``dialect``: of the answer.
    ``not_here``: why this listener is not meant. ``not_json``: why the body cannot be read. ``wants_decision``: does
    ``Accept`` name the decision's media type (with a quality above 0)? ``to_provider``: the fields that go upstream as
    they came. ``cache_off``: no help with prompt caches is wanted. ``names_session``: does it say whose turn it is?
    """

    fields: Mapping[str, str]
    dialect: Dialect
    not_here: CallerError | None
    not_json: CallerError | None
    wants_decision: bool
    to_provider: tuple[tuple[str, str], ...]
    cache_off: bool
    names_session: bool


def asking_of(head: RequestHead, spoken: Dialect | None, hosts: frozenset[str]) -> Asking:
    """What ``head`` asks for. ``spoken``: the dialect of its path, None where the path has none.

    ``hosts``: the names this listener answers to, empty for any.
    """
    fields = head.fields
    dialect = _seeming(head) if spoken is None else spoken
    is_here = not hosts or host_name(fields.get("host", "")) in hosts
    accept = fields.get("accept", "").lower()
    return Asking(
        fields,
        dialect,
        None if is_here else InvalidRequest("this listener answers to localhost only; the Host field names another"),
        _media_mistake(fields.get("content-type", ""), fields.get("content-encoding", "identity")),
        decision_wire.MEDIA_TYPE in accept and _accepts_decision(accept),
        _to_provider(head, dialect),
        is_off(fields.get("x-plano-cache", "")),
        any(name in fields for name in NAMED_BY),
    )


def host_name(host: str) -> str:
    """The name in a Host field, port and brackets removed."""
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower()


def _seeming(head: RequestHead) -> Dialect:
    """The dialect that the caller of no known path seems to speak."""
    is_anthropic = "anthropic-version" in head.fields or head.path.startswith(
        ("/v1/messages/", "/routing/v1/messages/")
    )
    return Dialect.ANTHROPIC_MESSAGES if is_anthropic else Dialect.OPENAI_CHAT


def _media_mistake(content_type: str, content_encoding: str) -> CallerError | None:
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() != JSON:
        return UnsupportedMediaType("the body must be JSON, and say so: send 'content-type: application/json'")
    charset = parameters.lower().partition("charset=")[2].strip().strip('"')
    if charset and charset not in ("utf-8", "utf8"):
        return UnsupportedMediaType("the body must be UTF-8")
    if content_encoding.strip().lower() != "identity":
        return UnsupportedMediaType("compressed request bodies are not accepted")
    return None


def _accepts_decision(accept: str) -> bool:
    for member in accept.split(","):
        kind, *parameters = [part.strip() for part in member.split(";")]
        if kind == decision_wire.MEDIA_TYPE:
            quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
            return quality.strip("0.") != ""
    return False


def _to_provider(head: RequestHead, dialect: Dialect) -> tuple[tuple[str, str], ...]:
    """By allow-list; what the caller names in ``Connection`` is for this hop alone (RFC 9110 §7.6.1)."""
    fields, own_hop = head.fields, head.connection_options
    return tuple([(name, fields[name]) for name in TO_PROVIDER[dialect] if name in fields and name not in own_hop])
