"""The routers of a configuration, asked where no event loop runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from plano.clock import SystemClock
from plano.config.load import load_text
from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Intent, Question
from plano.domain.route import Route
from plano.intent.fixed import FixedClassifier
from plano.routing.routers import Routers

from .scripted import Play, Scripted, completion, http, says, scripted, sends

QUESTION = Question(
    Conversation((Turn("user", "hi"),)), (Route("code", "new code", ("m",)), Route("talk", "b", ("m",)))
)


@contextmanager
def elsewhere(play: Play) -> Iterator[Scripted]:
    """The scripted server on a loop of its own, for callers that have none."""
    started, stop = threading.Event(), threading.Event()
    made: list[Scripted] = []

    async def serve() -> None:
        async with scripted(play) as server:
            made.append(server)
            started.set()
            await asyncio.get_running_loop().run_in_executor(None, stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        started.wait(20)
        yield made[0]
    finally:
        stop.set()
        thread.join(20)


def routers(port: int, kind: str, embedded: FixedClassifier | None = None) -> Routers:
    text = f"""
version: v0.4.0
model_providers:
  - {{model: plano/r, base_url: "http://127.0.0.1:{port}"}}
routing:
  router: {{type: {kind}, {"" if kind == "embedded" else "model: plano/r, deadline: 20s"}}}
"""
    return Routers.build(load_text(text, {}), SystemClock(), embedded=embedded)


class Unsure(FixedClassifier):
    """Says ``code`` with a probability in the middle."""

    def classify(self, question: Question) -> Intent:
        super().classify(question)
        return Intent("code", (("code", 0.4), ("talk", 0.1)), threshold=0.4, margin=0.3, text="hi")


def test_http_alone() -> None:
    """The model decides, and the embedded router is not even there."""
    with elsewhere(says('{"route": "talk"}')) as server:
        made = routers(server.port, "http", FixedClassifier(default="code"))
        assert made.embedded is None
        intent = made.blocking().classify(QUESTION)
    assert (intent.route, intent.said_by) == ("talk", "plano/r")


def test_embedded_alone() -> None:
    """Nothing of the model is made, and the classifier is the embedded one itself."""
    own = FixedClassifier(default="code")
    made = routers(1, "embedded", own)
    assert made.model is None
    assert made.blocking() is own


@pytest.mark.parametrize(("make", "route", "calls"), [(Unsure, "talk", 1), (FixedClassifier, "code", 0)])
def test_cascade(make: Callable[..., FixedClassifier], route: str, calls: int) -> None:
    """The model is asked where the embedded router is unsure, and not where it is sure."""
    with elsewhere(says('{"route": "talk"}')) as server:
        classifier = routers(server.port, "cascade", make(default="code")).blocking()
        assert classifier.recall(QUESTION) is None
        assert classifier.classify(QUESTION).route == route
        assert len(server.bodies) == calls


def test_another_threshold() -> None:
    """It holds for one configuration: the next one begins with the router as it was loaded."""
    text = "version: v0.4.0\nmodel_providers: [{model: plano/r, base_url: 'http://127.0.0.1:1'}]\n"
    own = Unsure(default="code")
    strict = Routers.build(load_text(text + "routing: {router: {threshold: 0.9}}\n", {}), SystemClock(), embedded=own)
    assert strict.blocking().classify(QUESTION).route is None
    assert Routers.build(load_text(text, {}), SystemClock(), embedded=strict.embedded).embedded is own


def test_inside_a_running_loop() -> None:
    """A caller whose thread runs a loop may ask too."""

    async def ask(port: int) -> Intent:
        return routers(port, "http").blocking().classify(QUESTION)

    with elsewhere(says('{"route": "code"}')) as server:
        assert asyncio.run(ask(server.port)).route == "code"


def test_notes() -> None:
    """While the model is not asked, that is worth a note."""
    busy = http(completion(""), status="429 Too Many Requests", more="retry-after: 60\r\n")
    with elsewhere(sends(busy)) as server:
        made = routers(server.port, "http")
        assert made.notes == []
        made.blocking().classify(QUESTION)
        assert made.notes == ["router_model plano/r held"]
