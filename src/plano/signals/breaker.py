"""Which models are left alone because they failed, and when one request may find out whether they are well again.

    closed      all requests; five failures in a row, in the order in which they ended, or half of the latest, lead to
    ejected     none for 5 s, after each failed probe for 10 s, 15 s, 15 s, …, each ±20 %
    probation   one request at a time; its success closes the breaker, its failure ejects again

What has just closed again is crowded for a while (``signals.recovery``) where more come than it may take at once.
What began before the last change of state changes nothing. Where nobody else may be asked, an ejected model is, as a
last resort, and that is no probe: its success closes the breaker, its failure leaves everything as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp
from types import MappingProxyType
from typing import Literal

import msgspec

from plano.signals.recovery import Recovery

FAILURES_IN_A_ROW = 5
EJECTIONS_S = (5.0, 10.0, 15.0)
PROBE_LEASE_S = 600.0
"""A probe that nobody reported on is given up after that long: twice the longest chain."""

WINDOW_S = 10.0
"""Over which the share of failures decays."""

MOST_FAILING = 0.2
"""The share of failures of a model that still counts as healthy."""

FLAPPING = 0.5
"""The share of failures at which a model is ejected although it answers in between."""

FEWEST_TO_FLAP = 4.0
FEWEST_ANSWERS = 1.5
"""Attempts, older ones weighing less, that such a share must rest on; and answers among them."""

REMEMBERED = 1_024


State = Literal["closed", "probation", "ejected"]


class Permit(msgspec.Struct, frozen=True):
    """One attempt on ``model``. ``era``: the state it began in. ``is_probe``: it alone may find out.

    ``held_as``: by what name its provider's promises are kept, where that is not the model's. ``turn``: of those that
    a model gets that has just become well; 0 of any other.
    """

    model: str
    era: int = 0
    is_probe: bool = False
    turn: int = 0
    held_as: str | None = None


class Patient:
    """A model that has failed."""

    __slots__ = (
        *("decayed_at", "ejections", "era", "failed", "failures", "finished"),
        *("flaps", "probe_since", "recovery", "until"),
    )

    def __init__(self, now: float) -> None:
        self.era = 0
        self.failures = 0
        self.flaps = False
        self.ejections = 0
        self.until: float | None = None
        self.probe_since: float | None = None
        self.recovery: Recovery | None = None
        self.finished = 0.0
        self.failed = 0.0
        self.decayed_at = now

    def count(self, now: float, *, has_failed: bool) -> None:
        """One more attempt has ended."""
        self.decay(now)
        self.finished += 1.0
        self.failed += has_failed

    def decay(self, now: float) -> None:
        """What happened a while ago weighs less."""
        weight = exp((self.decayed_at - now) / WINDOW_S)
        self.finished *= weight
        self.failed *= weight
        self.decayed_at = now

    @property
    def fails_half_of_the_time(self) -> bool:
        """Has it, lately, and often enough to tell?"""
        is_enough = self.finished >= FEWEST_TO_FLAP and self.finished - self.failed >= FEWEST_ANSWERS
        return is_enough and self.failed >= FLAPPING * self.finished

    @property
    def is_well(self) -> bool:
        """Has it not failed for so long that it need not be remembered?"""
        return self.until is None and self.failures == 0 and self.failed < 0.01


class Breaker:
    """The models that have failed, by name; at most ``REMEMBERED``, as callers make up names under a wildcard.

    ``patients``: they; empty while nobody has failed, and then nothing need be asked or told here.
    ``ejected``: the moment from which each ejected one may be probed; a photograph that never changes.
    """

    def __init__(self) -> None:
        self.patients: dict[str, Patient] = {}
        self.ejected: Mapping[str, float] = MappingProxyType({})

    def is_closed_to(self, model: str, now: float) -> bool:
        """Must ``model`` not be asked now: ejected, or a probe is under way?"""
        if not self.ejected:
            return False
        patient = self.patients.get(model)
        if patient is None or patient.until is None:
            return False
        return now < patient.until or _is_running(patient.probe_since, now)

    def is_healthy(self, model: str, now: float) -> bool:
        """Is it not ejected, and have at most a fifth of its latest attempts failed?"""
        patient = self.patients.get(model) if self.patients else None
        if patient is None:
            return True
        patient.decay(now)
        return patient.until is None and patient.failed <= MOST_FAILING * patient.finished

    def is_crowded(self, model: str, now: float) -> bool:
        """Has it just become well, and as many requests as it may have at once?"""
        patient = self.patients.get(model) if self.patients else None
        return patient is not None and patient.recovery is not None and patient.recovery.is_full(now)

    def state(self, model: str, now: float) -> State:
        """How the breaker stands towards a model."""
        patient = self.patients.get(model) if self.patients else None
        if patient is None or patient.until is None:
            return "closed"
        return "ejected" if now < patient.until else "probation"

    def flaps(self, model: str) -> bool:
        """Is it ejected although it answered in between?"""
        patient = self.patients.get(model) if self.patients else None
        return patient is not None and patient.until is not None and patient.flaps

    def begin(self, model: str, now: float) -> Permit:
        """An attempt begins; a probe where the model is ejected and ``is_closed_to`` does not forbid it."""
        patient = self.patients.get(model) if self.patients else None
        if patient is None:
            return Permit(model)
        if patient.until is None or now < patient.until or _is_running(patient.probe_since, now):
            return Permit(model, patient.era, turn=_turn(patient, now))
        patient.probe_since = now
        return Permit(model, patient.era, is_probe=True)

    def succeeded(self, permit: Permit, now: float) -> None:
        """The attempt ended well, or with a mistake of the caller's: the model is alive."""
        patient = self.patients.get(permit.model) if self.patients else None
        if patient is None or patient.era != permit.era:
            return
        patient.count(now, has_failed=False)
        patient.failures = 0
        _take_leave(patient, permit, is_well=True)
        if patient.until is not None:
            patient.until = patient.probe_since = None
            patient.recovery = Recovery(now)
            patient.ejections = 0
            patient.era += 1
            self._publish()

    def failed(self, permit: Permit, now: float, *, jitter: float) -> None:
        """The attempt failed by the model's fault. ``jitter``: a factor around 1 (0.8..1.2)."""
        patient = self.patients.get(permit.model) or self._admitted(permit.model, now)
        if patient.era != permit.era:
            return
        patient.count(now, has_failed=True)
        _take_leave(patient, permit, is_well=False)
        if patient.until is None:
            patient.failures += 1
            patient.flaps = patient.failures < FAILURES_IN_A_ROW and patient.fails_half_of_the_time
        is_out = permit.is_probe or (patient.until is None and (patient.flaps or patient.failures >= FAILURES_IN_A_ROW))
        if is_out:
            length = EJECTIONS_S[min(patient.ejections, len(EJECTIONS_S) - 1)]
            patient.until = now + length * jitter
            patient.ejections += 1
            patient.failures = 0
            patient.probe_since = patient.recovery = None
            patient.era += 1
            self._publish()

    def suspected(self, model: str, now: float, *, jitter: float) -> None:
        """The failure of another model is one of ``model``, too: its key, for example, is no longer taken."""
        patient = self.patients.get(model)
        if patient is None or patient.until is None:
            self.failed(Permit(model, 0 if patient is None else patient.era), now, jitter=jitter)

    def left(self, permit: Permit) -> None:
        """The attempt says nothing about the model: the caller left, or the provider asked for patience."""
        patient = self.patients.get(permit.model)
        if patient is not None and patient.era == permit.era:
            _take_leave(patient, permit, is_well=False)
            if permit.is_probe:
                patient.probe_since = None

    def sweep(self, now: float) -> None:
        """Forgets the models that have been well for long."""
        for model, patient in tuple(self.patients.items()):
            patient.decay(now)
            if patient.is_well:
                del self.patients[model]

    def forget(self, models: Iterable[str]) -> None:
        """These are well again: what is known of them is of another place."""
        for model in models:
            self.patients.pop(model, None)
        self._publish()

    def _admitted(self, model: str, now: float) -> Patient:
        if len(self.patients) >= REMEMBERED:
            del self.patients[next(iter(self.patients))]
            self._publish()
        patient = self.patients[model] = Patient(now)
        return patient

    def _publish(self) -> None:
        ejected = {model: patient.until for model, patient in self.patients.items() if patient.until is not None}
        self.ejected = MappingProxyType(ejected)


def _is_running(since: float | None, now: float) -> bool:
    return since is not None and now < since + PROBE_LEASE_S


def _turn(patient: Patient, now: float) -> int:
    recovery = patient.recovery
    if recovery is None:
        return 0
    if recovery.is_over(now):
        patient.recovery = None
        return 0
    return recovery.begin()


def _take_leave(patient: Patient, permit: Permit, *, is_well: bool) -> None:
    if permit.turn and patient.recovery is not None:
        patient.recovery.end(permit.turn, is_well=is_well)
