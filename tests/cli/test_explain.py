"""``plano explain``: who decided the route, told from a kept record."""

from __future__ import annotations

from typing import Any

import pytest

from plano.cli.explain import explained

ASKED = {"model": "plano/r", "seconds": 0.0481, "ending": "answered"}
FAILED = {**ASKED, "ending": "500"}


def lines(**changed: Any) -> str:
    decision = {
        "route": "code",
        "router": "ok",
        "scores": {"code": 0.75},
        "threshold": 0.5,
        "margin": 0.25,
        "prefer": "none",
        "candidates": [],
        "text_characters": 9,
        "text_hash": "h",
        **changed,
    }
    record = {"trace_id": "t", "status": 200, "seconds": 0.1, "ended_at": 0.0, "decision": decision}
    return "\n".join(explained(record))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "code   threshold 0.500   margin 0.250"),
        ({"route": None}, "none: no score reached the threshold of 0.500"),
        ({"router": "skipped", "route": None}, "none: the router was not asked"),
        ({"asked": ASKED}, "code   said by plano/r in 48"),
        ({"asked": ASKED, "route": None}, "none   said by plano/r in 48"),
        (
            {"asked": FAILED, "trouble": "500", "router": "degraded", "route": None},
            "none: the router gave no usable answer (500), so the request's own model was used",
        ),
        (
            {"asked": FAILED, "trouble": "500", "router": "degraded"},
            "code   the router gave no usable answer (500), so the built-in router decided, which was unsure",
        ),
        ({"escalation": "not_needed"}, "cascade the built-in router was sure"),
        (
            {"escalation": "asked", "asked": ASKED},
            "cascade the built-in router was unsure, and the router model was asked",
        ),
        ({"escalation": "over_share"}, "cascade the built-in router was unsure; enough decisions"),
        ({"escalation": "held_back"}, "cascade the built-in router was unsure, and the router model is not asked"),
    ],
)
def test_who_decided(changed: dict[str, Any], said: str) -> None:
    """By which probability, or by whose word, and why it was that router."""
    assert said in lines(**changed)
