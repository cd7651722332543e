"""Header fields pass by allow-list, both ways: what is not named here does not cross the gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from plano.domain.model import Dialect, Endpoint
from plano.domain.request import Call
from plano.domain.secret import SHORTEST_SECRET, Secret

_MESSAGES: Final = Dialect.ANTHROPIC_MESSAGES
"""Asked for by its class, a member of an enumeration takes longer than all else that is asked of a plain request."""

_OF_ALL = ("content-type", "accept", "user-agent", "x-request-id")
_OWN_TO = {
    Dialect.OPENAI_CHAT: ("openai-beta",),
    Dialect.ANTHROPIC_MESSAGES: ("anthropic-version", "anthropic-beta"),
    Dialect.OPENAI_RESPONSES: ("openai-beta",),
}
"""Fields that only upstreams of the caller's own dialect are sent."""

TO_PROVIDER = {dialect: _OF_ALL + own for dialect, own in _OWN_TO.items()}
"""By the dialect of the caller: fields that go to a provider."""

_VERSION = ("anthropic-version", "2023-06-01")
"""Needed with every request: https://platform.claude.com/docs/en/api/versioning."""


_TO_CALLER = frozenset({"content-type", "cache-control", "retry-after"})
_RATE_LIMITS = ("x-ratelimit-", "ratelimit", "anthropic-ratelimit-")
_REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id")

_CREDENTIAL_FIELDS = {
    "bearer": ("authorization", "Bearer "),
    "x-api-key": ("x-api-key", ""),
    "api-key": ("api-key", ""),
}


_OF_ACCESS_TOKENS = "sk-ant-oat"
"""How access tokens of Anthropic's OAuth begin, which Claude Code has after a login: they are no API keys, and are only
taken as a bearer's (https://code.claude.com/docs/en/llm-gateway)."""


def fixed(endpoint: Endpoint) -> list[tuple[str, str]]:
    """The fields that are the same in every request to ``endpoint``: host, the configured ones, the provider's key.

    A configured field wins over a key that would stand in a field of the same name: of two, servers read either.

    ``accept-encoding: identity``: decoding would cost more than the bytes it saves, and a stream must not wait inside a
    compressor.
    """
    static = {name.lower(): value for name, value in endpoint.headers}
    fields = [("host", endpoint.host_header), ("accept-encoding", "identity"), *static.items()]
    if not endpoint.passthrough_auth:
        fields += [field for field in _credential(endpoint, endpoint.key) if field[0] not in static]
    return fields


def of_call(endpoint: Endpoint, call: Call, spoken: Dialect, replaced: frozenset[str]) -> Sequence[tuple[str, str]]:
    """The fields of one call in a dialect: the caller's allowed ones, and its own key where that is passed on.

    ``replaced``: lower-case names of configured fields, which win over the caller's.
    """
    fields = call.headers
    if spoken is not call.request.dialect:
        left_out = _OWN_TO[call.request.dialect]
        fields = tuple([field for field in fields if field[0] not in left_out])
    if spoken is _MESSAGES and not any(name == _VERSION[0] for name, _ in fields):
        fields = (*fields, _VERSION)
    if replaced:
        fields = tuple([field for field in fields if field[0] not in replaced])
    if not endpoint.passthrough_auth:
        return fields
    return (*fields, *[field for field in _credential(endpoint, call.credential) if field[0] not in replaced])


def to_caller(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The fields of a provider's answer that the caller gets; its request id as ``x-upstream-request-id``."""
    passed = [field for field in headers.items() if field[0] in _TO_CALLER or field[0].startswith(_RATE_LIMITS)]
    for name in _REQUEST_IDS:
        if name in headers:
            passed.append(("x-upstream-request-id", headers[name]))
            break
    return tuple(passed)


def secrets(endpoint: Endpoint, call: Call) -> tuple[Secret, ...]:
    """What must not come back in a provider's text: keys, and configured fields long enough to be one."""
    static = [Secret(value) for _, value in endpoint.headers if len(value) >= SHORTEST_SECRET]
    if endpoint.proxy is not None and endpoint.proxy.credential is not None:
        static.append(endpoint.proxy.credential)
    return (*(secret for secret in (endpoint.key, call.credential) if secret is not None), *static)


def _credential(endpoint: Endpoint, key: Secret | None) -> tuple[tuple[str, str], ...]:
    if key is None or endpoint.auth == "none":
        return ()
    shown = key.reveal()
    style = "bearer" if endpoint.auth == "x-api-key" and shown.startswith(_OF_ACCESS_TOKENS) else endpoint.auth
    name, prefix = _CREDENTIAL_FIELDS[style]
    return ((name, prefix + shown),)
