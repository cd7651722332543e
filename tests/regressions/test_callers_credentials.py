"""A caller's credentials stay where they were sent."""

from __future__ import annotations

import pytest

from plano.observe.clerk import Clerk
from plano.observe.record import Record

SECRET = "do-not-show-0123456789"


@pytest.mark.parametrize(
    "name",
    [
        *("x-api-key", "x-goog-api-key", "x-auth-token", "x-amz-security-token", "x-vault-token", "x-apikey"),
        *("x-goog-iap-jwt-assertion", "x-client-secret", "x-forwarded-authorization", "x-session-cookie"),
    ],
)
def test_a_wide_prefix_shows_no_credentials(name: str) -> None:
    """``x-`` as a prefix of shown fields put all but the two commonest keys into records, their file and traces."""
    clerk = Clerk(lambda: 0.0, lambda: 0.0, b"k", header_prefixes=("x-",))
    entry = clerk.enter(Record("t", 200, 0.0, fields={name: SECRET, "x-team": "blue"}))
    assert entry.headers == {"x-team": "blue"}
