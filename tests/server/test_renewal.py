"""What is known of another configuration before it is taken."""

from __future__ import annotations

import pytest

from plano.config.load import load_text
from plano.errors import ConfigError
from plano.intent.fixed import FixedClassifier
from plano.server.renewal import needs_restart, refuse_exposure, tried
from tests.running import CODE, KEYS, A, B, mission_text


def test_tests_decide() -> None:
    """A configuration whose tests pass becomes a decider that knows its routes; else every failure is named."""
    classifier = FixedClassifier(default=CODE)
    good = load_text(f"{mission_text()}tests: [{{prompt: x, first_model: {A}}}]\n", KEYS)
    assert tried(good, classifier).gateway.policy.routes == good.routes
    assert classifier.questions
    bad = load_text(f"{mission_text()}tests: [{{prompt: x, first_model: {B}}}, {{prompt: y, no_route: true}}]\n", KEYS)
    with pytest.raises(ConfigError, match=r"2 of 2 tests fail\n'x': .*\n'y': "):
        tried(bad, classifier)


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("", ()),
        ("routing: {exploration_percent: 1}\n", ()),
        ("listeners: [{type: model, timeout: 9s}]\n", ("listeners",)),
        ("tracing: {random_sampling: 5}\n", ()),
        ("admin: {port: 12009}\n", ("admin",)),
        ("limits: {requests: 9}\n", ()),
        ("observability: {record_content: true}\n", ()),
        ("overrides: {upstream_tls_ca_path: pyproject.toml}\n", ("overrides.upstream_tls_ca_path",)),
    ],
)
def test_what_counts_only_after_a_restart(more: str, names: tuple[str, ...]) -> None:
    """Addresses and certificates; nothing else."""
    old, new = (load_text(mission_text() + text, KEYS) for text in ("", more))
    assert needs_restart(old, new) == names


OPEN = "listeners: [{type: model, address: 0.0.0.0, open: true}]\n"
WIDE = "listeners: [{type: model, address: 0.0.0.0}]\n"
KEYED = "callers: {keys: {team: caller-key-0123456789}}\n"


@pytest.mark.parametrize(
    ("running", "new", "is_taken"),
    [
        (WIDE + KEYED, "", False),
        (WIDE + KEYED, "listeners: [{type: model, port: 12007}]\n", False),
        (WIDE + KEYED, OPEN, True),
        (WIDE + KEYED, KEYED, True),
        (KEYED, "", True),
        (KEYED, OPEN, True),
        (OPEN, "", True),
    ],
)
def test_a_listener_is_not_left_open(running: str, new: str, *, is_taken: bool) -> None:
    """One that stays where others reach it keeps asking for keys, unless the new file says that it is to be open."""
    there, wanted = (load_text(mission_text() + text, KEYS) for text in (running, new))
    if is_taken:
        refuse_exposure(there, wanted)
        return
    with pytest.raises(ConfigError, match=r"anyone could use listener .* at 0\.0\.0\.0 until a restart"):
        refuse_exposure(there, wanted)
