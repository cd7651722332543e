"""The effective configuration as data, for ``plano config show``: never a secret."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

import msgspec

from plano.config.settings import EffectiveValue, Settings

Shown: TypeAlias = "str | int | float | bool | list[Shown] | dict[str, Shown] | None"


def show(settings: Settings, *, origins: bool = False) -> dict[str, Shown]:
    """The effective values in the shape of the file. ``origins``: each value becomes ``{"value", "origin"}``."""
    tree: _Branch = {}
    for each in settings.values:
        branch = tree
        for part in each.path[:-1]:
            below = branch.setdefault(part, {})
            assert isinstance(below, dict)
            branch = below
        branch[each.path[-1]] = each
    shown = _shown(tree, origins)
    assert isinstance(shown, dict)
    return shown


def printed(settings: Settings, *, origins: bool = False) -> str:
    """What ``plano config show`` prints, the last line end left out."""
    return msgspec.json.format(msgspec.json.encode(show(settings, origins=origins)), indent=2).decode()


def sha(settings: Settings) -> str:
    """The SHA-256 of the effective configuration: what ``plano config show | sha256sum`` says.

    Another key is another configuration, by its fingerprint; another place of the same values in the file is not.
    """
    return hashlib.sha256(f"{printed(settings)}\n".encode()).hexdigest()


_Branch: TypeAlias = "dict[str | int, _Branch | EffectiveValue]"


def _shown(tree: _Branch | EffectiveValue, origins: bool) -> Shown:
    if isinstance(tree, EffectiveValue):
        return {"value": tree.shown, "origin": tree.origin} if origins else tree.shown
    if tree and all(isinstance(key, int) for key in tree):
        return [_shown(item, origins) for item in tree.values()]
    return {str(key): _shown(item, origins) for key, item in tree.items()}
