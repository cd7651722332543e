"""The table of checks."""

from __future__ import annotations

from plano.config.checks import CHECKS


def test_every_check_says_what_has_to_hold() -> None:
    """Each check has one sentence, and none stands twice."""
    assert len(set(CHECKS)) == len(CHECKS)
    for check in CHECKS:
        assert check.__doc__ and check.__doc__.strip().endswith(".")
