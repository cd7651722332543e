"""A gateway before two providers, the first of which may be troubled: what the tests of conduct talk to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

from plano.config.load import load_text
from plano.domain.failover import Failover
from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.domain.secret import Secret
from plano.mock.behaviour import Pace
from plano.mock.provider import MockProvider
from plano.observe.log import Log
from plano.server.app import App
from tests.faults.caller import Got, ask
from tests.faults.cases import PATHS
from tests.faults.stories import Api, Story, plain_story, stream_story
from tests.faults.theatre import CONFIG, SPOKEN, Router

FIRST, SECOND = "openai/first", "openai/second"
LIMIT, LARGER_LIMIT = 100_000, 200_000
"""Tokens of a prompt that each of them takes."""

AS_SHIPPED = Failover()


class Duo:
    """``first`` and ``second``: the providers, in the order in which they are asked; the second takes longer prompts.

    Served while it is entered.
    """

    def __init__(self, *, tokens_per_s: float = 100.0, failover: Failover = AS_SHIPPED) -> None:
        self._failover = failover
        self.first = MockProvider(pace=Pace(tokens_per_s=tokens_per_s))
        self.second = MockProvider(pace=Pace(tokens_per_s=tokens_per_s))
        self._app: App | None = None

    async def __aenter__(self) -> Duo:
        await self.first.start()
        await self.second.start()
        limits = (LIMIT, LARGER_LIMIT)
        models = [
            Model(name, "openai", name.partition("/")[2], self._endpoint(mock.port), prompt_limit=limit)
            for name, mock, limit in zip((FIRST, SECOND), (self.first, self.second), limits, strict=True)
        ]
        written = load_text(CONFIG, {})
        listener = replace(written.listeners[0], max_retries=self._failover.max_retries)
        table = ModelTable({model.name: model for model in models})
        settings = replace(written, models=table, listeners=(listener,), failover=self._failover)
        self._app = App(settings, log=Log(None), classifier=Router())
        await self._app.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._app is not None
        self._app.close()
        self.first.stop()
        self.second.stop()
        await asyncio.sleep(0.05)

    @property
    def port(self) -> int:
        """Of the gateway."""
        assert self._app is not None
        return self._app.ports[0]

    async def ask(
        self, api: Api = "chat", prompt: str = "hi", *, is_stream: bool = True, models: Sequence[str] = (FIRST, SECOND)
    ) -> Got:
        """The answer to one request."""
        return await ask(self.port, PATHS[api], body_of(api, prompt, is_stream=is_stream, models=models), {})

    @staticmethod
    def _endpoint(port: int) -> Endpoint:
        (dialect, path), *others = SPOKEN["openai"]
        origin = Origin("http", "127.0.0.1", port)
        return Endpoint(origin, path, "x", dialect=dialect, others=tuple(others), key=Secret("k"))


def body_of(api: Api, prompt: str, *, is_stream: bool, models: Sequence[str]) -> bytes:
    """A request for these models in this order."""
    turns = [{"role": "user", "content": prompt}]
    asked = {"input": turns} if api == "responses" else {"messages": turns}
    limit = {"max_tokens": 100} if api == "messages" else {}
    usage = {"stream_options": {"include_usage": True}} if api == "chat" and is_stream else {}
    route = {"name": "code", "description": "code", "models": list(models)}
    body = {"model": models[0], "stream": is_stream, "routing_preferences": [route], **asked, **limit, **usage}
    return json.dumps(body).encode()


def story_of(api: Api, got: Got, *, is_stream: bool) -> Story:
    """What the caller makes of an answer."""
    if got.status != 200:
        return Story(errors=[json.loads(got.body)["error"]])
    return stream_story(api, got.body) if is_stream else plain_story(api, got.body)
