"""What the answer to a request must know of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_AS_THEY_ARE: Mapping[str, str] = {}


class Echo(msgspec.Struct, frozen=True, gc=False):
    """``wants_usage``: the caller of a stream asked for its usage.

    ``custom_tools``: names of tools that take free text, which some targets only know as functions. ``body``: the
    request, where the answer repeats fields of it. ``names``: of tools as they were sent, to those of the caller, where
    they differ.
    """

    wants_usage: bool = False
    custom_tools: frozenset[str] = frozenset()
    body: bytes = b""
    names: Mapping[str, str] = _AS_THEY_ARE
