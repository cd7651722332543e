"""Each provider on its own: can it be reached, and with which key?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from plano.config.document import Scalar
from plano.config.findings import Problem
from plano.config.view import ProviderPart, View, shown
from plano.config.wording import quoted
from plano.providers import PROVIDERS, Provider

_FORM = "write '<provider>/<model id>', for example"
_KEY_FIELDS: Mapping[str, str] = MappingProxyType(
    {"bearer": "authorization", "x-api-key": "x-api-key", "api-key": "api-key", "none": ""}
)
_KEY_HEADERS = frozenset(filter(None, _KEY_FIELDS.values()))


def _known(view: View) -> Iterator[tuple[ProviderPart, Scalar, Provider | None]]:
    """(provider, its model, its row) for each provider whose model has the right form."""
    for provider in view.providers:
        if provider.model is not None and provider.prefix and provider.model_id:
            yield provider, provider.model, PROVIDERS.get(provider.prefix)


def model_form(view: View) -> Iterator[Problem]:
    """A model names its provider."""
    for provider in view.providers:
        if provider.model is None:
            continue
        if not provider.prefix or not provider.model_id:
            example = "openai/gpt-4o" if "/" in provider.model.text else f"openai/{provider.model.written}"
            reason = f"the model {shown(provider.model)} does not name its provider"
            yield Problem("PL-C040", reason, provider.model.place, f"{_FORM} '{example}'")
        elif "*" in provider.model.text and not provider.is_wildcard:
            reason = f"the wildcard {shown(provider.model)} is not '<provider>/*'"
            hint = f"write '{provider.prefix}/*' for all models of the provider"
            yield Problem("PL-C040", reason, provider.model.place, hint)


def known_provider(view: View) -> Iterator[Problem]:
    """A provider is built in, or says where it is."""
    for provider, model, row in _known(view):
        if row is not None or provider.part.entry("base_url") is not None:
            continue
        close = get_close_matches(provider.prefix, list(PROVIDERS), n=1, cutoff=0.7)
        known = ", ".join(sorted(PROVIDERS))
        hint = f"did you mean {quoted(close[0])}?" if close else f"add 'base_url'; known providers: {known}"
        reason = f"{quoted(provider.prefix)} is not a known provider, and there is no 'base_url'"
        yield Problem("PL-C041", reason, model.place, hint)


def address(view: View) -> Iterator[Problem]:
    """A provider without an address of its own is given one."""
    for provider, model, row in _known(view):
        if row is not None and row.base_url is None and provider.part.entry("base_url") is None:
            hint = "add 'base_url: http://…' or 'base_url: https://…'"
            yield Problem("PL-C042", f"{quoted(row.name)} needs a 'base_url'", model.place, hint)


def interface(view: View) -> Iterator[Problem]:
    """Only an unknown provider may choose its interface."""
    for provider, _, row in _known(view):
        entry = provider.part.entry("provider_interface")
        if entry is not None and row is not None:
            reason = f"'provider_interface' cannot stand on the built-in provider {quoted(row.name)}"
            yield Problem("PL-C049", reason, entry.key_place, "remove it, or choose another prefix for 'model'")


def key(view: View) -> Iterator[Problem]:
    """A provider that needs a key has one."""
    for provider, model, row in _known(view):
        part = provider.part
        if part.is_true("passthrough_auth"):
            entry = part.entry("access_key")
            if entry is not None:
                reason = "'access_key' has no effect beside 'passthrough_auth: true'"
                yield Problem("PL-C081", reason, entry.key_place, "remove one of the two")
        elif (entry := part.entry("access_key")) is not None and (field := _field_of(provider, row)) is not None:
            reason = f"'access_key' has no effect beside the header {quoted(field)}"
            yield Problem("PL-C081", reason, entry.key_place, "remove one of the two")
        elif row is not None and row.needs_key and not _has_key(provider):
            if view.is_dev:
                continue
            hint = f"add 'access_key: ${row.key_variable}', or 'passthrough_auth: true'"
            yield Problem("PL-C048", f"{quoted(row.name)} needs an 'access_key'", model.place, hint)


def _field_of(provider: ProviderPart, row: Provider | None) -> str | None:
    """The configured header that stands where the key would be sent, None where there is none."""
    section = provider.part.below("headers")
    name = _KEY_FIELDS["bearer" if row is None else row.auth]
    entries = section.node.entries if section is not None else ()
    return next((entry.key for entry in entries if entry.key.lower() == name), None)


def _has_key(provider: ProviderPart) -> bool:
    """Is there a key, or an address of the user's own, which may need none?"""
    headers = provider.part.below("headers")
    if headers is not None and any(entry.key.lower() in _KEY_HEADERS for entry in headers.node.entries):
        return True
    return provider.part.entry("access_key") is not None or provider.part.entry("base_url") is not None


def mocked(view: View) -> Iterator[Problem]:
    """In dev mode a model without a key is served by the mock provider, and said so."""
    if not view.is_dev:
        return
    for provider, model, row in _known(view):
        if is_mocked(provider, row):
            reason = f"{shown(provider.label or model)} is served by the mock provider: its key is not set"
            yield Problem("PL-C022", reason, model.place)


def is_mocked(provider: ProviderPart, row: Provider | None) -> bool:
    """In dev mode: is there no key for the provider, although it needs one?"""
    if provider.part.is_true("passthrough_auth"):
        return False
    entry = provider.part.entry("access_key")
    if entry is not None and isinstance(entry.value, Scalar) and not entry.value.is_known:
        return True
    return row is not None and row.needs_key and not _has_key(provider)


def headers(view: View) -> Iterator[Problem]:
    """Static headers leave the framing of requests alone."""
    for provider in view.providers:
        section = provider.part.below("headers")
        for entry in section.node.entries if section is not None else ():
            if entry.key.lower() in _RESERVED_HEADERS:
                hint = "use 'http_host' for the Host header" if entry.key.lower() == "host" else "remove it"
                yield Problem("PL-C014", f"the header {quoted(entry.key)} is set by Plano", entry.key_place, hint)


_RESERVED_HEADERS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"}
)


def literal_keys(view: View) -> Iterator[Problem]:
    """Keys stand in the environment, not in the file."""
    places = [(provider.part.text("access_key"), "access_key") for provider in view.providers]
    tracing = view.top.below("tracing")
    places += [(part.text("api_key"), "api_key") for part in (tracing.parts("exporters") if tracing else ())]
    admin = view.top.below("admin")
    places.append((None if admin is None else admin.text("token"), "token"))
    for scalar, name in places:
        if scalar is not None and not scalar.variables:
            yield Problem(
                "PL-C080",
                f"'{name}' stands in the file itself",
                scalar.place,
                "write '$NAME' and set it in the environment",
            )
    callers = view.top.below("callers")
    keys = None if callers is None else callers.below("keys")
    for entry in keys.node.entries if keys is not None else ():
        if isinstance(entry.value, Scalar) and not entry.value.is_null and not entry.value.variables:
            yield Problem(
                "PL-C080",
                f"the key of {quoted(entry.key)} stands in the file itself",
                entry.value.place,
                "write '$NAME' and set it in the environment",
            )


PROVIDER_CHECKS = (model_form, known_provider, address, interface, key, mocked, headers, literal_keys)
