"""Chaotic requests: the fault each one meets is drawn by chance, and told to the providers by a mark in the prompt."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.caller import Got, ask
from tests.faults.cases import APIS, PATHS
from tests.faults.stories import Api, Story, plain_story, stream_story

FAULTS: Mapping[str, float] = {
    "ok": 70, "500": 2, "503": 2, "529": 1, "502-html": 1, "429-retry-ms-20": 2, "408": 0.5, "400": 1, "402": 0.5,
    "content-filter": 0.5, "context-length": 1, "reset": 2, "hang-up": 2, "garbage": 0.5, "redirect": 0.5, "html": 1,
    "null": 0.5, "blank": 0.5, "error-body": 1, "short-after-2": 1, "unended-after-2": 1, "close-after-2": 1,
    "cut-after-2": 2, "error-after-0": 0.5, "error-after-3": 1, "malformed-after-2": 1, "cut-at-end": 1, "no-done": 1,
    "no-finish": 1, "twice": 1, "spelled-crlf": 0.5, "spelled-gzip": 0.5, "slow-0.05": 1,
}  # fmt: skip
"""Weight of each word. Silence is left to the tests, where time is cheap."""

LEAVING = 0.05
"""The share of callers that leave at some moment of the first tenth of a second."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and what the caller has of it. ``got``: None when it left."""

    number: int
    api: Api
    is_stream: bool
    got: Got | None

    @property
    def mark(self) -> str:
        """What the providers know it by."""
        return f"mark-{self.number:x}"

    @property
    def trace_id(self) -> str:
        """What everybody knows it by."""
        return f"{self.number + 1:032x}"

    @property
    def story(self) -> Story | None:
        """What the caller makes of its answer."""
        if self.got is None:
            return None
        if self.got.status != 200:
            return Story(errors=[json.loads(self.got.body)["error"]])
        return (stream_story if self.is_stream else plain_story)(self.api, self.got.body)


class Chance:
    """Draws requests and their faults; the same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def words(self, count: int) -> list[str]:
        """The faults of as many attempts."""
        return self._random.choices(list(FAULTS), weights=list(FAULTS.values()), k=count)

    def form(self) -> tuple[Api, bool]:
        """Which API, and whether it is streamed."""
        return self._random.choice(APIS), self._random.random() < 0.7

    def leaves_after(self) -> float | None:
        """Seconds after which the caller leaves, None when it stays."""
        return self._random.random() / 10 if self._random.random() < LEAVING else None

    def moment(self) -> float:
        """Seconds after which a caller leaves that does."""
        return self._random.random() / 10

    def order(self, models: tuple[str, ...]) -> list[str]:
        """Two or three of the models, in any order."""
        return self._random.sample(models, k=self._random.choice((2, 3)))


async def one(port: int, number: int, models: list[str], form: tuple[Api, bool], leaves_after: float | None) -> Asked:
    """One request, until its answer is there or the caller has left."""
    api, is_stream = form
    asked = Asked(number, api, is_stream, None)
    fields = {"traceparent": f"00-{asked.trace_id}-00f067aa0ba902b7-01"}
    got = None
    with suppress(TimeoutError):
        async with asyncio.timeout(leaves_after):
            got = await ask(port, PATHS[api], _body(asked, models), fields)
    return Asked(number, api, is_stream, got)


def _body(asked: Asked, models: list[str]) -> bytes:
    turns = [{"role": "user", "content": f"{asked.mark} say something of some ten words please"}]
    said = {"input": turns} if asked.api == "responses" else {"messages": turns}
    limit = {"max_tokens": 100} if asked.api == "messages" else {}
    usage = {"stream_options": {"include_usage": True}} if asked.api == "chat" and asked.is_stream else {}
    route = {"name": "code", "description": "code", "models": models}
    body = {"model": models[0], "stream": asked.is_stream, "routing_preferences": [route], **said, **limit, **usage}
    return json.dumps(body).encode()
