"""Deciding without a server: the same planner, in this process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from plano.assembly import Decider, trace_of
from plano.config.load import load
from plano.errors import ClientError, PlanoError


class LocalGateway:
    """A decider under one configuration."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider

    @classmethod
    def load(cls, path: Path) -> Self:
        """The decider of the file at ``path``. Raises ConfigError."""
        return cls(Decider.build(load(path, os.environ, dev=True)))

    def decide(self, body: bytes, headers: Mapping[str, str], *, explain: bool) -> dict[str, Any]:
        """The members of the decision. Raises ClientError as a server's answer would."""
        trace_id = trace_of(headers.get("traceparent")).trace_id
        try:
            return self._decider.decide_body(body, trace_id, headers, explain=explain)
        except PlanoError as error:
            raise ClientError(
                error.message, status=error.status, code=error.code, param=error.param, trace_id=trace_id
            ) from None
