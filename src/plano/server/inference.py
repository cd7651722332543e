"""Asking the classifier without ever blocking the event loop.

A remembered answer is given at once. Anything else goes to one thread, in order; a request waits for it at most the
router's deadline and is then decided as "no route", said so. The answer is still remembered for the next one.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from plano.domain.conversation import Conversation
from plano.domain.intent import Intent, Question, degraded
from plano.domain.route import Route
from plano.ports import Classifier
from plano.server.process import step_back

DEADLINE_S = 0.3
MAX_WAITING = 256

MAX_RECENT = 512
LONGEST_RECENT = 4_096
"""Characters. The last short conversations are known again by their own words: a digest of them costs ten times that.

In all 2 MB of text, twice that where it is not Latin.
"""


class Inference:
    """A classifier behind a thread, with a bounded queue. ``deadline_s``: how long an answer may take.

    ``classifier``: None where nobody asks it, because a model decides every route.
    """

    def __init__(self, classifier: Classifier | None, *, deadline_s: float = DEADLINE_S) -> None:
        self.classifier = classifier
        self.deadline_s = deadline_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="plano-router", initializer=step_back)
        self._waiting = 0
        self._recent: dict[tuple[int, Conversation], tuple[Classifier, tuple[Route, ...], Intent]] = {}

    def recall(self, question: Question) -> Intent | None:
        """The remembered answer, or None. Never raises for the router's sake."""
        classifier = self.classifier
        if classifier is None:
            return None
        # Routes are known again by identity: comparing them would cost more than the rest.
        key = id(question.routes), question.conversation
        known = self._recent.get(key)
        if known is not None and known[0] is classifier and known[1] is question.routes:
            return known[2]
        try:
            intent = classifier.recall(question)
        except Exception:
            return degraded("broken")
        if intent is not None and sum([len(turn.text) for turn in question.conversation.turns]) <= LONGEST_RECENT:
            if len(self._recent) >= MAX_RECENT:
                self._recent.clear()
            self._recent[key] = classifier, question.routes, intent
        return intent

    async def answer(self, question: Question) -> Intent:
        """The intent; degraded when the router is late, overloaded or broken. Never raises for the router's sake."""
        classifier = self.classifier
        if classifier is None:
            return degraded("broken")
        if self._waiting >= MAX_WAITING:
            return degraded("overloaded")
        self._waiting += 1
        work = asyncio.get_running_loop().run_in_executor(self._thread, classifier.classify, question)
        work.add_done_callback(self._left_queue)
        # Whoever stops waiting leaves the work as it is: its answer is for the next one.
        await asyncio.wait((work,), timeout=self.deadline_s)
        if not work.done():
            return degraded("late")
        return degraded("broken") if work.cancelled() or work.exception() is not None else work.result()

    def close(self) -> None:
        """Stops the thread after the work in progress."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _left_queue(self, work: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if not work.cancelled():
            work.exception()
