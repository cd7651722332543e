"""Several processes behind the same listeners: each is a whole gateway, one more stands by and replaces the fallen."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import FrameType
from typing import Final, NoReturn

from plano.cli import talk
from plano.config.settings import Listener, Settings
from plano.errors import PlanoError

REST_S, YOUNG_S = 1.0, 10.0
"""One that falls within ten seconds is replaced a second later: else workers that fall at once take the machine."""

BACKLOG = 1024
CANNOT_BEGIN, FELL = 1, 70
PASSED_ON: Final = (signal.SIGHUP, signal.SIGUSR1)
HEARD: Final = (signal.SIGTERM, signal.SIGINT, *PASSED_ON)

Work = Callable[[int, int], None]
"""What a worker does. It is given its number, from 0, and a descriptor that can be read once the supervisor is gone."""


def listening_sockets(listeners: Sequence[Listener]) -> tuple[socket.socket, ...]:
    """An open socket for each listener, which all workers share: the system hands each connection to one of them.

    Raises OSError when an address is taken.
    """
    return tuple(
        socket.create_server(
            (one.address, one.port),
            family=socket.AF_INET6 if ":" in one.address else socket.AF_INET,
            backlog=BACKLOG,
        )
        for one in listeners
    )


def settings_of(settings: Settings, worker: int) -> Settings:
    """The settings of a worker: the first one alone has an admin listener and a file of records, for all of them."""
    if worker == 0:
        return settings
    seen = replace(settings.observability, records_file=None)
    return replace(settings, admin=replace(settings.admin, enabled=False), observability=seen)


def apart(settings: Settings, count: int) -> str:
    """What each of ``count`` workers keeps for itself, as a sentence: worth knowing before somebody counts on it."""
    own = ["breakers", "retry budget", "bounds on connections and requests"]
    if settings.rate_limits:
        own.append("limits on tokens (divide them by the number of workers)")
    if settings.routing.store_url is None:
        own.append("sessions (routing.session_cache shares them)")
    return f"{count} workers, each with its own {', '.join(own[:-1])} and {own[-1]}"


@dataclass(frozen=True, slots=True)
class Shared:
    """What a worker has together with others.

    ``sockets``: where they listen. ``others``: by which they tell the first one what they answered. ``gone``: can be
    read once there is no supervisor any more.
    """

    sockets: Sequence[socket.socket]
    others: tuple[socket.socket, socket.socket]
    gone: int


class Supervisor:
    """Keeps ``count`` workers alive until it is told to end, and passes on what it is told."""

    def __init__(self, count: int, work: Work) -> None:
        self._count = count
        self._work = work
        self._workers: dict[int, tuple[int, float]] = {}
        self._is_ending = False
        # It alone holds the end that would be written to: the system closes that however the supervisor ends.
        self._gone, self._here = os.pipe()

    def run(self) -> int:
        """Comes back once all workers have ended; the exit status. Only the main thread may call it."""
        for number in HEARD:
            signal.signal(number, self._told)
        for worker in range(self._count):
            self._start(worker)
        status = 0
        while self._workers:
            process, ended = os.wait()
            fallen = self._workers.pop(process, None)
            code = os.waitstatus_to_exitcode(ended)
            if fallen is None:
                continue
            if code == CANNOT_BEGIN:
                # It has said why; no more could any other.
                status = CANNOT_BEGIN
                self._end()
            elif not self._is_ending:
                self._replace(*fallen, code)
        return status

    def _replace(self, worker: int, begun_at: float, code: int) -> None:
        talk.note(f"worker {worker + 1} ended with {code}; another one takes its place")
        if time.monotonic() - begun_at < YOUNG_S:
            time.sleep(REST_S)
        if not self._is_ending:
            self._start(worker)

    def _start(self, worker: int) -> None:
        # What comes meanwhile is heard once it is known who shall hear it.
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        if not self._is_ending:
            process = os.fork()
            if process == 0:
                os.close(self._here)
                _become(worker, lambda: self._work(worker, self._gone))
            self._workers[process] = worker, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)

    def _told(self, number: int, _frame: FrameType | None) -> None:
        if number in PASSED_ON:
            self._pass_on(number)
        else:
            self._end()

    def _end(self) -> None:
        self._is_ending = True
        self._pass_on(signal.SIGTERM)

    def _pass_on(self, number: int) -> None:
        for process in tuple(self._workers):
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(process, number)


def _become(worker: int, work: Callable[[], None]) -> NoReturn:
    """Does the work and ends the process; the supervisor alone hears an interrupt from the terminal."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for number in (signal.SIGINT, *PASSED_ON):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    code = FELL
    try:
        work()
        code = 0
    except SystemExit:
        code = CANNOT_BEGIN
    except (PlanoError, OSError) as error:
        talk.note(f"worker {worker + 1} cannot begin: {error}")
        code = CANNOT_BEGIN
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
