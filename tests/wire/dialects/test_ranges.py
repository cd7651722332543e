"""Numbers beyond the range of the caller's dialect, and those that a target takes less of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.reference import TABLES
from plano.wire.dialects.translate import check_request
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, minimal, request

RANGED = [(dialect, field) for dialect in DIALECTS for field in TABLES[dialect][0] if field.within is not None]


@pytest.mark.parametrize(("dialect", "field"), RANGED, ids=lambda value: getattr(value, "path", value))
@pytest.mark.parametrize("target", DIALECTS)
def test_beyond_the_range(dialect: Dialect, field: Any, target: Dialect) -> None:
    """A mistake with its place where the request is translated; left to the provider where it is not."""
    within = field.within
    wrong = [within.least - 1] + ([] if within.most is None else [within.most + 1])
    for number in wrong:
        value: Any = number if within.member is None else {"type": "enabled", within.member: number}
        body = minimal(dialect, **{field.path: value})
        if target is dialect:
            check_request(json.dumps(body).encode(), dialect)
            continue
        with pytest.raises(InvalidRequest) as caught:
            request(body, dialect, target)
        assert caught.value.param == (field.path if within.member is None else f"{field.path}.{within.member}")
        assert str(within) in caught.value.message


@pytest.mark.parametrize(("dialect", "field"), RANGED, ids=lambda value: getattr(value, "path", value))
def test_the_ends_are_within(dialect: Dialect, field: Any) -> None:
    """Both of them."""
    if field.within.member is not None or field.path == "n":
        return
    for number in [end for end in (field.within.least, field.within.most) if end is not None]:
        for target in DIALECTS:
            if target is not dialect:
                request(minimal(dialect, **{field.path: number}), dialect, target)


def test_ranges_are_those_of_the_schemas() -> None:
    """Every option that a vendor's schema bounds is bounded here, but for what no other dialect has."""
    bounded = {dialect: {field.path for each, field in RANGED if each is dialect} for dialect in DIALECTS}
    assert bounded[CHAT] >= {"temperature", "top_p", "presence_penalty", "frequency_penalty", "top_logprobs", "n"}
    assert bounded[MESSAGES] >= {"temperature", "top_p", "top_k", "max_tokens", "thinking"}
    assert bounded[RESPONSES] >= {"top_logprobs", "max_output_tokens", "max_tool_calls"}


@pytest.mark.parametrize(
    ("source", "target", "field", "sent"),
    [
        (CHAT, MESSAGES, {"temperature": 1.7}, ("temperature", 1)),
        (RESPONSES, MESSAGES, {"temperature": 1.7}, ("temperature", 1)),
        (CHAT, RESPONSES, {"max_tokens": 3}, ("max_output_tokens", 16)),
        (MESSAGES, RESPONSES, {"max_tokens": 3}, ("max_output_tokens", 16)),
    ],
)
def test_a_narrower_target(source: Dialect, target: Dialect, field: dict[str, Any], sent: tuple[str, Any]) -> None:
    """The nearest number that it takes, and a warning that names the field."""
    made = request(minimal(source, **field), source, target)
    assert json.loads(made.body)[sent[0]] == sent[1]
    assert [line.partition(":")[0] for line in made.warnings] == list(field)


@pytest.mark.parametrize("name", ["prompt_cache_key", "safety_identifier"])
def test_names_that_responses_takes_shorter(name: str) -> None:
    """Those of 64 characters pass; the digest of a longer one stands for it, with a warning."""
    for length, count in ((64, 0), (65, 1)):
        made = request(minimal(CHAT, **{name: "x" * length}), CHAT, RESPONSES)
        assert (len(json.loads(made.body)[name]), len(made.warnings)) == (64, count)


@pytest.mark.parametrize("name", ["user", "safety_identifier"])
def test_the_user_of_a_message(name: str) -> None:
    """Anthropic takes 512 characters."""
    made = request(minimal(CHAT, **{name: "x" * 513}), CHAT, MESSAGES)
    assert len(json.loads(made.body)["metadata"]["user_id"]) == 64
    assert len(made.warnings) == 1
