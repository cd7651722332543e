"""The settled form: defaults of the contract."""

from __future__ import annotations

import ast
from dataclasses import fields, is_dataclass
from pathlib import Path

import plano
from plano.config import findings, settings
from plano.config.settings import Admin, Caller, Listener, Overrides, PromptCaching, Routing, Settings
from plano.domain.model import ModelTable
from plano.domain.route import NO_ROUTES
from plano.domain.secret import Secret


def test_defaults() -> None:
    """What is not configured is what the documentation says."""
    assert Listener("a") == Listener("a", "127.0.0.1", 12_000, 300.0, 0, open=False)
    assert Admin() == Admin("127.0.0.1", 12_001, None)
    assert Overrides() == Overrides(5.0, None)
    assert (Routing().session_ttl_s, Routing().session_max_entries, Routing().budget) == (600, 10_000, None)
    assert PromptCaching() == PromptCaching(False, True, 600)


def test_everything_is_frozen() -> None:
    """No part of the settings, and no finding, can be changed or given another attribute."""
    parts = [each for module in (settings, findings) for each in vars(module).values() if is_dataclass(each)]
    assert len(parts) > 15
    for part in parts:
        assert isinstance(part, type)
        assert vars(part)["__dataclass_params__"].frozen, part
        assert "__slots__" in vars(part), part


def test_every_setting_is_read() -> None:
    """A setting that nobody reads promises what does not happen, as ``overrides.disable_signals`` once did.

    Left out are those that the start names as not acted on yet, see ``plano.config.later``.
    """
    source = Path(plano.__file__).parent
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in source.rglob("*.py") if file.name != "build.py"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    unread = {
        f"{name}.{field.name}"
        for name, part in vars(settings).items()
        if is_dataclass(part) and part.__module__ == settings.__name__
        for field in fields(part)
        if field.name not in read
    }
    assert unread == {"Exporter.distinct_id_header", "Exporter.capture_messages", "Settings.state_storage"}


def test_open_listeners() -> None:
    """A loopback listener is never open; one beyond it only where it says so and no caller has a key."""
    listeners = (Listener("a", open=True), Listener("b", "0.0.0.0", open=True), Listener("c", "::"))
    settled = Settings("v0.4.0", listeners, ModelTable({}), NO_ROUTES)
    assert [each.name for each in settled.open_listeners] == ["b"]
    kept = Settings("v0.4.0", listeners, ModelTable({}), NO_ROUTES, callers=(Caller("x", Secret("k")),))
    assert kept.open_listeners == ()
