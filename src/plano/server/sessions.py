"""The session of a request: named by its fields, looked up before the decision, kept after it. Never in its way."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Final

from plano.config.settings import Routing, Settings
from plano.domain.decision import Decision
from plano.domain.episode import Switch
from plano.domain.request import ChatRequest
from plano.domain.session import MAX_SESSION_ID, NAMED_BY, Binding, Session
from plano.domain.usage import Usage
from plano.errors import InvalidRequest, StoreError
from plano.intent.memory import Memory, digest
from plano.observe.cost import answer_cost
from plano.observe.exposition import LabelledLive, LabelValues
from plano.observe.log import Log
from plano.observe.summed import Summed
from plano.policy import Policy
from plano.ports import Clock, SessionStore
from plano.server.callers import credential
from plano.server.reading import Reading
from plano.signals.sessions import SessionMemory
from plano.upstream.valkey import Valkey
from plano.wire.bindings import place
from plano.wire.implicit import Opening, opening, session_id
from plano.wire.json_guard import LARGE_BYTES

CACHE_FIELD: Final = "x-plano-cache"
"""``off``: nothing is done for the sake of prompt caches, sessions that nobody named included."""

REMEMBERED_IDS = 1_024
"""Each turn of a conversation has the id of the turn before."""

LONGEST_AT_ONCE = 2_048
"""Characters that are hashed on the event loop, at 0.15 µs each."""

MAX_WRITING = 1_000
OUTCOMES: Final = ("hit", "miss", "error", "store", "store_error")


class Sessions:
    """Sessions of one process, kept in it or in a store that several share.

    A store that fails costs its sessions and nothing else: requests are routed as if they had none. ``are_implicit``:
    has a conversation that nobody named a session as well?
    """

    def __init__(
        self, settings: Settings, *, clock: Clock, log: Log, tls: Callable[[], ssl.SSLContext], reading: Reading
    ) -> None:
        routing, caching = settings.routing, settings.prompt_caching
        self._clock = clock
        self._reading = reading
        self._caching = caching
        self._implicit: Memory[bytes, str] = Memory(REMEMBERED_IDS)
        self._costs: Memory[bytes, float] = Memory(REMEMBERED_IDS)
        self._log = log
        self._tls = tls
        self._memory = SessionMemory(routing.session_max_entries)
        self._routing = routing
        self._own_secret = os.urandom(32)
        self._shared = self._shared_of(routing)
        self._writing: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()
        self._switches: Counter[tuple[str, str]] = Counter()
        self.trouble: str | None = None
        self.are_implicit = self._keeps_model or routing.route_on_user_only

    def follow(self, settings: Settings) -> None:
        """Goes on under another configuration; sessions in memory stay, another store begins as it is."""
        routing, self._caching = settings.routing, settings.prompt_caching
        self.are_implicit = self._keeps_model or routing.route_on_user_only
        moved = (routing.store_url, routing.store_secret) != (self._routing.store_url, self._routing.store_secret)
        self._routing = routing
        self._memory.shrink(routing.session_max_entries)
        if moved:
            if self._shared is not None:
                self._shared.close()
            self._shared, self.trouble = self._shared_of(routing), None
            self.look()

    def look(self) -> None:
        """Asks a shared store whether it is there, beside everything else."""
        if self._shared is not None:
            self._later(self._greeted(self._shared))

    @property
    def _keeps_model(self) -> bool:
        return self._caching.enabled and self._caching.session_affinity

    async def of(
        self, fields: Mapping[str, str], request: ChatRequest, policy: Policy, *, has_tenants: bool
    ) -> Session | None:
        """The session that the fields name, or the implicit one; None where there is none.

        ``fields`` have lower-case names. One for each requested model: a side call to another one does not inherit.
        ``has_tenants``: the caller's key is a tenant of its own. Raises InvalidRequest.
        """
        label = fields.get(self._routing.tenant_header, "") if self._routing.tenant_header is not None else ""
        name, ttl_s, own = _named(fields), self._routing.session_ttl_s, policy.models.find(request.model)
        stays, is_replay = True, False
        if name is None and self._has_implicit(fields, request, policy):
            name, is_user_turn = await self._implied(label, request)
            stays = self._keeps_model or not is_user_turn
            is_replay = self._routing.route_on_user_only and not is_user_turn
            ttl_s = self._caching.session_ttl_s if self._keeps_model else ttl_s
        if name is None or own is None:
            return None
        tenant = (credential(fields) or "") if has_tenants else ""
        key = place(self._secret, tenant, label, name, own.name)
        binding = await self._found(key)
        idle_s = 0.0 if binding is None else max(0.0, self._clock.wall() - binding.used_at)
        prefix = await self._prefix(request) if self._routing.budget is not None else None
        if binding is None or idle_s > ttl_s:
            return Session(name, key, ttl_s=ttl_s, prefix=prefix)
        return Session(name, key, binding, idle_s, ttl_s, stays, prefix, self._spent(key, binding), is_replay)

    def keep(self, decision: Decision, model: str, *, usage: Usage | None = None) -> None:
        """The session of ``decision``, if it has one, is bound to ``model`` from now on.

        ``usage``: of the answer, once it is known.
        """
        affinity = decision.affinity
        if affinity is None:
            return
        session = affinity.session
        spent = self._spent(session.key, session.binding) + (answer_cost(decision, model, usage) or 0.0)
        if spent:
            self._costs.put(session.key, spent)
        if not affinity.binds:
            return
        known = 0
        if usage is not None:
            known = (usage.cached_input_tokens or 0) + (usage.cache_write_tokens or 0)
        elif session.binding is not None and session.binding.model == model:
            known = session.binding.cached_tokens
        now, episode = self._clock.wall(), affinity.episode
        if episode is not None and usage is not None and usage.input_tokens:
            episode = episode.visited(model, usage.input_tokens, now)
        binding = Binding(model, decision.route, now, known, episode, spent)
        if len(self._writing) >= MAX_WRITING:
            self._counts["store_error"] += 1
        else:
            self._later(self._put(session, binding))

    def _spent(self, key: bytes, binding: Binding | None) -> float:
        """USD of a session's answers so far: by this process, or by whoever bound it last, whoever knows of more."""
        return max(self._costs.get(key) or 0.0, 0.0 if binding is None else binding.cost_usd)

    def weighed(self, switch: Switch) -> None:
        """Counts what a budget of switches said."""
        self._switches[("retained" if switch.is_retained else "allowed", switch.reason)] += 1

    def close(self) -> None:
        """Closes the connection to a shared store."""
        for task in self._writing:
            task.cancel()
        if self._shared is not None:
            self._shared.close()

    @property
    def notes(self) -> list[str]:
        """What an operator should know."""
        return [] if self.trouble is None else [f"session store: {self.trouble}; sessions start anew"]

    def events(self) -> Iterable[tuple[LabelValues, float]]:
        """How often each outcome happened."""
        return [((outcome,), self._counts[outcome]) for outcome in OUTCOMES]

    def switches(self) -> Iterable[tuple[LabelValues, float]]:
        """How often a budget of switches said what."""
        return list(self._switches.items())

    @property
    def _store(self) -> SessionStore:
        return self._memory if self._shared is None else self._shared

    @property
    def _secret(self) -> bytes:
        return self._own_secret if self._shared is None else _shared_secret(self._routing)

    def _shared_of(self, routing: Routing) -> Valkey | None:
        if routing.store_url is None:
            return None
        return Valkey(routing.store_url, _shared_secret(routing), clock=self._clock, tls=self._tls)

    async def _found(self, key: bytes) -> Binding | None:
        try:
            binding = await self._store.get(key)
        except StoreError as error:
            self._counts["error"] += 1
            self._failed(error)
            return None
        self._counts["miss" if binding is None else "hit"] += 1
        self._works()
        return binding

    def _has_implicit(self, fields: Mapping[str, str], request: ChatRequest, policy: Policy) -> bool:
        """Is a session wanted though nobody named one? To replay decisions, only where there is something to route."""
        if fields.get(CACHE_FIELD, "").strip().lower() == "off":
            return False
        routes = policy.routes if request.preferences is None else request.preferences
        return self._keeps_model or (self._routing.route_on_user_only and bool(routes.routes))

    async def _opening(self, request: ChatRequest) -> Opening | None:
        body, conversation = request.body, request.conversation
        is_large = len(body) > LARGE_BYTES
        return await self._reading.do(opening, body, conversation) if is_large else opening(body, conversation)

    async def _prefix(self, request: ChatRequest) -> str | None:
        """What a provider's cache holds first: system texts and names of tools, as a digest."""
        begun = await self._opening(request)
        return None if begun is None else digest((begun.system, *begun.tools)).hex()

    async def _implied(self, label: str, request: ChatRequest) -> tuple[str | None, bool]:
        """The id of a conversation that nobody named, None where no user says anything in it; is it the user's turn?"""
        begun = await self._opening(request)
        if begun is None:
            return None, True
        known = digest((label, begun.system, begun.first, *begun.tools))
        found = self._implicit.get(known)
        if found is None:
            is_long = len(begun.system) + len(begun.first) > LONGEST_AT_ONCE
            found = await self._reading.do(session_id, label, begun) if is_long else session_id(label, begun)
            self._implicit.put(known, found)
        return found, begun.is_user_turn

    async def _put(self, session: Session, binding: Binding) -> None:
        try:
            await self._store.put(session.key, binding, session.ttl_s)
        except StoreError as error:
            self._counts["store_error"] += 1
            self._failed(error)
            return
        self._counts["store"] += 1
        self._works()

    async def _greeted(self, shared: Valkey) -> None:
        try:
            await shared.ping()
        except StoreError as error:
            self._failed(error)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def _failed(self, error: StoreError) -> None:
        if self.trouble is None:
            self._log.line("session_store_failed", reason=error.message, effect="sessions start anew")
        self.trouble = error.message

    def _works(self) -> None:
        if self.trouble is not None:
            self.trouble = None
            self._log.line("session_store_recovered")


def session_numbers(sessions: Sessions, summed: Summed) -> tuple[LabelledLive, ...]:
    """What became of sessions and what budgets of switches said, of all workers together."""
    return (
        summed.family(
            "plano_session_events_total",
            "Look-ups of sessions (hit, miss, error), and bindings that were kept (store) or lost (store_error).",
            ("outcome",),
            sessions.events,
        ),
        summed.family(
            "plano_session_switch_decisions_total",
            "Turns of warm sessions under a routing budget, by what it decided and why.",
            ("decision", "reason"),
            sessions.switches,
        ),
    )


def _named(fields: Mapping[str, str]) -> str | None:
    for field in NAMED_BY:
        name = fields.get(field, "").strip()
        if len(name) > MAX_SESSION_ID:
            raise InvalidRequest(f"a session id has at most {MAX_SESSION_ID} characters", param=field)
        if name:
            return name
    return None


def _shared_secret(routing: Routing) -> bytes:
    """What the keys of a shared store are made with: of everyone who shares it, so it must not be chance.

    Where none is configured, the address with its password is the secret.
    """
    given = routing.store_secret or routing.store_url
    return hashlib.sha256(b"plano-sessions\x1f" + (b"" if given is None else given.reveal().encode())).digest()
