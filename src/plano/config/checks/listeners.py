"""Who can reach the gateway, and where."""

from __future__ import annotations

from collections.abc import Iterator

from plano.config.document import Entry, Mapping, Scalar, Sequence
from plano.config.findings import Problem
from plano.config.urls import address_of, is_loopback
from plano.config.view import Part, View, shown, text_of
from plano.config.wording import quoted

_REMEDY = "add keys under 'callers:', or set 'open: true' on the listener if something else protects it"
_ANY_PORT = "0"


def _listeners(view: View) -> Iterator[Part]:
    entry = view.top.node.find("listeners")
    if entry is not None and isinstance(entry.value, Sequence):
        yield from view.top.parts("listeners")
    elif entry is not None and isinstance(entry.value, Mapping):
        below = Part(entry.value).below("egress_traffic")
        if below is not None:
            yield below


def _reachable(part: Part) -> Scalar | None:
    """The address, when others than this machine reach it."""
    address = part.text("address")
    if address is None:
        return None
    host = address.text.strip("[] ")
    if address_of(host) is None or is_loopback(host):
        return None
    return address


def protected(view: View) -> Iterator[Problem]:
    """A listener beyond loopback has keys for its callers, or says that it is open."""
    if view.top.entry("callers") is not None:
        return
    for listener in _listeners(view):
        address = _reachable(listener)
        if address is None:
            continue
        if listener.is_true("open"):
            reason = f"anyone who reaches {shown(address)} can use this listener: it is 'open: true', without 'callers'"
            yield Problem("PL-C061", reason, address.place)
        else:
            reason = f"a listener on {shown(address)} needs 'callers' or 'open: true'"
            yield Problem("PL-C060", reason, address.place, _REMEDY)


def _is_closed(admin: Part) -> bool:
    """Is the admin listener switched off?"""
    enabled = admin.text("enabled")
    return enabled is not None and enabled.text in ("false", "False", "FALSE")


def protected_admin(view: View) -> Iterator[Problem]:
    """An admin listener beyond loopback has a token."""
    admin = view.top.below("admin")
    address = None if admin is None or _is_closed(admin) else _reachable(admin)
    if admin is not None and address is not None and admin.entry("token") is None:
        reason = f"an admin listener on {shown(address)} needs a 'token'"
        yield Problem("PL-C063", reason, address.place, "set 'token: $NAME', or listen on 127.0.0.1")


def apart(view: View) -> Iterator[Problem]:
    """No two listeners share an address, and none shares the admin's."""
    admin = view.top.below("admin")
    parts = [(part, "12000") for part in _listeners(view)]
    if admin is not None and not _is_closed(admin):
        parts.append((admin, "12001"))
    first: dict[tuple[str, str], int] = {} if admin is not None else {("127.0.0.1", "12001"): 0}
    for part, default in parts:
        address, port = part.text("address"), part.text("port")
        key = ("127.0.0.1" if address is None else address.text, default if port is None else port.text)
        named = port or address
        place = part.node.place if named is None else named.place
        if key[1] == _ANY_PORT:
            continue
        if key in first:
            where = f"that of line {first[key]}" if first[key] else "that of the admin listener"
            yield Problem("PL-C062", f"the address {key[0]} port {key[1]} is also {where}", place)
        first.setdefault(key, place.line)


def unique_names(view: View) -> Iterator[Problem]:
    """Listeners have different names."""
    first: dict[str, int] = {}
    for listener in _listeners(view):
        name = listener.text("name")
        if name is None:
            continue
        if name.text in first:
            reason = f"duplicate listener {shown(name)}"
            yield Problem("PL-C045", reason, name.place, f"first defined on line {first[name.text]}")
        first.setdefault(name.text, name.place.line)


def old_form(view: View) -> Iterator[Problem]:
    """The mapping of two listeners is an old form."""
    entry = view.top.node.find("listeners")
    if entry is None or not isinstance(entry.value, Mapping):
        return
    hint = "write a list:  listeners: [{type: model, name: …, port: …}]"
    yield Problem("PL-C033", "a mapping of listeners is an old form", entry.key_place, hint)
    ingress = entry.value.find("ingress_traffic")
    if ingress is not None:
        yield Problem("PL-C035", "'ingress_traffic' has no effect: only models are served", ingress.key_place)


def one_key_per_caller(view: View) -> Iterator[Problem]:
    """No two callers share a key."""
    callers = view.top.below("callers")
    keys = None if callers is None else callers.below("keys")
    if keys is None:
        return
    first: dict[str, Entry] = {}
    for entry in keys.node.entries:
        key = text_of(entry.value)
        if key is None:
            continue
        other = first.setdefault(key.text, entry)
        if other is not entry and other.key != entry.key:
            reason = f"callers {quoted(other.key)} and {quoted(entry.key)} have the same key"
            yield Problem("PL-C064", reason, entry.key_place, f"the other one is on line {other.key_place.line}")


def whole_tls(view: View) -> Iterator[Problem]:
    """A certificate needs its key, and a key its certificate."""
    for listener in _listeners(view):
        for given, missing in (("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")):
            entry = listener.entry(given)
            if entry is not None and listener.entry(missing) is None:
                reason = f"missing key '{missing}' beside '{given}'"
                yield Problem("PL-C012", reason, entry.key_place, "give both files")


LISTENER_CHECKS = (protected, protected_admin, apart, unique_names, old_form, one_key_per_caller, whole_tls)
