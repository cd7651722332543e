"""Who may use a listener: callers' keys, kept as keyed hashes and compared in constant time."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping

from plano.domain.secret import Secret


class Callers:
    """The keys of a configuration; without any, everybody who reaches the listener may use it.

    ``open_since``: monotonic seconds from which no key is asked for. ``is_open``: is no key asked for?
    """

    def __init__(self, keys: Iterable[Secret], *, open_since: float = float("-inf")) -> None:
        self._open_since = open_since
        self._salt = os.urandom(32)
        self._known = tuple(self._hash(key.reveal()) for key in keys)
        self.is_open = not self._known

    def renewed(self, keys: Iterable[Secret], *, now: float) -> Callers:
        """Those of another configuration, from ``now`` (monotonic seconds) on."""
        return Callers(keys, open_since=self._open_since if self.is_open else now)

    def passes_keys(self, received_at: float) -> bool:
        """Is the key of a request that came then meant for a provider?

        Not where one is asked for, and not where one was when the request came: it is for this gateway alone.
        """
        return not self._known and received_at >= self._open_since

    def admit(self, fields: Mapping[str, str]) -> bool:
        """May a request with these fields be served? ``Authorization: Bearer`` or ``x-api-key``; names in lower case.

        Every known key is compared, over the full length, so that the time taken says nothing.
        """
        if not self._known:
            return True
        given = self._hash(credential(fields) or "")
        return sum(hmac.compare_digest(given, known) for known in self._known) > 0

    def _hash(self, key: str) -> bytes:
        return hmac.digest(self._salt, key.encode("utf-8", "surrogateescape"), "sha256")


def credential(fields: Mapping[str, str]) -> str | None:
    """The key a caller sent: ``Authorization`` wins over ``x-api-key``; blank values are none."""
    scheme, _, token = fields.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return fields.get("x-api-key", "").strip() or None
