"""What providers' error objects say."""

from __future__ import annotations

from typing import Any

import pytest

from plano.dispatch.complaint import ACCOUNT, CONTENT, CONTEXT, OBJECT_MISSING, word_of
from plano.mock import complaints


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ({"code": "context_length_exceeded", "message": "m"}, CONTEXT),
        ({"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"}, CONTEXT),
        ({"message": "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"}, CONTEXT),
        ({"message": "This model's maximum context length is 8192 tokens. However, you", "code": None}, CONTEXT),
        ({"message": "This model's maximum prompt length is 131072 but the request contains"}, CONTEXT),
        ({"message": "The input token count (1048577) exceeds the maximum number of tokens allowed"}, CONTEXT),
        ({"message": "Input is too long for requested model."}, CONTEXT),
        ({"message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"}, CONTEXT),
        ({"message": "Your input exceeds the context window of this model."}, CONTEXT),
        ({"type": "invalid_request_error", "message": "Your credit balance is too low to access the"}, ACCOUNT),
        ({"message": "You have reached your specified API usage limits. You will regain access on"}, ACCOUNT),
        ({"code": "billing_hard_limit_reached"}, ACCOUNT),
        ({"message": "Insufficient Balance", "code": "invalid_request_error"}, ACCOUNT),
        ({"message": "Output blocked by content filtering policy"}, CONTENT),
        ({"code": "content_filter", "message": "x"}, CONTENT),
        ({"code": "400", "innererror": {"code": "ResponsibleAIPolicyViolation"}}, CONTENT),
        ({"code": "previous_response_not_found"}, OBJECT_MISSING),
        ({"message": "Item with id 'rs_1' not found.", "type": "invalid_request_error"}, OBJECT_MISSING),
        ({"code": "rate_limit_exceeded", "message": "insufficient credits"}, "rate_limit_exceeded"),
        ({"type": "overloaded_error", "message": "Overloaded"}, "overloaded_error"),
        ({"code": "odd", "type": "other", "message": "m"}, "odd"),
        ({"code": 429, "message": "m"}, None),
        ({"message": "the answer is too long to print"}, None),
        ({"message": "x" * 5_000 + "prompt is too long: 5 tokens"}, None),
        ({}, None),
    ],
)
def test_words(error: dict[str, Any], word: str | None) -> None:
    """Codes first, then known sentences, then the bare code or type."""
    assert word_of(error) == word


@pytest.mark.parametrize("voices", [complaints.OPENAI, complaints.ANTHROPIC], ids=["openai", "anthropic"])
@pytest.mark.parametrize(
    ("name", "word"), [("context-length", CONTEXT), ("content-filter", CONTENT), ("billing", ACCOUNT)]
)
def test_both_kinds_of_provider_mean_the_same(voices: dict[str, complaints.Complaint], name: str, word: str) -> None:
    """What the mock provider says in each dialect is understood alike."""
    one = voices[name]
    assert word_of({"type": one.type, "code": one.code, "message": one.message}) == word
