"""The 16 failover faults once more: ``plano.run`` around an official client, without a gateway in between.

The grades are those of ``test_failover``. The function that is run streams, and takes a stream without its finish for a
failure; nothing else of what follows is its business.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx2
import openai
import pytest

from plano import AsyncPlano, Plano, RoutingDecision, ServerError
from plano.client.chain import Callee
from plano.mock.behaviour import Pace
from plano.mock.provider import MockProvider
from plano.mock.said import answer
from tests.faults.test_failover import PROMPT, Grade
from tests.faults.timelapse import TimelapseLoop, timelapse

pytestmark = pytest.mark.timeout(300)

FIRST, SECOND = "openai/gpt-4o", "openai/gpt-4.1"
"""The second one is known to take longer prompts."""

DECISION = RoutingDecision({"models": [FIRST, SECOND], "route": "code", "trace_id": "0" * 31 + "1"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole answer. ``tokens``: as its provider counted them."""

    model: str
    text: str
    tokens: int | None


class Pair:
    """Two providers, the first of which may be troubled, and the function that a user writes."""

    def __init__(self) -> None:
        self.first = MockProvider(pace=Pace(tokens_per_s=100.0))
        self.second = MockProvider(pace=Pace(tokens_per_s=100.0))

    async def call_llm(self, model: Callee) -> Heard:
        """A stream of one model, read to its finish."""
        mock = self.first if model == FIRST else self.second
        client = openai.AsyncOpenAI(
            base_url=f"http://127.0.0.1:{mock.port}/v1",
            api_key="k",
            max_retries=0,
            timeout=httpx2.Timeout(model.limit_s, read=model.first_token_s),
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False),
        )
        text, finish, tokens = "", None, None
        async with client:
            stream = await client.chat.completions.create(
                model=model.partition("/")[2],
                messages=[{"role": "user", "content": PROMPT}],
                stream=True,
                stream_options={"include_usage": True},
            )
            async for chunk in stream:
                tokens = chunk.usage.completion_tokens if chunk.usage is not None else tokens
                for choice in chunk.choices:
                    text += choice.delta.content or ""
                    finish = choice.finish_reason or finish
        if finish is None:
            raise ServerError("the stream ended before its answer did")
        return Heard(model, text, tokens)


class Stage:
    """A pair of providers on a loop whose clock jumps, and one of the two clients."""

    def __init__(self, loop: TimelapseLoop, *, is_async: bool) -> None:
        self.loop = loop
        self.pair = Pair()
        self._clients = (AsyncPlano("http://unused"), Plano("http://unused"))
        self._is_async = is_async

    def run(self) -> Heard:
        """One run. Raises what the client raises."""
        client, blocking = self._clients
        if self._is_async:
            return self.loop.run_until_complete(client.run(DECISION, self.pair.call_llm))
        return blocking.run(DECISION, lambda model: self.loop.run_until_complete(self.pair.call_llm(model)))

    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def scene(self, *words: str) -> Scene:
        """One run while the first model does ``words``."""
        self.pair.first.script("gpt-4o", words)
        began = time.monotonic()
        heard: Heard | Exception
        try:
            heard = self.run()
        except Exception as error:
            heard = error
        return Scene(self.pair, heard, time.monotonic() - began)

    def close(self) -> None:
        """Stops the providers."""
        self.pair.first.stop()
        self.pair.second.stop()
        self.loop.run_until_complete(self._clients[0].aclose())
        self._clients[1].close()
        self.wait(0.05)


