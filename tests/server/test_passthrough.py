"""The caller's own credential, where a provider is to be sent it."""

from __future__ import annotations

import json

import anthropic
import pytest

from tests.running import running
from tests.server.golden import MODELS, golden
from tests.wire.dialects.samples import MESSAGES

TOKEN = "sk-ant-oat01-" + "x" * 40
BETAS = "claude-code-20250219,oauth-2025-04-20"


@pytest.mark.parametrize("is_stream", [False, True])
def test_the_login_of_claude_code(is_stream: bool) -> None:
    """An access token stays a bearer's, with the beta that allows it; the official client gets its answer."""
    with golden() as provider:
        text = provider.config.replace("access_key: key-of-the-messages-host", "passthrough_auth: true")
        with running(text, at_mock=False) as gateway:
            with anthropic.Anthropic(auth_token=TOKEN, api_key=None, base_url=gateway.url, max_retries=0) as client:
                answer = client.messages.create(
                    model=MODELS[MESSAGES],
                    max_tokens=9,
                    messages=[{"role": "user", "content": "hi"}],
                    extra_headers={"anthropic-beta": BETAS},
                    extra_query={"beta": "true"},
                    stream=is_stream,
                )
                assert list(answer) if is_stream else answer.content  # type: ignore[union-attr]
            log = gateway.log.getvalue()
            kept = gateway.admin("/admin/records").text
        ((_, fields, _),) = provider.received
    assert (fields["authorization"], fields["anthropic-beta"]) == (f"Bearer {TOKEN}", BETAS)
    assert "x-api-key" not in fields
    assert TOKEN not in log + kept


def test_an_api_key_of_the_same_provider() -> None:
    """It goes where API keys go, in whichever field the caller sent it."""
    with golden() as provider:
        text = provider.config.replace("access_key: key-of-the-messages-host", "passthrough_auth: true")
        with running(text, at_mock=False) as gateway:
            asked = {"model": MODELS[MESSAGES], "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
            assert gateway.post("/v1/messages", asked, {"authorization": "Bearer sk-ant-api03-y"}).status_code == 200
        ((_, fields, sent),) = provider.received
    assert (fields["x-api-key"], "authorization" in fields) == ("sk-ant-api03-y", False)
    assert json.dumps(sent).count("sk-ant") == 0
