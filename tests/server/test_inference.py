"""The classifier behind its thread: late, broken or overloaded, a decision still comes."""

from __future__ import annotations

import asyncio
import threading

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Intent, Question, degraded
from plano.domain.route import Route
from plano.intent.fixed import FixedClassifier
from plano.server import inference
from plano.server.inference import Inference

QUESTION = Question(Conversation((Turn("user", "hi"),)), (Route("a", "b", ("m",)),))


class SlowClassifier(FixedClassifier):
    """Answers when the gate is opened; remembers what it answered."""

    def __init__(self) -> None:
        super().__init__(default="a")
        self.gate = threading.Event()
        self.known: Intent | None = None

    def recall(self, question: Question) -> Intent | None:
        return self.known

    def classify(self, question: Question) -> Intent:
        self.gate.wait(10)
        self.known = super().classify(question)
        return self.known


async def test_late_is_degraded_and_remembered_for_the_next() -> None:
    """The deadline passes: no route, said so; the answer still arrives for the next request."""
    classifier = SlowClassifier()
    asked = Inference(classifier, deadline_s=0.02)
    assert await asked.answer(QUESTION) == degraded("late")
    classifier.gate.set()
    while classifier.known is None:  # noqa: ASYNC110 - another thread sets it
        await asyncio.sleep(0)
    known = asked.recall(QUESTION)
    assert known is not None
    assert known.route == "a"
    asked.close()


async def test_the_loop_is_never_blocked() -> None:
    """While the router thinks, the event loop goes on."""
    classifier = SlowClassifier()
    asked = Inference(classifier, deadline_s=5.0)
    waiting = asyncio.create_task(asked.answer(QUESTION))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not waiting.done()
    classifier.gate.set()
    assert (await waiting).route == "a"
    asked.close()


async def test_broken_is_degraded() -> None:
    """Whatever the router raises."""
    asked = Inference(FixedClassifier(fault=MemoryError()), deadline_s=5.0)
    assert await asked.answer(QUESTION) == degraded("broken")
    asked.close()


async def test_a_full_queue_is_degraded_at_once() -> None:
    """Beyond the bound nobody waits."""
    classifier = SlowClassifier()
    asked = Inference(classifier, deadline_s=5.0)
    waiting = [asyncio.create_task(asked.answer(QUESTION)) for _ in range(inference.MAX_WAITING)]
    await asyncio.sleep(0)
    assert await asked.answer(QUESTION) == degraded("overloaded")
    classifier.gate.set()
    assert {intent.route for intent in await asyncio.gather(*waiting)} == {"a"}
    asked.close()


class Counting(FixedClassifier):
    """Remembers everything, and counts how often it was asked what it remembers."""

    asked = 0

    def recall(self, question: Question) -> Intent | None:
        self.asked += 1
        return super().classify(question)


def test_the_last_short_conversations_are_at_hand() -> None:
    """The same words about the same routes are not looked up twice; other words, other routes and long ones are."""
    classifier = Counting(default="a")
    asked = Inference(classifier)
    same = Question(Conversation((Turn("user", "hi"),)), QUESTION.routes)
    others = (
        Question(Conversation((Turn("assistant", "hi"),)), QUESTION.routes),
        Question(same.conversation, (Route("a", "another", ("m",)),)),
        Question(Conversation((Turn("user", "x" * (inference.LONGEST_RECENT + 1)),)), QUESTION.routes),
    )
    assert asked.recall(QUESTION) is asked.recall(same)
    assert classifier.asked == 1
    for question in others:
        asked.recall(question)
    asked.recall(others[2])
    assert classifier.asked == 5
    asked.close()


def test_what_is_at_hand_is_bounded() -> None:
    """However many conversations come, a fixed number of them is kept."""
    asked = Inference(Counting(default="a"))
    for number in range(inference.MAX_RECENT + 9):
        asked.recall(Question(Conversation((Turn("user", str(number)),)), QUESTION.routes))
        assert len(asked._recent) <= inference.MAX_RECENT
    asked.close()
