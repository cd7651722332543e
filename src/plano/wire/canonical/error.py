"""An error of an upstream, whatever dialect it came in."""

from __future__ import annotations

import msgspec


class UpstreamError(msgspec.Struct, frozen=True, gc=False):
    """``type``: the dialect's own word. ``code`` and ``param``: None where the dialect has none."""

    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = None
