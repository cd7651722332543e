"""What an answer cost, told to the caller beside it; a stream has sent its head before that is known."""

from __future__ import annotations

from plano.domain.attempt import Answered
from plano.gateway import Completion
from plano.observe.cost import PLACES, UNKNOWN, accounted, answer_cost
from plano.server.answering.reply import Reply

COST_FIELD = "x-plano-cost-usd"

_PLAINLY_WRITTEN = 1e-4
"""USD. From here on Python writes a number without an exponent; nobody pays so much for an answer that it has one."""

ASKED_BY = "x-plano-cost"
"""The request field that asks for the cost of a stream."""


def cost_field(reply: Reply, completion: Completion) -> tuple[tuple[str, str], ...]:
    """The response field with the cost of a whole answer, ``?`` where it is unknown; none for a refusal."""
    shown = _shown_cost(reply, completion)
    return () if shown is None else ((COST_FIELD, shown),)


def cost_comment(reply: Reply, completion: Completion) -> bytes:
    """What a caller who asked for it gets behind the terminal event of a stream; else nothing.

    A comment, so that no client takes it for an event (WHATWG HTML section 9.2.6: a line that begins with a colon is
    ignored), and on demand, so that every other stream ends with the last byte of its dialect.
    """
    if reply.fields.get(ASKED_BY, "").strip().lower() != "on":
        return b""
    shown = _shown_cost(reply, completion)
    return b"" if shown is None else f": {COST_FIELD} {shown}\n\n".encode()


def _shown_cost(reply: Reply, completion: Completion) -> str | None:
    answer, receipt = completion.answer, completion.receipt
    if answer is None or not isinstance(receipt.outcome, Answered):
        return None
    model, usage = receipt.tries[-1].model, answer.usage()
    if usage is not None and usage.is_estimated:
        usage = accounted(reply.decision, model, usage)
    usd = reply.cost_usd = answer_cost(reply.decision, model, usage)
    if usd is None:
        return UNKNOWN
    # Of such a number the shortest form that reads back is the one without zeros behind it.
    shown = repr(usd).removesuffix(".0") if usd >= _PLAINLY_WRITTEN else f"{usd:.{PLACES}f}".rstrip("0").rstrip(".")
    return f"{shown} estimated" if usage is not None and usage.is_estimated else shown
