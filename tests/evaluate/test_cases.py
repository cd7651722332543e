"""Labelled cases in three forms, and what is said about bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plano.domain.conversation import Turn
from plano.domain.route import Route
from plano.evaluate.cases import CasesError, read

ROUTES = [{"name": "code", "description": "writing code"}, {"name": "chat", "description": "casual talk"}]
CONFIGURED = (Route("code", "writing code", ("m",)),)


def write(folder: Path, *lines: object, name: str = "cases.jsonl") -> Path:
    """A file of JSON lines; a string is written as it is."""
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def dataset(folder: Path, *cases: object, policies: object = None) -> Path:
    """A set folder."""
    (folder / "routes.json").write_text(json.dumps(ROUTES))
    if policies is not None:
        (folder / "policies.json").write_text(json.dumps(policies))
    write(folder, *cases)
    return folder


def test_a_folder_offers_all_its_routes(tmp_path: Path) -> None:
    """Without policies every case offers every route; only user and assistant turns are part of the conversation."""
    said = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "bye"},
    ]
    row = {
        "id": "1",
        "messages": said,
        "route": None,
        "split": "dev",
        "conversation": "c",
        "turn": 3,
        "kind": "closing",
    }
    (case,) = read(dataset(tmp_path, row))
    assert [route.name for route in case.question.routes] == ["code", "chat"]
    assert case.question.conversation.turns == (Turn("user", "hi"), Turn("assistant", "hello"), Turn("user", "bye"))
    assert (case.id, case.wanted, case.split, case.conversation, case.turn, case.kind) == (
        "1", None, "dev", "c", 3, "closing",
    )  # fmt: skip
    assert case.dataset == tmp_path.name


def test_a_policy_limits_what_is_offered(tmp_path: Path) -> None:
    """With policies a case offers the routes of its own, in the policy's order."""
    folder = dataset(tmp_path, {"prompt": "hi", "route": "chat", "policy": "p"}, policies={"p": ["chat", "code"]})
    (case,) = read(folder)
    assert [route.name for route in case.question.routes] == ["chat", "code"]


def test_only_the_split_that_is_asked_for(tmp_path: Path) -> None:
    """Other splits are left out; a split without cases is an error."""
    rows = [{"prompt": split, "route": None, "split": split} for split in ("dev", "test")]
    folder = dataset(tmp_path, *rows)
    assert [case.split for case in read(folder, split="test")] == ["test"]
    with pytest.raises(CasesError, match="no case of split 'train'"):
        read(folder, split="train")


def test_lines_may_carry_their_own_routes(tmp_path: Path) -> None:
    """A file stands for itself; examples of a route are read."""
    routes = [{**ROUTES[0], "examples": ["write a loop"]}]
    (case,) = read(write(tmp_path, "", {"prompt": "x", "route": "code", "routes": routes}, name="own.jsonl"))
    assert case.question.routes[0].examples == ("write a loop",)
    assert case.dataset == "own"
    assert case.id.endswith("own.jsonl:2")


def test_simple_lines_use_the_configured_routes(tmp_path: Path) -> None:
    """{"prompt", "route"} lines are asked with the routes of the caller."""
    (case,) = read(write(tmp_path, {"prompt": "x", "route": "code"}), routes=CONFIGURED)
    assert [route.name for route in case.question.routes] == ["code"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ([], "a case must be an object"),
        ({"prompt": "x"}, "'route' is missing"),
        ({"prompt": "x", "route": "other"}, "route 'other' is not offered"),
        ({"prompt": "x", "route": 7}, "'route' must be a text"),
        ({"route": None}, "'prompt' \\(or 'messages'\\) must be a text"),
        ({"prompt": "x", "route": None, "turn": "one"}, "'turn' must be a whole number"),
        ({"messages": {}, "route": None}, "'messages' must be a list"),
        ({"messages": [{"role": "wizard", "content": "x"}], "route": None}, "role 'wizard' is not known"),
        ({"messages": [{"role": "user"}], "route": None}, "'content' of a message must be a text"),
        ({"prompt": "x", "route": None, "routes": [{"name": "a"}]}, "'description' of a route must be a text"),
        ({"prompt": "x", "route": None, "routes": [ROUTES[0], ROUTES[0]]}, "route 'code' stands there twice"),
    ],
)
def test_a_bad_line_is_named_with_file_and_line(tmp_path: Path, line: object, message: str) -> None:
    """The second line is bad, and the error begins with the file and 2."""
    path = write(tmp_path, {"prompt": "fine", "route": None}, line)
    with pytest.raises(CasesError, match=message) as caught:
        read(path, routes=CONFIGURED)
    assert caught.value.message.startswith(f"{path}:2: ")


def test_lines_without_routes_need_configured_ones(tmp_path: Path) -> None:
    """Nothing offered is an error, not a set of nothing but none."""
    with pytest.raises(CasesError, match="none are configured"):
        read(write(tmp_path, {"prompt": "x", "route": None}))


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ([], "must be an object"),
        ({"p": "code"}, "'p' must be a list"),
        ({"p": ["nope"]}, "offers 'nope', which routes.json does not have"),
        ({"q": ["code"]}, "policy 'p' is not in policies.json"),
    ],
)
def test_bad_policies_are_named(tmp_path: Path, policies: object, message: str) -> None:
    """A policy that does not fit the routes or the cases."""
    with pytest.raises(CasesError, match=message):
        read(dataset(tmp_path, {"prompt": "x", "route": None, "policy": "p"}, policies=policies))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """Missing, not UTF-8, not JSON, and empty."""
    with pytest.raises(CasesError, match=r"gone\.jsonl:1: cannot be read"):
        read(tmp_path / "gone.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "caf\xe9"}')
    with pytest.raises(CasesError, match=r"latin\.jsonl:1: not UTF-8"):
        read(tmp_path / "latin.jsonl")
    with pytest.raises(CasesError, match="there is no case"):
        read(write(tmp_path, "", name="empty.jsonl"), routes=CONFIGURED)
    dataset(tmp_path, {"prompt": "x", "route": None})
    (tmp_path / "routes.json").write_text('[\n{"name": }]')
    with pytest.raises(CasesError, match=r"routes\.json:2: not JSON"):
        read(tmp_path)
