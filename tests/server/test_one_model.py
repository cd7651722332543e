"""``GET /v1/models/NAME``: what the official clients ask with ``models.retrieve``."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import openai
import pytest

from tests.running import A, B, C, Running, mission_text, running

MORE = (
    "model_aliases:\n  fast: {target: openai/gpt-4o}\n  größe/klein?: {target: openai/gpt-4o-mini}\n"
    "callers: {keys: {someone: sk-caller-0123456789}}\n"
)
KEY = "sk-caller-0123456789"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Running]:
    """The mission's models, two aliases, a wildcard, and a key that callers need."""
    wildcard = "  - model: groq/*\n    access_key: $OPENAI_API_KEY\nrouting_preferences:"
    with running(mission_text().replace("routing_preferences:", wildcard, 1) + MORE) as started:
        yield started


@pytest.mark.parametrize(
    ("asked", "told", "owner"),
    [
        (A, A, "anthropic"),
        (C, C, "openai"),
        ("fast", "fast", "plano"),
        ("größe/klein?", "größe/klein?", "plano"),
        ("gpt-4o", B, "openai"),
        ("auto", C, "openai"),
        ("groq/a/b%c", "groq/a/b%c", "groq"),
    ],
)
def test_a_model_is_retrieved_by_each_of_its_names(gateway: Running, asked: str, told: str, owner: str) -> None:
    """Every one was 404 ``not_found``, so that ``client.models.retrieve`` failed for models that were there."""
    with openai.OpenAI(api_key=KEY, base_url=f"{gateway.url}/v1", max_retries=0) as client:
        found = client.models.retrieve(asked)
        listed = {one.id: one for one in client.models.list()}
    assert (found.id, found.object, found.owned_by) == (told, "model", owner)
    assert listed.get(told, found) == found
    with anthropic.Anthropic(api_key=KEY, base_url=gateway.url, max_retries=0) as client_too:
        info = client_too.models.retrieve(asked)
        infos = {one.id: one for one in client_too.models.list()}
    assert (info.id, info.type, info.display_name) == (told, "model", told)
    assert infos.get(told, info) == info


def test_a_model_that_is_not_declared_is_named_with_the_nearest(gateway: Running) -> None:
    """404 ``model_not_found``, as for a request with that model, in either shape."""
    with openai.OpenAI(api_key=KEY, base_url=f"{gateway.url}/v1", max_retries=0) as client:
        with pytest.raises(openai.NotFoundError, match="Did you mean 'openai/gpt-4o-mini'") as refused:
            client.models.retrieve("openai/gpt-4o-mni")
        assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    with anthropic.Anthropic(api_key=KEY, base_url=gateway.url, max_retries=0) as client_too:
        with pytest.raises(anthropic.NotFoundError) as missing:
            client_too.models.retrieve("openai/gpt-4o-mni")
        assert missing.value.type == "not_found_error"


@pytest.mark.parametrize("path", ["openai/gpt-4o", "openai%2Fgpt-4o", "openai%2fgpt%2D4o", "%6Fpenai/gpt-4o?x=1"])
def test_slashes_may_be_encoded_or_not(gateway: Running, path: str) -> None:
    """Clients differ in it, and paths that mean the same are answered the same."""
    assert _raw(gateway, f"GET /v1/models/{path}").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ("GET /v1/models/", 404, "not_found"),
        ("GET /v1/models/%FF", 404, "model_not_found"),
        ("GET /v1/models/%0D%0Ax:%20y", 404, "model_not_found"),
        ("GET /v1/models/..", 404, "model_not_found"),
        ("GET /v1/modelsopenai/gpt-4o", 404, "not_found"),
        ("DELETE /v1/models/openai/gpt-4o", 405, "method_not_allowed"),
        ("GET /v1/models/groq/*", 404, "model_not_found"),
    ],
)
def test_what_names_no_model_is_refused(gateway: Running, line: str, status: int, code: str) -> None:
    """Nothing of a path reaches a header, and none is followed."""
    answer = _raw(gateway, line)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert f'"code":"{code}"'.encode() in answer
    assert b"\r\nx: y" not in answer


def test_a_head_alone_and_no_key(gateway: Running) -> None:
    """HEAD has the fields of GET and no body; without a key there is neither."""
    head, _, body = _raw(gateway, "HEAD /v1/models/openai/gpt-4o").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert not body
    assert gateway.get("/v1/models/openai/gpt-4o").status_code == 401


def _raw(gateway: Running, line: str) -> bytes:
    fields = f"host: localhost\r\nauthorization: Bearer {KEY}\r\nconnection: close"
    return gateway.raw(f"{line} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
