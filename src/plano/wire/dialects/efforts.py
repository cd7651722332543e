"""How much a model thinks: words and budgets of tokens.

The words are OpenAI's and Anthropic's; the budgets lie between those in both vendors' examples, and only their order
matters to a caller.
"""

from __future__ import annotations

from plano.wire.canonical.request import Effort

MIN_BUDGET = 1024
"""Tokens; the least that Anthropic takes."""

WORDS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""OpenAI's."""

_WORDS = (("low", 2048), ("medium", 8192))
"""For budgets: these and ``high`` are the words that every host takes."""

_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 24576, "max": 32768}


def word(effort: Effort) -> str | None:
    """The word for an effort, None when none was named and none follows."""
    if effort.effort is not None:
        return effort.effort
    if effort.budget is None:
        return None
    return next((name for name, budget in _WORDS if effort.budget <= budget), "high")


def budget(effort: Effort, limit: int) -> int | None:
    """Tokens to think with where the whole answer has ``limit``; None when there is no room to think.

    A quarter of the limit is left for the answer itself.
    """
    wanted = effort.budget if effort.budget is not None else _BUDGETS.get(effort.effort or "medium", _BUDGETS["medium"])
    if limit <= MIN_BUDGET:
        return None
    if effort.budget is not None and effort.budget < limit:
        return max(MIN_BUDGET, effort.budget)
    return max(MIN_BUDGET, min(wanted, limit * 3 // 4))
