"""What a caller is told whose bytes the HTTP core has refused, by status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plano.errors import (
    ExpectationFailed,
    HeadTooLarge,
    HttpVersionNotSupported,
    InvalidRequest,
    PlanoError,
    RequestTimeout,
    RequestTooLarge,
    UriTooLong,
)

REFUSALS: Final[Mapping[int, type[PlanoError]]] = {
    400: InvalidRequest,
    408: RequestTimeout,
    413: RequestTooLarge,
    414: UriTooLong,
    417: ExpectationFailed,
    431: HeadTooLarge,
    505: HttpVersionNotSupported,
}
