"""Header fields pass by allow-list, both ways: what is not named here does not cross the gateway."""

from __future__ import annotations

from collections.abc import Mapping

from plano.domain.model import Endpoint
from plano.domain.request import Call
from plano.domain.secret import Secret

TO_PROVIDER = ("content-type", "accept", "user-agent", "openai-beta", "tracestate", "x-request-id")

SHORTEST_SECRET = 8

_TO_CALLER = frozenset({"content-type", "cache-control", "retry-after"})
_RATE_LIMITS = ("x-ratelimit-", "ratelimit", "anthropic-ratelimit-")
_REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id")

_CREDENTIAL_FIELDS = {
    "bearer": ("authorization", "Bearer "),
    "x-api-key": ("x-api-key", ""),
    "api-key": ("api-key", ""),
}


def to_provider(endpoint: Endpoint, call: Call) -> list[tuple[str, str]]:
    """The fields of one attempt: the caller's allowed ones, the provider's static ones, and its credential.

    A static field replaces the caller's field of the same name. ``accept-encoding: identity``: decoding would cost
    more than the bytes it saves, and a stream must not wait inside a compressor.
    """
    static = {name.lower(): value for name, value in endpoint.headers}
    fields = [("host", endpoint.host_header), ("accept-encoding", "identity")]
    fields += [(name, value) for name, value in call.headers if name not in static]
    fields += static.items()
    credential = _credential(endpoint, call)
    if credential is not None:
        fields.append(credential)
    return fields


def to_caller(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The fields of a provider's answer that the caller gets; its request id as ``x-upstream-request-id``."""
    passed = [(name, value) for name, value in headers.items() if name in _TO_CALLER or name.startswith(_RATE_LIMITS)]
    request_id = next((headers[name] for name in _REQUEST_IDS if name in headers), None)
    if request_id is not None:
        passed.append(("x-upstream-request-id", request_id))
    return tuple(passed)


def secrets(endpoint: Endpoint, call: Call) -> tuple[Secret, ...]:
    """What must not come back in a provider's text: keys, and configured fields long enough to be one."""
    static = [Secret(value) for _, value in endpoint.headers if len(value) >= SHORTEST_SECRET]
    return (*(secret for secret in (endpoint.key, call.credential) if secret is not None), *static)


def _credential(endpoint: Endpoint, call: Call) -> tuple[str, str] | None:
    key = call.credential if endpoint.passthrough_auth else endpoint.key
    if key is None or endpoint.auth == "none":
        return None
    name, prefix = _CREDENTIAL_FIELDS[endpoint.auth]
    return name, prefix + key.reveal()
