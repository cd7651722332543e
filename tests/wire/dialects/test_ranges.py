"""Numbers and words beyond those of the caller's dialect, and those that a target takes less of."""

from __future__ import annotations

import json
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

from plano.domain.model import Dialect
from plano.errors import InvalidRequest
from plano.wire.dialects.fates import Field, Limit, Range, Words
from plano.wire.dialects.reference import TABLES
from plano.wire.dialects.translate import check_request
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES, SCHEMA, minimal, request

PARAMS: dict[Dialect, Any] = {
    CHAT: CompletionCreateParamsNonStreaming,
    MESSAGES: MessageCreateParamsNonStreaming,
    RESPONSES: ResponseCreateParamsNonStreaming,
}

LIMITS = [(dialect, field, one) for dialect in DIALECTS for field in TABLES[dialect][0] for one in field.within]
RANGED = [(dialect, field) for dialect, field, limit in LIMITS if isinstance(limit, Range)]


def place(field: Field, limit: Limit) -> str:
    """The path of what is limited."""
    return field.path if limit.member is None else f"{field.path.partition('.')[0]}.{limit.member}"


def with_value(dialect: Dialect, path: str, value: Any) -> dict[str, Any]:
    """A request with this value there."""
    names = path.split(".")
    for name in reversed(names[1:]):
        value = {name: value}
        if name in ("budget_tokens", "display"):
            value["type"] = "enabled" if name == "budget_tokens" else "adaptive"
        elif value == {"type": "enabled"}:
            value["budget_tokens"] = 2000
        elif value == {"type": "json_schema"}:
            value["schema"] = SCHEMA
    return minimal(dialect, **{names[0]: value})


def shown(value: Any) -> str:
    """What a test is called by."""
    return str(getattr(value, "path", None) or getattr(value, "member", None) or value)


@pytest.mark.parametrize(("dialect", "field", "limit"), LIMITS, ids=shown)
@pytest.mark.parametrize("target", DIALECTS)
def test_beyond_what_the_dialect_takes(dialect: Dialect, field: Field, limit: Limit, target: Dialect) -> None:
    """A mistake with its place, and with what may stand there, where the request is translated; left to the provider
    where it is not.
    """
    wrong: list[Any] = ["sometimes", "x" * 100_000]
    if isinstance(limit, Range):
        wrong = [limit.least - 1] + ([] if limit.most is None else [limit.most + 1])
    for value in wrong:
        body = with_value(dialect, place(field, limit), value)
        if target is dialect:
            check_request(json.dumps(body).encode(), dialect)
            continue
        with pytest.raises(InvalidRequest) as caught:
            request(body, dialect, target)
        assert caught.value.param == place(field, limit)
        assert str(limit) in caught.value.message
        assert len(caught.value.message) < 300


@pytest.mark.parametrize(("dialect", "field", "limit"), LIMITS, ids=shown)
def test_the_ends_are_within(dialect: Dialect, field: Field, limit: Limit) -> None:
    """Both of them, and each word."""
    if field.path == "n":
        return
    ends = limit.words if isinstance(limit, Words) else [end for end in (limit.least, limit.most) if end is not None]
    for value in ends:
        for target in DIALECTS:
            if target is not dialect:
                request(with_value(dialect, place(field, limit), value), dialect, target)


def words_of(members: Any, *names: str) -> set[str]:
    """The words that an official client lists for a member of a typed dictionary."""
    found = [members]
    for name in names:
        shapes = [each for one in found for each in unfolded(one) if name in getattr(each, "__annotations__", {})]
        found = [get_type_hints(each)[name] for each in shapes]
    literals = [each for one in found for each in unfolded(one) if get_origin(each) is Literal]
    return {word for each in literals for word in get_args(each)}


def unfolded(annotation: Any) -> list[Any]:
    """What an annotation may be: the sides of its unions."""
    if get_origin(annotation) in (Union, UnionType):
        return [one for each in get_args(annotation) for one in unfolded(each)]
    return unfolded(get_args(annotation)[0]) if get_origin(annotation) in (Required, NotRequired) else [annotation]


@pytest.mark.parametrize(("dialect", "field", "limit"), LIMITS, ids=shown)
def test_words_are_those_of_the_official_clients(dialect: Dialect, field: Field, limit: Limit) -> None:
    """A word that a vendor adds is taken once its client knows it."""
    if isinstance(limit, Words) and field.path != "output_format":  # of older clients
        known = words_of(PARAMS[dialect], *place(field, limit).split("."))
        assert known
        assert known <= set(limit.words)


@pytest.mark.parametrize("target", DIALECTS)
@pytest.mark.parametrize(
    ("dialect", "wrong", "place", "words"),
    [
        (CHAT, {"tool_choice": "sometimes"}, "tool_choice", "'none', 'auto', 'required', 'any'"),
        (CHAT, {"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "'assistant', 'tool'"),
        (MESSAGES, {"tool_choice": {"type": "sometimes"}}, "tool_choice.type", "'auto', 'any', 'none', 'tool'"),
        (MESSAGES, {"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "'user'"),
        (RESPONSES, {"tool_choice": "sometimes"}, "tool_choice", "'auto', 'none', 'required'"),
        (RESPONSES, {"input": [{"role": "robot", "content": "x"}]}, "input[0].role", "'user'"),
        (RESPONSES, {"text": {"format": {"type": "xml"}}}, "text.format.type", "'json_object', 'json_schema', 'text'"),
        (RESPONSES, {"tool_choice": {"type": "allowed_tools", "mode": "x"}}, "tool_choice.mode", "'auto', 'required'"),
    ],
)
def test_words_that_every_host_takes(
    dialect: Dialect, wrong: dict[str, Any], place: str, words: str, target: Dialect
) -> None:
    """The mistake is found whoever is asked, and lists what may stand there."""
    body = json.dumps(minimal(dialect, **wrong)).encode()
    with pytest.raises(InvalidRequest) as caught:
        check_request(body, dialect) if target is dialect else request(json.loads(body), dialect, target)
    assert caught.value.param == place
    listed = caught.value.message.removeprefix(f"{place}: must be one of ").split(", ")
    assert set(words.split(", ")) <= set(listed)


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
