"""Starts every stack, then measures them in turn, round by round, so that a slow minute is slow for all of them."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from proxy_bench import install, workload
from proxy_bench.load import Asking, Plain, Streamed
from proxy_bench.process import GATEWAY_CORE, LOAD_CORE, DidNotStart, Tree
from proxy_bench.stacks import STACKS, TARGETS, Place, Stack, Target, portkey_fields

DIRECT = Target("no gateway", "")
EVENTS = 100
INTERVAL_US = 10_000
STREAM_CONNECTIONS = 64
SETTLE_S = 0.1
WARMING = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure. ``seconds``: of a round of plain requests, and streams of a second on each connection."""

    rounds: int
    seconds: int
    starts: int
    connections: tuple[int, ...] = (1, 16, 64)


@dataclass(frozen=True, slots=True)
class PlainRow:
    """One target in one round. ``cpu_s``: of the gateway's processes."""

    label: str
    round: int
    connections: int
    cpu_s: float
    seen: Plain


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One target in one round. ``cpu_s``: of the gateway's processes."""

    label: str
    round: int
    cpu_s: float
    seen: Streamed


Row = PlainRow | StreamRow


@dataclass(frozen=True, slots=True)
class Server:
    """A stack that runs, paused. ``starts_s``: seconds from its start to its first good answer, each time."""

    stack: Stack
    tree: Tree
    port: int
    starts_s: tuple[float, ...]
    ready_mb: float


@dataclass(slots=True)
class Site:
    """Where all of it happens: ``folder`` for files of this run, ``build`` for what was installed and compiled."""

    folder: Path
    build: Path
    upstream: int
    callers: Path

    def asking(self, target: Target, port: int) -> Asking:
        """How to ask for a row of the table."""
        fields = (*target.fields, *(portkey_fields(self.upstream) if target.stack == "portkey" else ()))
        return Asking(self.folder, self.callers, port, fields)


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def upstream(folder: Path, build: Path) -> Iterator[Site]:
    """The mock model server on the load generator's core. Raises Missing, DidNotStart."""
    site = Site(folder, build, free_port(), install.compiled("callers", build))
    (folder / "answer.json").write_bytes(workload.answer())
    shape = [str(folder / "answer.json"), str(EVENTS), str(INTERVAL_US)]
    command = [str(install.compiled("upstream", build)), str(site.upstream), *shape]
    tree = Tree(command, core=LOAD_CORE, log=folder / "upstream.log", folder=folder)
    try:
        site.asking(DIRECT, site.upstream).wait_ready(tree)
        yield site
    finally:
        tree.stop()


@contextmanager
def servers(site: Site, names: Sequence[str], starts: int, missing: dict[str, str]) -> Iterator[dict[str, Server]]:
    """The stacks that could be installed and started; the others, with the reason, in ``missing``."""
    with ExitStack() as running:
        found = {}
        for stack in (each for each in STACKS if each.name in names):
            say(f"{stack.name}: installing and starting")
            try:
                stack.install(site.build)
                found[stack.name] = _started(site, stack, starts, running)
            except (install.Missing, DidNotStart) as error:
                missing[stack.name] = str(error)
                say(f"{stack.name}: missing: {error}")
        yield found


def _started(site: Site, stack: Stack, starts: int, running: ExitStack) -> Server:
    took = []
    for number in range(starts):
        place = Place(site.folder, site.build, free_port(), site.upstream)
        name, text = stack.config(place)
        (site.folder / name).write_text(text)
        (site.folder / name).chmod(0o600)
        log = site.folder / f"{stack.name}.log"
        begin = time.perf_counter()
        with ExitStack() as this:
            tree = Tree(stack.command(place), core=GATEWAY_CORE, log=log, folder=site.folder, extra=stack.environment)
            this.callback(tree.stop)
            site.asking(Target("", stack.name), place.port).wait_ready(tree)
            took.append(time.perf_counter() - begin)
            if number == starts - 1:
                server = Server(stack, tree, place.port, tuple(took), tree.resident_mb())
                tree.pause()
                running.push(this.pop_all())
    return server


def _warm(asking: Asking, target: Target) -> None:
    """Asks until the server is warm. Raises DidNotStart when it does not do what its row says."""
    asking.plain(16, target.patience)
    asking.streamed(8, 1)
    status, fields = asking.once()
    if status != 200 or (target.stack.startswith("plano") and fields.get("x-plano-route") != target.route):
        raise DidNotStart(f"{target.label}: status {status}, route {fields.get('x-plano-route')!r}")


def targets(running: dict[str, Server]) -> list[Target]:
    """The rows of the table whose servers run, the direct one first."""
    return [DIRECT, *(each for each in TARGETS if each.stack in running)]


def rounds(site: Site, running: dict[str, Server], plan: Plan, missing: dict[str, str]) -> list[Row]:
    """Every target in every round; each round begins with another one.

    A stack that fails on the way is stopped, its rows are dropped and the reason stands in ``missing``. Raises
    DidNotStart and subprocess errors for the mock upstream itself.
    """
    seen: list[Row] = []
    for number in range(WARMING, plan.rounds):
        order = targets(running)
        turn = max(number, 0) % len(order)
        for target in (*order[turn:], *order[:turn]):
            server = running.get(target.stack)
            if server is None and target != DIRECT:
                continue
            try:
                seen += _turn(site, target, server=server, number=number, plan=plan)
            except (DidNotStart, OSError, subprocess.SubprocessError, http.client.HTTPException) as error:
                if server is None:
                    raise
                missing[target.stack] = f"{error} {server.tree.last_words()}"
                say(f"{target.stack}: dropped: {missing[target.stack]}")
                running.pop(target.stack).tree.stop()
    kept = {target.label for target in targets(running)}
    return [row for row in seen if row.label in kept]


def _turn(site: Site, target: Target, *, server: Server | None, number: int, plan: Plan) -> list[Row]:
    asking = site.asking(target, server.port if server else site.upstream)
    with _awake(server):
        if number == WARMING:
            _warm(asking, target)
            return []
        say(f"round {number + 1} of {plan.rounds}: {target.label}")
        return list(_round(asking, target, server=server, number=number, plan=plan))


def _round(asking: Asking, target: Target, *, server: Server | None, number: int, plan: Plan) -> Iterator[Row]:
    for connections in plan.connections:
        before = _cpu_s(server)
        plain = asking.plain(connections, plan.seconds * target.patience)
        time.sleep(SETTLE_S)
        yield PlainRow(target.label, number, connections, round(_cpu_s(server) - before, 3), plain)
    before = _cpu_s(server)
    streamed = asking.streamed(STREAM_CONNECTIONS, plan.seconds)
    time.sleep(SETTLE_S)
    yield StreamRow(target.label, number, round(_cpu_s(server) - before, 3), streamed)


def _cpu_s(server: Server | None) -> float:
    return server.tree.cpu_s() if server else 0.0


@contextmanager
def _awake(server: Server | None) -> Iterator[None]:
    """The server runs inside the block and is paused after it."""
    if server is None:
        yield
        return
    server.tree.resume()
    try:
        server.tree.check()
        yield
    finally:
        server.tree.pause()
