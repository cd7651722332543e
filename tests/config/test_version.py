"""The version's forms and order."""

from __future__ import annotations

import pytest

from plano.config.version import FIRST_WITH_ROUTES, Version, parse_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v0.4.0", Version(0, 4, 0)),
        ("V0.4", Version(0, 4, 0)),
        ("0.4", Version(0, 4, 0)),
        ("v1", Version(1, 0, 0)),
        ("0.10", Version(0, 10, 0)),
        ("v0.4.0-rc1", Version(0, 4, 0)),
        ("0.1-beta", Version(0, 1, 0)),
        ("v0.04.0", Version(0, 4, 0)),
        ("latest", None),
        ("", None),
        ("v", None),
        ("1.2.3.4", None),
        ("v0.4.x", None),
        ("-1", None),
        ("0,4", None),
        ("٤", None),
        ("9" * 5000, None),
    ],
)
def test_forms(text: str, version: Version | None) -> None:
    """One to three numbers, ``v`` and suffix dropped, padded; anything else is no version."""
    assert parse_version(text) == version


def test_numbers_are_compared_as_numbers() -> None:
    """0.10 is above 0.4, 0.3.9 below."""
    assert Version(0, 10, 0) > FIRST_WITH_ROUTES > Version(0, 3, 9)
