"""What the generations of Claude take, told by the name of a model.

From 4.1 on a request has a temperature or ``top_p``, not both; from 4.6 on models think by an effort, not by a budget;
from 4.6 on they go on with no turn of the model at the end, from 4.7 on they refuse budgets, and every setting of
sampling that is not the default
(https://platform.claude.com/docs/en/about-claude/models/migration-guide). Models that are not Anthropic's and speak its
dialect do as Claude did before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from plano.wire.dialects.fates import Ledger

_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)")
_FAMILY = "claude-"


@dataclass(frozen=True, slots=True)
class Generation:
    """``words``: of efforts it thinks by, none where it thinks by a budget. ``samples``: takes temperature and top_p?

    ``thinks_unasked``: unless it is told how, it thinks. ``shows_thoughts``: it does so without being asked to.
    ``goes_on``: with a turn of the model that ends the conversation.
    """

    words: tuple[str, ...] = ()
    samples: Literal["both", "one", "none"] = "both"
    thinks_unasked: bool = False
    shows_thoughts: bool = True
    goes_on: bool = True


_FIRST = Generation()
_FIVE = ("low", "medium", "high", "xhigh", "max")
_SINCE = (
    ((5, 0), Generation(_FIVE, "none", thinks_unasked=True, shows_thoughts=False, goes_on=False)),
    ((4, 7), Generation(_FIVE, "none", shows_thoughts=False, goes_on=False)),
    ((4, 6), Generation(("low", "medium", "high", "max"), "one", goes_on=False)),
    ((4, 1), Generation(samples="one")),
)


def generation_of(model: str) -> Generation:
    """The generation of a model; the newest where a Claude has no number, the first for all others."""
    found = _VERSION.search(model)
    if found is None:
        return _SINCE[0][1] if _FAMILY in model else _FIRST
    version = (int(found.group(1)), int(found.group(2) or 0))
    for since, generation in _SINCE:
        if version >= since:
            return generation
    return _FIRST


def keep_sampling(body: dict[str, Any], ledger: Ledger) -> None:
    """Takes out of ``body`` the settings of sampling that its model refuses, each with a warning unless it is 1."""
    samples = generation_of(ledger.target.model).samples
    refused: tuple[str, ...] = ()
    if samples == "none":
        refused = ("temperature", "top_p", "top_k")
    elif samples == "one" and "temperature" in body:
        refused = ("top_p",)
    for name in refused:
        value = body.pop(name, 1)
        if value != 1:
            because = "the target has no such setting" if samples == "none" else "the target takes a temperature alone"
            ledger.changed(name, f"dropped, {because}")
