"""The version of a configuration, and the gate that hangs on it."""

from __future__ import annotations

import re
from typing import NamedTuple

_FORM = re.compile(r"[vV]?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?:-[0-9A-Za-z.\-]+)?", re.ASCII)


class Version(NamedTuple):
    """Three numbers, compared from the left."""

    major: int
    minor: int
    patch: int


FIRST_WITH_ROUTES = Version(0, 4, 0)
"""From here on a file may have top-level ``routing_preferences``."""


def parse_version(text: str) -> Version | None:
    """``v0.4``, ``0.4.0`` or ``v0.4.0-rc1`` as (0, 4, 0); None when the text is no version."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        return None
    major, minor, patch = (int(part or 0) for part in match.groups())
    return Version(major, minor, patch)
