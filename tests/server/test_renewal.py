"""What is known of another configuration before it is taken."""

from __future__ import annotations

import pytest

from plano.config.load import load_text
from plano.errors import ConfigError
from plano.intent.fixed import FixedClassifier
from plano.server.renewal import needs_restart, tried
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
        ("tracing: {random_sampling: 5}\n", ("tracing",)),
        ("admin: {port: 12009}\n", ("admin",)),
        ("overrides: {upstream_tls_ca_path: pyproject.toml}\n", ("overrides.upstream_tls_ca_path",)),
    ],
)
def test_what_counts_only_after_a_restart(more: str, names: tuple[str, ...]) -> None:
    """Addresses, certificates and where spans go; nothing else."""
    old, new = (load_text(mission_text() + text, KEYS) for text in ("", more))
    assert needs_restart(old, new) == names