@dataclass(frozen=True, slots=True)
class Scene:
    """One run and its end."""

    pair: Pair
    heard: Heard | Exception
    seconds: float

    @property
    def attempts(self) -> int:
        """On the first model."""
        return len(self.pair.first.calls)

    @property
    def model(self) -> str:
        """Who answered."""
        return self.heard.model if isinstance(self.heard, Heard) else ""

    @property
    def is_whole(self) -> bool:
        """Is it all of what that one said in one of its attempts?"""
        if not isinstance(self.heard, Heard):
            return False
        request = {"model": self.model.partition("/")[2], "messages": [{"role": "user", "content": PROMPT}]}
        return self.heard.text in [answer(request, b"", attempt=number).text for number in (1, 2, 3)]

    def grade(self, *, conduct: bool = True, in_time: bool = True) -> Grade:
        """Of a fault whose best end is the whole answer."""
        if not in_time or (isinstance(self.heard, Heard) and not self.is_whole):
            return "fail"
        if self.is_whole:
            return "pass" if conduct else "partial"
        return "safe"


def outage(stage: Stage) -> Grade:
    """503 for 60 s, a request every 4 s: all served, the first one left alone, and used again soon."""
    stage.pair.first.script("gpt-4o", ["503"])
    ends = stage.loop.call_later(60, stage.pair.first.script, "gpt-4o", ["ok"])
    models = []
    for _ in range(30):
        models.append(stage.run().model)
        stage.wait(4)
    ends.cancel()
    in_outage = sum(entry.word == "status" for entry in stage.pair.first.ledger.entries)
    return "pass" if in_outage <= 10 and set(models[-8:]) == {FIRST} else "partial"


def refused(stage: Stage) -> Grade:
    """By policy: what the provider says reaches the caller, and nobody else is asked."""
    one = stage.scene("content-filter")
    is_told = isinstance(one.heard, openai.BadRequestError) and not stage.pair.second.calls
    return "pass" if is_told else "partial" if one.is_whole else "fail"


def _scene(*words: str, conduct: Callable[[Scene], bool] = lambda _one: True, within_s: float = 1e9) -> Play:
    def play(stage: Stage) -> Grade:
        one = stage.scene(*words)
        return one.grade(conduct=conduct(one), in_time=one.seconds <= within_s)

    return play


Play = Callable[[Stage], Grade]

FAULTS: dict[str, Play] = {
    "S01": _scene("429-retry-after-2", "ok", conduct=lambda one: one.model == FIRST and one.seconds >= 1.8),
    "S02": _scene("429", conduct=lambda one: one.attempts <= 4),
    "S03": _scene("500", "ok", conduct=lambda one: one.model == FIRST),
    "S04": _scene("503", conduct=lambda one: one.attempts <= 6),
    "S05": _scene("reset", "ok"),
    "S06": _scene("silence", conduct=lambda one: one.attempts == 1 and one.seconds <= 100),
    "S07": _scene("slow-20", conduct=lambda one: one.seconds <= 15),
    "S08": _scene("cut-after-40"),
    "S09": _scene("stall-after-20-for-30", "ok", within_s=45),
    "S10": _scene("malformed-after-5"),
    "S11": _scene("no-done", within_s=8),
    "S12": _scene("context-length", conduct=lambda one: one.attempts == 1 and one.model == SECOND),
    "S13": refused,
    "S14": _scene(
        "cut-after-40", conduct=lambda one: not any(b'"assistant"' in call.body for call in one.pair.second.calls)
    ),
    "S15": outage,
    "S16": _scene("503", conduct=lambda one: isinstance(one.heard, Heard) and one.heard.tokens is not None),
}


@contextlib.contextmanager
def staged(monkeypatch: pytest.MonkeyPatch, *, is_async: bool) -> Iterator[Stage]:
    """A stage; the blocking client sleeps by its clock."""
    with timelapse() as loop:
        stage = Stage(loop, is_async=is_async)
        monkeypatch.setattr(time, "sleep", stage.wait)
        for mock in (stage.pair.first, stage.pair.second):
            loop.run_until_complete(mock.start())
        try:
            yield stage
        finally:
            stage.close()


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("name", FAULTS)
def test_all_pass(name: str, is_async: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """16 of 16, by the same loop and the same table as in the gateway."""
    with staged(monkeypatch, is_async=is_async) as stage:
        assert FAULTS[name](stage) == "pass"
