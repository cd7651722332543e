"""Able to serve, with reasons."""

from __future__ import annotations

import json

import pytest

from plano.server.readiness import Readiness


@pytest.mark.parametrize(
    ("is_loaded", "is_draining", "reasons"),
    [
        (False, False, ["router_not_loaded"]),
        (True, False, []),
        (True, True, ["draining"]),
        (False, True, ["router_not_loaded", "draining"]),
    ],
)
def test_every_reason_is_named(is_loaded: bool, is_draining: bool, reasons: list[str]) -> None:
    """Ready exactly when there is no reason against it; notes hinder nobody."""
    one = Readiness(is_loaded, is_draining, notes=["open_listener main"])
    assert (one.reasons, one.is_ready) == (reasons, not reasons)
    assert json.loads(one.render()) == {"ready": not reasons, "reasons": reasons, "notes": ["open_listener main"]}


def test_notes_belong_to_one_gateway() -> None:
    """Two gateways in one process do not share their notes."""
    Readiness().notes.append("x")
    assert Readiness().notes == []
