"""What a session is bound to, as it is kept outside: nothing of a caller in clear, nothing that could be forged."""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from plano.domain.episode import Episode
from plano.domain.session import Binding

FORMAT = 1
LARGEST = 16_384
_MAC_BYTES = 32


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``until``: seconds since the epoch."""

    format: int
    model: str
    route: str | None
    used_at: float
    until: float
    cached_tokens: int
    episode: Episode | None = None
    cost_usd: float = 0.0


_DECODE = msgspec.json.Decoder(_Kept).decode


def place(secret: bytes, *parts: str) -> bytes:
    """Where the binding of these parts is kept: 32 bytes, the same for the same parts alone.

    Each part goes in with its length: a tenant ``a`` with session ``b:c`` is not tenant ``a:b`` with session ``c``.
    """
    raw = [part.encode("utf-8", "surrogateescape") for part in parts]
    return hmac.digest(secret, b"".join([b"%d:%b" % (len(one), one) for one in raw]), "sha256")


def seal(secret: bytes, key: bytes, binding: Binding, *, until: float) -> bytes:
    """The record of a binding, usable at ``key`` alone and until ``until`` (seconds since the epoch)."""
    kept = _Kept(
        *(FORMAT, binding.model, binding.route, binding.used_at, until),
        *(binding.cached_tokens, binding.episode, binding.cost_usd),
    )
    payload = msgspec.json.encode(kept)
    return _mac(secret, key, payload) + payload


def unseal(secret: bytes, key: bytes, record: bytes, *, now: float) -> Binding | None:
    """The binding of a record, None where it is over, altered, moved, or was written by anyone else."""
    mac, payload = record[:_MAC_BYTES], record[_MAC_BYTES:]
    if len(record) > LARGEST or not hmac.compare_digest(mac, _mac(secret, key, payload)):
        return None
    try:
        kept = _DECODE(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if kept.format != FORMAT or kept.until <= now:
        return None
    return Binding(kept.model, kept.route, kept.used_at, kept.cached_tokens, kept.episode, kept.cost_usd)


def _mac(secret: bytes, key: bytes, payload: bytes) -> bytes:
    return hmac.digest(hashlib.sha256(b"record" + secret).digest(), key + payload, "sha256")
