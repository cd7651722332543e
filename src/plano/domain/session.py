"""Sessions: conversations that stay with one model."""

from __future__ import annotations

import msgspec

from plano.domain.episode import Episode, Switch

NAMED_BY = ("x-model-affinity", "x-claude-code-session-id")
"""The header fields that name a session; the first that is there counts."""

MAX_SESSION_ID = 256
"""Characters of an id that a caller gives."""


class Binding(msgspec.Struct, frozen=True):
    """What a session is bound to.

    ``route``: None where none matched. ``used_at``: its last request, seconds since the epoch. ``cached_tokens``: of
    its last answer, those that the provider read from its cache or wrote to it. ``episode``: its account, None where
    no budget of switches was configured. ``cost_usd``: of its answers so far whose cost is known.
    """

    model: str
    route: str | None
    used_at: float
    cached_tokens: int = 0
    episode: Episode | None = None
    cost_usd: float = 0.0


class Session(msgspec.Struct, frozen=True):
    """The session of one request.

    ``id``: as the caller gave it, or made of how the conversation begins. ``key``: where its binding is kept.
    ``binding``: None where the session is new, or has been idle for too long. ``idle_s``: since its last request.
    ``ttl_s``: how long it may be idle. ``stays``: is it to stay with its model? Else this request is routed anew.
    ``prefix``: a digest of how its prompt begins, None where nobody looked. ``cost_usd``: of its answers so far whose
    cost is known, as far as those who keep its binding know of them. ``is_replay``: somebody else than the user
    speaks, and the route of the user's last words goes on.
    """

    id: str
    key: bytes
    binding: Binding | None = None
    idle_s: float = 0.0
    ttl_s: int = 600
    stays: bool = True
    prefix: str | None = None
    cost_usd: float = 0.0
    is_replay: bool = False


class Affinity(msgspec.Struct, frozen=True):
    """What a session meant for a decision. Never ``is_pinned`` and ``is_switched`` at once.

    ``is_pinned``: the session's model leads; without a budget of switches the router was not asked.
    ``is_switched``: another model leads than the one that the session was bound to. ``binds``: it stays with
    whoever serves this request; not so where the router had routes to choose from and chose nothing, because it
    failed or was not asked. ``episode``: the account after this turn. ``switch``: what the budget said, None where
    it was not asked.
    """

    session: Session
    is_pinned: bool = False
    is_switched: bool = False
    binds: bool = True
    episode: Episode | None = None
    switch: Switch | None = None
