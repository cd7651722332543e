"""What has no effect in this version is named, and nothing else."""

from __future__ import annotations

import pytest

from plano.config.later import without_effect
from plano.config.load import load_text

from .conftest import ENVIRONMENT, ONE_MODEL


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("", ()),
        ("prompt_caching: {enabled: true}\n", ()),
        ("prompt_caching: {session_affinity: false}\n", ()),
        ("routing: {route_on_user_only: true}\n", ()),
        ("routing: {routing_budget: {max_switch_spend_pct: 5}}\n", ()),
        ("routing: {routing_budget: {max_switch_spend_pct: 5, record_counterfactual: true}}\n", ()),
        ("routing: {session_ttl_seconds: 5, session_cache: {type: memory}}\n", ()),
        ("routing: {exploration_percent: 1}\n", ()),
        ("tracing: {trace_arch_internal: true}\n", ()),
        ("overrides: {upstream_connect_timeout: 3s}\n", ()),
        ("admin: {port: 12009}\n", ()),
        ("listeners: [{type: model, name: a, max_retries: 2}]\n", ()),
    ],
)
def test_sections(section: str, names: tuple[str, ...]) -> None:
    """Written sections are named once; defaults are not."""
    assert without_effect(load_text(ONE_MODEL + section, ENVIRONMENT)) == names
