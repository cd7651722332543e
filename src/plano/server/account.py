"""What a whole answer cost, told to the caller beside it; a stream has sent its head before that is known."""

from __future__ import annotations

from plano.domain.attempt import Answered
from plano.gateway import Completion
from plano.observe.cost import PLACES, UNKNOWN, answer_cost
from plano.server.reply import Reply

COST_FIELD = "x-plano-cost-usd"


def cost_field(reply: Reply, completion: Completion) -> tuple[tuple[str, str], ...]:
    """The response field with the cost of a whole answer, ``?`` where it is unknown; none for a refusal."""
    answer, receipt = completion.answer, completion.receipt
    if answer is None or not isinstance(receipt.outcome, Answered):
        return ()
    usd = reply.cost_usd = answer_cost(reply.decision, receipt.tries[-1].model, answer.usage())
    return ((COST_FIELD, UNKNOWN if usd is None else f"{usd:.{PLACES}f}".rstrip("0").rstrip(".")),)
