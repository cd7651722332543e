"""Where parts meet: a refusal and a candidate that cannot take part, a reload and what was built before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plano.domain.attempt import Attempt, Outcome, Receipt, Refused, Try, Unfit
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import SKIPPED
from plano.domain.model import ModelTable
from plano.domain.request import Call
from plano.domain.route import NO_ROUTES
from plano.errors import InvalidRequest
from plano.gateway import Gateway, Policy
from plano.ports import Answer
from plano.signals.board import Board
from tests.test_gateway import MODELS, WISHES, FakeClock, request_for

OVERFLOW = Refused(400, overflows=True)
UNFIT = Unfit(InvalidRequest("n: 2 answers at once", param="n"))


class _InTurn:
    """An upstream that ends one attempt after the other as told, with an answer where it is a refusal."""

    def __init__(self, *endings: Outcome) -> None:
        self._endings = iter(endings)

    async def perform(self, attempt: Attempt, _call: Call) -> tuple[Outcome, Answer | None]:
        """The next ending."""
        outcome = next(self._endings)
        said = Answer(400, (), f"too long for {attempt.candidate.model.name}".encode())
        return outcome, said if isinstance(outcome, Refused) else None


async def test_a_prompt_that_is_too_long_and_has_no_words_elsewhere() -> None:
    """The refusal of the one that was asked is the answer: it used to get lost, and the caller saw a 500."""
    models = [replace(MODELS.models[name], prompt_limit=limit) for name, limit in (("p/a", 100), ("p/b", 200))]
    clock = FakeClock()
    policy = Policy(ModelTable({model.name: model for model in models}), NO_ROUTES)
    gateway = Gateway(policy, board=Board(), clock=clock, jitter=lambda: 1.0)
    candidates = tuple(Candidate(model, place) for place, model in enumerate(models, 1))
    call = Call(request_for(), (), WISHES.trace_id, received_at=clock.time)
    decision = Decision(None, WISHES.trace_id, candidates, SKIPPED)
    done = await gateway.complete(call, decision, _InTurn(OVERFLOW, UNFIT))
    assert done.answer is not None
    assert (done.answer.body, str(done.receipt), done.receipt.model) == (
        b"too long for p/a",
        "p/a=400, p/b=unfit",
        "p/a",
    )


@pytest.mark.parametrize("reason", ["held", "ejected", "unfit"])
def test_a_refusal_is_shown_as_of_the_model_that_refused(reason: str) -> None:
    """Not as of the one behind it, which takes longer prompts and was not asked."""
    assert Receipt((Try("p/a", "400"), Try("p/b", reason)), OVERFLOW).model == "p/a"
