"""Errors in the shape of the OpenAI APIs."""

from __future__ import annotations

import json

import pytest

from plano import errors
from plano.errors import ChainFailed, PlanoError
from plano.wire.openai_errors import error_type, render


def subclasses(of: type[PlanoError]) -> list[type[PlanoError]]:
    """The whole tree below."""
    return [kind for child in of.__subclasses__() for kind in (child, *subclasses(child))]


OTHERS = (ChainFailed, errors.StreamBroken, errors.ConfigError, errors.MethodNotAllowed)
SIMPLE = [kind for kind in subclasses(PlanoError) if kind.__module__ == errors.__name__ and kind not in OTHERS]


@pytest.mark.parametrize("kind", SIMPLE, ids=lambda kind: kind.__name__)
def test_every_error_has_the_shape(kind: type[PlanoError]) -> None:
    """Each error of the tree: five members, in this order, the class's own code."""
    members = json.loads(render(kind("said", param="here"), "t1"))["error"]
    assert list(members) == ["message", "type", "param", "code", "trace_id"]
    assert (members["message"], members["param"], members["code"], members["trace_id"]) == (
        *("said", "here"),
        *(kind.code, "t1"),
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((400, "invalid_request_error"), (404, "invalid_request_error"), (431, "invalid_request_error")),
        *((401, "authentication_error"), (403, "permission_error"), (429, "rate_limit_error")),
        *((500, "server_error"), (502, "server_error"), (529, "server_error")),
    ],
)
def test_type_by_status(status: int, kind: str) -> None:
    """The official clients' types, for every status there is."""
    assert error_type(status) == kind


def test_a_failed_chain_lists_its_attempts() -> None:
    """Each attempt in order, with its ending."""
    attempts = (("a", "429"), ("b", "reset"))
    error = ChainFailed("no", status=502, code="upstream_error", attempts=attempts, retry_after_s=3.0)
    members = json.loads(render(error, "t1"))["error"]
    assert members["attempts"] == [{"model": "a", "ending": "429"}, {"model": "b", "ending": "reset"}]
    assert (members["type"], members["code"]) == ("server_error", "upstream_error")
