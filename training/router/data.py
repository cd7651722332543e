"""What the router is trained on, read once: tasks, conversations, labelled cases, coarse domains."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import corpus as reading
from corpus import FITTED_SETS, Case, Task, conversations, labelled

LEFT_OUT_SHARE = 0.12
"""Of the groups of tasks and of the conversations: never trained on, kept for calibration and measurement."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A coarse route: it covers every task of its groups."""

    id: str
    groups: tuple[str, ...]
    names: tuple[str, ...]
    descriptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """``dialogues`` and ``sets``: cases that share their routes, together."""

    tasks: tuple[Task, ...]
    domains: tuple[Domain, ...]
    dialogues: tuple[tuple[Case, ...], ...]
    sets: tuple[tuple[Case, ...], ...]


def is_left_out(key: str) -> bool:
    """Is this group or conversation kept away from training? By a digest, so new data changes no old decision."""
    return hashlib.sha256(key.encode()).digest()[0] < 256 * LEFT_OUT_SHARE


def written(corpus: Path) -> list[Task]:
    """Every task with its basic requests."""
    return reading.tasks(corpus, Path(__file__).parent / "basics.json")


def domains(file: Path) -> tuple[Domain, ...]:
    """The coarse domains."""
    rows = [json.loads(line) for line in file.open(encoding="utf-8")]
    return tuple(Domain(row["id"], *(tuple(row[key]) for key in ("groups", "names", "descriptions"))) for row in rows)


def material(corpus: Path, labelled_folder: Path | None, *, seen: float = 1.0) -> Material:
    """What is trained on.

    ``seen``: the share of tasks used, by digest. ``labelled_folder``: sets whose dev splits are used too.
    """
    known = [task for task in written(corpus) if not is_left_out(task.group) and share(task.id) < seen]
    spoken = [group for group in together(conversations(corpus)) if not is_left_out(_policy_key(group[0]))]
    return Material(
        tasks=tuple(known),
        domains=domains(Path(__file__).parent / "coarse.jsonl"),
        dialogues=tuple(spoken),
        sets=() if labelled_folder is None else tuple(_dev_sets(labelled_folder)),
    )


def left_out(corpus: Path) -> tuple[list[Task], list[Case]]:
    """Tasks and conversation turns that training never sees."""
    apart = [task for task in written(corpus) if is_left_out(task.group)]
    groups = [group for group in together(conversations(corpus)) if is_left_out(_policy_key(group[0]))]
    return apart, [case for group in groups for case in group]


def together(cases: Iterable[Case]) -> list[tuple[Case, ...]]:
    """The cases by the routes that they offer, in order of appearance."""
    groups: dict[object, list[Case]] = {}
    for case in cases:
        groups.setdefault((case.source, case.routes), []).append(case)
    return [tuple(group) for group in groups.values()]


def normal(text: str) -> str:
    """The text without case, punctuation and spacing: what counts as the same request."""
    return "".join(char for char in text.lower() if char.isalnum())


def _dev_sets(folder: Path) -> list[tuple[Case, ...]]:
    """The dev cases, without those whose last turn also stands in a test split."""
    cases = [case for name in FITTED_SETS for case in labelled(folder, name)]
    tested = {normal(case.request) for case in cases if case.split == "test"}
    return together(case for case in cases if case.split == "dev" and normal(case.request) not in tested)


def _policy_key(case: Case) -> str:
    return "|".join(route.name + route.description for route in case.routes)


def share(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[4:8], "big") / 2**32


def lines(name: str) -> Sequence[str]:
    """The lines of a file beside this one."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
