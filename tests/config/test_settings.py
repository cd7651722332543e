"""The settled form: defaults of the contract."""

from __future__ import annotations

from dataclasses import is_dataclass

from plano.config import findings, settings
from plano.config.settings import Admin, Caller, Listener, Overrides, PromptCaching, Routing, Settings
from plano.domain.model import ModelTable
from plano.domain.route import NO_ROUTES
from plano.domain.secret import Secret


def test_defaults() -> None:
    """What is not configured is what the documentation says."""
    assert Listener("a") == Listener("a", "127.0.0.1", 12_000, 300.0, 0, open=False)
    assert Admin() == Admin("127.0.0.1", 12_001, None)
    assert Overrides() == Overrides(5.0, None, signals=True)
    assert (Routing().session_ttl_s, Routing().session_max_entries, Routing().budget) == (600, 10_000, None)
    assert PromptCaching() == PromptCaching(False, True, True, 1024, 600)


def test_everything_is_frozen() -> None:
    """No part of the settings, and no finding, can be changed or given another attribute."""
    parts = [each for module in (settings, findings) for each in vars(module).values() if is_dataclass(each)]
    assert len(parts) > 15
    for part in parts:
        assert isinstance(part, type)
        assert vars(part)["__dataclass_params__"].frozen, part
        assert "__slots__" in vars(part), part


def test_open_listeners() -> None:
    """A loopback listener is never open; one beyond it only where it says so and no caller has a key."""
    listeners = (Listener("a", open=True), Listener("b", "0.0.0.0", open=True), Listener("c", "::"))
    settled = Settings("v0.4.0", listeners, ModelTable({}), NO_ROUTES)
    assert [each.name for each in settled.open_listeners] == ["b"]
    kept = Settings("v0.4.0", listeners, ModelTable({}), NO_ROUTES, callers=(Caller("x", Secret("k")),))
    assert kept.open_listeners == ()
