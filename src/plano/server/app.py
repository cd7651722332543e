"""The composition root: settings become a running gateway, and a running gateway comes to a good end."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from plano import clock as system
from plano.assembly import Decider
from plano.catalog.kept import KeptPrices
from plano.config.settings import Listener, Settings
from plano.config.urls import is_loopback
from plano.errors import ConfigError, Draining
from plano.http1.limits import Limits
from plano.observe.alike import alike
from plano.observe.clerk import Clerk
from plano.observe.entry import Entry, served_of
from plano.observe.events import Events
from plano.observe.journal import Journal
from plano.observe.log import Log
from plano.observe.metrics import Metrics
from plano.observe.process import process_numbers
from plano.observe.record_file import RecordFile
from plano.observe.records import Records
from plano.observe.series import Series
from plano.ports import Classifier
from plano.server.admin import ui
from plano.server.admin.about import about, installed_version
from plano.server.admin.endpoints import AdminEndpoints
from plano.server.admin.first_tokens import first_tokens
from plano.server.admin.listener import AdminListener
from plano.server.admin.model_health import model_health
from plano.server.admin.own_numbers import own_numbers
from plano.server.admin.watch import Watch
from plano.server.beside import Beside
from plano.server.callers import Callers
from plano.server.capacity import Capacity
from plano.server.connections.connection import HttpConnection, Wire
from plano.server.connections.handshake import connections
from plano.server.connections.tls import tls_of
from plano.server.counting import Counting
from plano.server.date_value import DateValue
from plano.server.endpoints import PATHS, Endpoints
from plano.server.feeding import Feeding, feed_families
from plano.server.promises import Promises
from plano.server.readiness import Readiness
from plano.server.reading import Reading
from plano.server.redaction import redactor_of
from plano.server.renewal import moved, needs_restart, refuse_exposure, tried
from plano.server.routing import Routing
from plano.server.sessions import Sessions, session_numbers
from plano.server.tracing import Traces, trace_numbers
from plano.signals.board import Board
from plano.upstream.answer import Means
from plano.upstream.feed_client import feed_client
from plano.upstream.feeds import Fetch
from plano.upstream.http import HttpUpstream

SWEEP_S = 0.5
DRAIN_S = 30.0
LAST_WORDS_S = 1.0
BACKLOG = 1024

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class App:
    """A gateway under one configuration."""

    def __init__(
        self,
        settings: Settings,
        *,
        log: Log,
        limits: Limits | None = None,
        capacity: Capacity | None = None,
        classifier: Classifier | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        self._settings = self._started = settings
        self._log = log
        self.limits = limits or Limits()
        self._capacity = capacity or Capacity.of(settings.bounds)
        self._decider = Decider.build(settings, classifier=classifier)
        self._routing = Routing.build(self._decider.routers, ca_file=settings.overrides.ca_path)
        self._reading = Reading()
        self.promises = Promises(log, lambda: (self._decider.board, self._settings.models.models))
        self._upstream = self._upstream_of(settings)
        self._sessions = self._sessions_of(settings)
        self._fetch = fetch
        self._feeding = self._feeding_of(settings, self._decider.board)
        self.reload_trouble: str | None = None
        self._readiness = Readiness(passing=self._notes)
        self._callers = Callers(caller.key for caller in settings.callers)
        self._wires: list[Wire] = []
        self._endpoints: list[Endpoints] = []
        self._servers: list[asyncio.Server] = []
        self._ports: list[int] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._date = DateValue()
        self._traces = Traces(settings, self._upstream.pool, version=installed_version(), log=log)
        self._record_file = RecordFile(settings.observability.records_file, report=log.unwritten)
        self._beside = Beside(self._capacity, self._show)
        metrics = self._metrics = self._metrics_of(settings)
        events, series = Events(), Series(time.time, routes=_route_names(settings), models=settings.models.models)
        records = self._records = Records((events, self._record_file))
        clerk = _told(Clerk(time.time, time.monotonic, os.urandom(32)), settings)
        readers = (log.requests, records.take, self._learn, self._traces.take)
        self._journal = Journal(clerk, readers, counters=(metrics.take, series.take), report=log.bug)
        self._watch = self._watched(series, events)
        self.admin = AdminListener(settings.admin, self._admin_endpoints(), self.limits, date=self._date)

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each listener, in the order of the settings; what 0 became. Still known when they are closed."""
        return tuple(self._ports)

    async def start(self, sockets: Sequence[socket.socket] = ()) -> None:
        """Gets ready and listens: at ``sockets``, one for each listener, where others have opened them.

        Raises OSError when a port is taken, ConfigError when the admin listener may not be opened.
        """
        await self.warm()
        loop = asyncio.get_running_loop()
        for place, listener in enumerate(self._settings.listeners):
            wire = Wire(self.endpoints(listener), self.limits, self._capacity, now=time.monotonic, date=self._date)
            self._wires.append(wire)
            where: dict[str, Any] = {"host": listener.address, "port": listener.port, "reuse_address": True}
            if sockets:
                where = {"sock": sockets[place]}
            made = await loop.create_server(connections(wire, loop, tls_of(listener)), backlog=BACKLOG, **where)
            self._servers.append(made)
            self._ports.append(made.sockets[0].getsockname()[1])
        try:
            await self.admin.start()
        except ConfigError:
            self.close()
            raise
        if self.admin.trouble is not None:
            self._readiness.notes.append("no_admin_listener")

    def stand_beside(self, others: tuple[socket.socket, socket.socket], worker: int) -> None:
        """One of several workers with one ``pair``: the first one, 0, shows what all of them answer."""
        self._beside.stand(others, worker, self._journal)

    def _show(self, entries: Sequence[Entry]) -> None:
        """Shows what another worker answered."""
        self._records.take(entries)
        groups = alike(entries)
        self._metrics.take(groups)
        self._watch.series.take(groups)

    async def warm(self) -> None:
        """Encodes the configured routes, off the loop, and asks every source of prices and latencies.

        From then on the gateway is ready, and its sweeps run.
        """
        await asyncio.gather(
            asyncio.get_running_loop().run_in_executor(None, self._decider.warm), self._feeding.start()
        )
        self._sessions.look()
        self._readiness.is_router_loaded = True
        if self._sweeper is None:
            self._sweep()

    async def renew(self, settings: Settings) -> tuple[str, ...]:
        """Goes on under another configuration; what of it needs a restart to count, by its keys.

        Its tests are tried first, its sources asked, its routes encoded: until all of that is done the old one serves,
        and what began under the old one ends there. Raises ConfigError when a test fails, or when a listener that
        stays where it is would no longer ask for keys; then nothing has changed.
        """
        loop = asyncio.get_running_loop()
        refuse_exposure(self._listening, settings)
        trace_on = self._traces.follow(settings)
        decider = await loop.run_in_executor(None, tried, settings, self._decider.routers.embedded)
        feeding = self._feeding_of(settings, decider.board)
        await feeding.start()
        decider.board.take_over(self._decider.board, time.monotonic(), other=moved(self._settings, settings))
        old, self._feeding, self._decider = self._feeding, feeding, decider
        old.stop()
        self._callers = self._callers.renewed((caller.key for caller in settings.callers), now=time.monotonic())
        self._sessions.follow(settings)
        self._upstream.forget_destinations()
        self._journal.flush()
        trace_on()
        self._journal.clerk = _told(self._journal.clerk, settings)
        self._record_file.move(settings.observability.records_file)
        self._capacity.follow(settings.bounds)
        self._upstream.pool.bind(settings.bounds.to_one_upstream)
        self._metrics.declare(_route_names(settings), settings.models.models)
        self._watch.decider = decider
        self._routing.renew(decider.routers)
        for endpoints in self._endpoints:
            endpoints.decider, endpoints.callers = decider, self._callers
            endpoints.counting = Counting(self._upstream)
            endpoints.sampled_share = settings.tracing.sampled_share
        self._settings = settings
        return needs_restart(self._started, settings)

    async def stop(self, *, drain_s: float = DRAIN_S, leaves_address: bool = False) -> None:
        """Takes no new requests, lets running ones finish for ``drain_s`` seconds, then closes everything.

        Who comes meanwhile is told so, or finds nobody where ``leaves_address``. What is not finished by then is told
        so, in the shape of its dialect, and has a second to arrive.
        """
        self._readiness.is_draining = True
        begun = self._connections
        if leaves_address:
            self._leave_addresses()
        for wire in self._wires:
            wire.is_draining = True
        for connection in begun:
            connection.drain()
        await _until_idle(begun, drain_s)
        self._leave_addresses()
        for connection in self._connections:
            connection.stop(Draining("the gateway is shutting down"))
        await _until_idle(self._connections, LAST_WORDS_S)
        self._journal.flush()
        await self._traces.finish()
        self.close()

    @property
    def _connections(self) -> tuple[HttpConnection, ...]:
        return tuple(connection for wire in self._wires for connection in wire.connections)

    def _leave_addresses(self) -> None:
        for server in self._servers:
            server.close()

    def close(self) -> None:
        """Closes everything at once."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._leave_addresses()
        for wire in self._wires:
            wire.close()
        self._feeding.stop()
        self._sessions.close()
        self.admin.close()
        self._upstream.pool.close()
        self._routing.close()
        self._reading.close()
        self._traces.close()
        self._journal.flush()
        self._record_file.close()
        self._log.flush()

    def endpoints(self, listener: Listener) -> Endpoints:
        """What serves the requests of a listener."""
        made = Endpoints(
            decider=self._decider,
            routing=self._routing,
            reading=self._reading,
            upstream=self._upstream,
            counting=Counting(self._upstream),
            readiness=self._readiness,
            log=self._log,
            journal=self._journal,
            callers=self._callers,
            capacity=self._capacity,
            sessions=self._sessions,
            hosts=_LOOPBACK_NAMES if listener.address in _LOOPBACK_NAMES else frozenset(),
            sampled_share=self._settings.tracing.sampled_share,
        )
        self._endpoints.append(made)
        return made

    def _metrics_of(self, settings: Settings) -> Metrics:
        beside = self._beside
        return Metrics(
            version=installed_version(),
            paths=tuple(PATHS),
            routes=_route_names(settings),
            models=settings.models.models,
            live=(
                *own_numbers(self._readiness, self._capacity, beside.others, beside.summed, dropped=self._dropped),
                first_tokens(lambda: self._decider.board, lambda: self._settings.models.models),
                *model_health(lambda: self._decider.board, lambda: self._settings.models.models, now=time.monotonic),
                *feed_families(lambda: self._feeding),
                *session_numbers(self._sessions, beside.summed),
                *trace_numbers(self._traces.counts, beside.summed),
                *process_numbers(started_at=time.time()),
            ),
        )

    def _dropped(self) -> int:
        return self._journal.dropped + self._record_file.dropped + self._beside.untold

    def _notes(self) -> list[str]:
        """What is worth knowing for as long as it lasts."""
        refused = [] if self.reload_trouble is None else [f"reload refused: {self.reload_trouble}"]
        opened = [f"open_listener {one.name}" for one in self._listening.open_listeners]
        return [
            *(*opened, *self._decider.routers.notes, *refused),
            *(*self._feeding.notes, *self._sessions.notes),
            *self.promises.notes(),
        ]

    @property
    def _listening(self) -> Settings:
        """Listeners as they were opened, with the callers of now."""
        return replace(self._started, callers=self._settings.callers)

    def _sessions_of(self, settings: Settings) -> Sessions:
        clock, tls = self._decider.clock, self._upstream.tls_context
        return Sessions(settings, clock=clock, log=self._log, tls=tls, reading=self._reading)

    def _upstream_of(self, settings: Settings) -> HttpUpstream:
        return HttpUpstream(
            system.SystemClock(),
            limits=self.limits,
            ca_file=settings.overrides.ca_path,
            means=Means(time.time, self._reading.do, self.promises.unreadable),
            # The same object for good: boards of later configurations take it over.
            maker_of=self._decider.board.keepers.maker,
            connections=settings.bounds.to_one_upstream,
        )

    def _feeding_of(self, settings: Settings, board: Board) -> Feeding:
        clock = system.SystemClock()
        return Feeding(
            settings.numbers,
            board,
            client=self._fetch or feed_client(settings.overrides),
            clock=clock,
            kept=KeptPrices(settings.overrides.state_dir, clock.wall),
            log=self._log,
        )

    def _admin_endpoints(self) -> AdminEndpoints:
        admin = self._settings.admin
        return AdminEndpoints(
            watch=self._watch,
            metrics=self._metrics,
            records=self._records,
            log=self._log,
            holders=Callers(() if admin.token is None else (admin.token,)),
            hosts=_LOOPBACK_NAMES | {admin.address} if is_loopback(admin.address) else frozenset(),
            about=lambda: about(replace(self._settings, listeners=self._started.listeners), ports=self.ports),
            played=self.endpoints(self._settings.listeners[0]),
            files=ui.Files(),
        )

    def _watched(self, series: Series, events: Events) -> Watch:
        return Watch(
            version=installed_version(),
            decider=self._decider,
            readiness=self._readiness,
            capacity=self._capacity,
            series=series,
            events=events,
            others=self._beside.others,
            summed=self._beside.summed,
            wall=time.time,
            started_at=time.time(),
        )

    def _learn(self, entries: Sequence[Entry]) -> None:
        """Hands what answers took and used to the board: beside the requests, with the sweep."""
        self._decider.board.learn(served_of(entries), time.monotonic())

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        # First of all: a defect in one of these must not be the end of all deadlines.
        self._sweeper = loop.call_later(SWEEP_S, self._sweep)
        for wire in self._wires:
            wire.sweep()
        self.admin.sweep()
        self._upstream.pool.sweep(loop.time())
        self._routing.sweep(loop.time())
        self._journal.flush()
        self.promises.look()
        self._record_file.beat()
        self._decider.gateway.sweep()
        self._watch.beat()
        self._beside.beat()
        self._log.flush()


async def _until_idle(connections: Sequence[HttpConnection], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline and any(one.is_busy for one in connections):  # noqa: ASYNC110 - no bookkeeping
        await asyncio.sleep(0.02)


def _told(clerk: Clerk, settings: Settings) -> Clerk:
    """The clerk, with what these settings want shown."""
    shown, prefixes = settings.observability.record_content, settings.tracing.header_prefixes
    return replace(clerk, keeps_text=shown, header_prefixes=prefixes, redactor=redactor_of(settings))


def _route_names(settings: Settings) -> list[str]:
    return [route.name for route in settings.routes.routes]
