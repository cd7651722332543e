"""A real language model as the router, small and not made for it: whatever it says, a decision comes of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Question, RouterDialect
from plano.routing.model import RouterModel

from . import small_model
from .test_model import CHAT, CODE, ROUTES, ask, router

ONE_OF_THEM = f'root ::= "{{\\"route\\": [\\"" ("{CODE}" | "{CHAT}") "\\"]}}"'
PROMPTS = ("write a sorting algorithm in Python", "who was the first man on the moon?")
PATIENT_S = 120.0

pytestmark = pytest.mark.timeout(300)


@contextmanager
def served(*grammar: str) -> Iterator[int]:
    """The port of the model's server, which is another process."""
    command = [sys.executable, small_model.__file__, *grammar]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        port = None
        for line in process.stdout:
            if line.startswith("http://"):
                port = urlsplit(line.strip()).port
                break
        assert port is not None
        try:
            yield port
        finally:
            process.stdin.close()
            process.stdout.close()
            process.terminate()


@pytest.fixture(scope="module")
def free() -> Iterator[int]:
    """It says what comes to its mind."""
    with served() as port:
        yield port


@pytest.fixture(scope="module")
def bound() -> Iterator[int]:
    """It can say nothing but one of the two routes."""
    with served(ONE_OF_THEM) as port:
        yield port


def question(text: str) -> Question:
    return Question(Conversation((Turn("user", text),)), ROUTES)


@pytest.mark.parametrize("dialect", ["plano-orchestrator", "arch-router"])
@pytest.mark.parametrize("text", PROMPTS)
async def test_free_speech(free: int, dialect: RouterDialect, text: str) -> None:
    """A real server takes the request, and its answer is read: an offered route, none, or nothing that can be read."""
    intent = await ask(router(free, dialect=dialect, deadline_s=PATIENT_S), question(text))
    assert intent.route in (None, CODE, CHAT)
    assert intent.asked is not None
    assert intent.asked.ending in ("answered", "unreadable")
    assert (intent.router == "ok") == (intent.asked.ending == "answered")


@pytest.mark.parametrize("text", PROMPTS)
async def test_a_route_of_its_own_choice(bound: int, text: str) -> None:
    """Where the server sees to the form of the answer, every answer is a route."""
    intent = await ask(router(bound, deadline_s=PATIENT_S), question(text))
    assert intent.route in (CODE, CHAT)
    assert intent.said_by == "plano/r"


async def test_too_slow(bound: int) -> None:
    """At its deadline the decision comes without it, and the next question is answered again."""
    model: RouterModel = router(bound, deadline_s=0.02)
    late = await ask(model, question("summarise this: " + "the quick brown fox " * 400))
    assert late.trouble in ("timeout", "connect_timeout")
    model.deadline_s = PATIENT_S
    assert (await ask(model, question(PROMPTS[0]))).router == "ok"
