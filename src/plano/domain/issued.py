"""What a provider gave out that it alone can take back."""

from __future__ import annotations

import msgspec


class Issued(msgspec.Struct, frozen=True):
    """``response_id``: under which the provider keeps the answer, None where it keeps none.

    ``proofs``: of its thoughts, as they stand in the answer.
    """

    response_id: str | None = None
    proofs: tuple[str, ...] = ()


NOTHING_ISSUED = Issued()
