"""The version gate, and the forms that depend on the version."""

from __future__ import annotations

from collections.abc import Iterator

from plano.config.findings import Problem
from plano.config.version import FIRST_WITH_ROUTES
from plano.config.view import ProviderPart, View, shown
from plano.config.wording import quoted


def readable_version(view: View) -> Iterator[Problem]:
    """The version has the form of a version."""
    version = view.top.text("version")
    if version is not None and view.version is None:
        reason = f"{shown(version)} is not a version"
        yield Problem("PL-C030", reason, version.place, "write 'version: v0.4.0'")


def gate(view: View) -> Iterator[Problem]:
    """Top-level preferences need v0.4.0 or above."""
    version, entry = view.top.text("version"), view.top.node.find("routing_preferences")
    if version is None or view.version is None or entry is None or view.version >= FIRST_WITH_ROUTES:
        return
    reason = (
        f"version {shown(version)} has no top-level 'routing_preferences' (line {entry.key_place.line}): "
        "they need v0.4.0 or above"
    )
    yield Problem("PL-C031", reason, version.place, "raise the version to v0.4.0, or remove 'routing_preferences'")


def preferences_inside_providers(view: View) -> Iterator[Problem]:
    """Preferences stand inside providers only below v0.4.0, and never on a wildcard."""
    conflicts = _Descriptions()
    for provider in view.providers:
        entry = provider.part.entry("routing_preferences")
        if entry is None or view.version is None:
            continue
        if view.version >= FIRST_WITH_ROUTES:
            reason = "'routing_preferences' inside a provider is a form from before v0.4.0"
            hint = f"move it to the top level, with 'models: [{_name(provider)}]' in each entry"
            yield Problem("PL-C032", reason, entry.key_place, hint)
        elif provider.is_wildcard:
            reason = "'routing_preferences' cannot stand on a wildcard, which is not one model"
            yield Problem("PL-C032", reason, entry.key_place, "declare the models one by one")
        else:
            reason = "'routing_preferences' inside a provider is an old form"
            hint = "raise the version to v0.4.0 and move the list to the top level"
            yield Problem("PL-C033", reason, entry.key_place, hint)
            yield from conflicts.compare(provider)


class _Descriptions:
    """The first description of each route that providers mention."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[str, int]] = {}

    def compare(self, provider: ProviderPart) -> Iterator[Problem]:
        for preference in provider.part.parts("routing_preferences"):
            name, description = preference.text("name"), preference.text("description")
            if name is None or description is None:
                continue
            text, line = self._first.setdefault(name.text, (description.text, description.place.line))
            if text != description.text:
                reason = f"route {shown(name)} already has another description; the first one counts"
                yield Problem("PL-C033", reason, description.place, f"first described on line {line}")


def one_list_of_providers(view: View) -> Iterator[Problem]:
    """The providers stand in one list, under today's name."""
    new, old = view.top.node.find("model_providers"), view.top.node.find("llm_providers")
    if old is not None and new is not None:
        later = max(old, new, key=lambda entry: entry.key_place.line)
        earlier = min(old, new, key=lambda entry: entry.key_place.line)
        reason = f"both 'model_providers' and 'llm_providers' (first on line {earlier.key_place.line})"
        yield Problem("PL-C034", reason, later.key_place, "put all models under 'model_providers'")
    elif old is not None:
        hint = "rename it to 'model_providers'"
        yield Problem("PL-C033", "'llm_providers' is an old name", old.key_place, hint)


def some_provider(view: View) -> Iterator[Problem]:
    """There is at least one model."""
    lists = [view.top.node.find(key) for key in ("model_providers", "llm_providers")]
    if all(entry is None for entry in lists):
        place = view.top.node.entries[0].key_place if view.top.node.entries else view.top.node.place
        hint = "begin with:  model_providers: [{model: openai/gpt-4o, access_key: $OPENAI_API_KEY}]"
        yield Problem("PL-C012", "missing key 'model_providers'", place, hint)
    elif all(view.top.entry(key) is None for key in ("model_providers", "llm_providers")):
        entry = next(entry for entry in lists if entry is not None)
        yield Problem("PL-C012", f"{quoted(entry.key)} has no value", entry.key_place, "declare at least one model")


def _name(provider: ProviderPart) -> str:
    return provider.label.written if provider.label is not None else "…"


VERSION_CHECKS = (readable_version, gate, preferences_inside_providers, one_list_of_providers, some_provider)
