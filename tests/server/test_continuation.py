"""Stored responses: who goes on from them, and what the official client is told where nobody can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.running import Running, running
from tests.server.golden import MODELS, Golden, golden
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES

KEEPER, OTHER, BESIDE = MODELS[RESPONSES], "four/other", "five/beside"
MORE = """\
  - model: four/other
    base_url: http://127.0.0.1:{port}
    provider_interface: openai_responses
    access_key: key-of-another-account
  - model: five/beside
    base_url: http://127.0.0.1:{port}
    provider_interface: openai_responses
    access_key: key-of-the-responses-host
"""


@pytest.fixture
def both() -> Iterator[tuple[Running, Golden]]:
    """A gateway with several models that speak the Responses API, and the provider behind it."""
    with golden() as provider, running(provider.config + MORE.format(port=provider.port), at_mock=False) as gateway:
        yield gateway, provider


def route_to(*models: str) -> dict[str, Any]:
    """Preferences that lead there."""
    return {"routing_preferences": [{"name": "code", "description": "writing code", "models": list(models)}]}


def create(gateway: Running, model: str, *, is_stream: bool = False, **more: Any) -> str:
    """The id of a response that the official client was given."""
    own = more.pop("extra_body", None)
    with openai.OpenAI(api_key="k", base_url=f"{gateway.url}/v1", max_retries=0) as client:
        made: Any = client.responses.create(model=model, input="hi", stream=is_stream, extra_body=own, **more)
        return str(
            next(each.response.id for each in list(made) if each.type == "response.completed") if is_stream else made.id
        )


@pytest.mark.parametrize("is_stream", [False, True])
def test_the_next_turn_goes_to_whoever_keeps_the_response(both: tuple[Running, Golden], is_stream: bool) -> None:
    """Whatever the ranking says by then: to candidates of that account, or to the model that made it."""
    gateway, provider = both
    kept = create(gateway, KEEPER, is_stream=is_stream)
    gateway.classifier.default = "code"
    create(gateway, OTHER, is_stream=is_stream, previous_response_id=kept, extra_body=route_to(OTHER, MODELS[CHAT]))
    create(gateway, OTHER, is_stream=is_stream, previous_response_id=kept, extra_body=route_to(OTHER, BESIDE))
    create(gateway, OTHER, is_stream=is_stream, extra_body=route_to(OTHER, BESIDE))
    assert [body["model"] for body in provider.bodies] == ["responses", "responses", "beside", "other"]
    assert provider.bodies[1]["previous_response_id"] == kept


def test_the_decision_says_so(both: tuple[Running, Golden]) -> None:
    """The same candidates, and for the others the reason."""
    gateway, _ = both
    kept = create(gateway, KEEPER)
    asked = {"model": OTHER, "input": "hi", "previous_response_id": kept}
    decided = gateway.post("/routing/v1/responses?explain=1", asked).json()
    assert decided["models"] == [KEEPER]
    candidates = decided["explanation"]["candidates"]
    assert [(each["model"], each["reason"]) for each in candidates] == [(KEEPER, None), (OTHER, "stored_elsewhere")]


def test_a_session_does_not_hold_it_back(both: tuple[Running, Golden]) -> None:
    """The model that a session stays with does not know the response: whoever keeps it is asked."""
    gateway, provider = both
    session = {"x-model-affinity": "s1"}
    assert gateway.post("/v1/responses", {"model": OTHER, "input": "hi"}, session).status_code == 200
    kept = create(gateway, KEEPER)
    asked = {"model": OTHER, "input": "hi", "previous_response_id": kept}
    assert gateway.post("/v1/responses", asked, session).status_code == 200
    assert [body["model"] for body in provider.bodies] == ["other", "responses", "responses"]


def test_a_model_that_was_named_for_good(both: tuple[Running, Golden]) -> None:
    """With routing off nobody else is asked than the model that was named: where it cannot know, that is an error."""
    gateway, provider = both
    kept = create(gateway, KEEPER)
    asked = {"model": OTHER, "input": "hi", "previous_response_id": kept}
    refused = gateway.post("/v1/responses", asked, {"x-plano-routing": "off"})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["param"]) == (400, "invalid_request", "previous_response_id")
    assert KEEPER in error["message"]
    beside = gateway.post("/v1/responses", {**asked, "model": BESIDE}, {"x-plano-routing": "off"})
    assert beside.status_code == 200
    assert len(provider.received) == 2


def test_what_was_not_to_be_stored(both: tuple[Running, Golden]) -> None:
    """Nobody keeps it, so nobody is preferred: the provider that is asked tells that it does not know it."""
    gateway, provider = both
    provider.instead = (200, b'{"id":"resp_9","status":"completed","store":false,"output":[]}')
    assert gateway.post("/v1/responses", {"model": KEEPER, "input": "hi", "store": False}).status_code == 200
    provider.instead = None
    gateway.post("/v1/responses", {"model": OTHER, "input": "hi", "previous_response_id": "resp_9"})
    assert provider.bodies[-1]["model"] == "other"


@pytest.mark.parametrize("upstream", [CHAT, MESSAGES])
@pytest.mark.parametrize(
    "asked",
    [
        {"previous_response_id": "resp_1"},
        {"store": True},
        {"conversation": "conv_1"},
        {"background": True},
        {"prompt": {"id": "pmpt_1"}},
    ],
)
def test_where_nothing_is_stored(both: tuple[Running, Golden], upstream: Any, asked: dict[str, Any]) -> None:
    """A clear error with the place, as the official client raises it; nothing is sent."""
    gateway, provider = both
    with pytest.raises(openai.BadRequestError) as caught:
        create(gateway, MODELS[upstream], **asked)
    (param,) = asked
    assert caught.value.param == param
    assert "Responses API" in caught.value.message
    assert provider.received == []


def test_a_translated_answer_is_not_stored(both: tuple[Running, Golden]) -> None:
    """Its caller may send the conversation itself; its id leads to an error, not to an answer without memory."""
    gateway, provider = both
    made = create(gateway, MODELS[MESSAGES])
    with pytest.raises(openai.BadRequestError, match="Responses API"):
        create(gateway, MODELS[MESSAGES], previous_response_id=made)
    assert len(provider.received) == 1
