"""Where a translated request goes."""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.domain.model import CallIds, Dialect


class Target(msgspec.Struct, frozen=True, gc=False):
    """The side that will answer. ``provider``: whose proofs of thoughts it takes back. ``model``: the id it is sent.

    ``max_output_tokens``: the model's known maximum, None when unknown. ``limit_field``: how a chat provider calls the
    limit of an answer. ``thinks``: does the model, None when unknown. ``call_ids``: the form that the provider takes.
    """

    dialect: Dialect
    provider: str
    model: str
    max_output_tokens: int | None = None
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    thinks: bool | None = None
    call_ids: CallIds = "any"
