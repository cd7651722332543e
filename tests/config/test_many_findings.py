"""A file with more findings than are shown."""

from __future__ import annotations

import pytest

from plano.config.excerpt import MAX_FINDINGS
from plano.config.load import load_text
from plano.errors import ConfigError

MANY = 3 * MAX_FINDINGS


def providers(last: str = "") -> str:
    """So many models, each with a key in the file itself, which is a warning."""
    rows = "".join(f"  - {{model: openai/m{n}, access_key: sk-literal-{n:06}}}\n" for n in range(MANY))
    return f"version: v0.4.0\nmodel_providers:\n{rows}{last}"


def test_any_number_of_warnings_stops_no_start() -> None:
    """The 201st warning was an error of its own, so that a file that was right could not be started with."""
    settings = load_text(providers(), {})
    assert len(settings.models.models) == MANY
    codes = [finding.code for finding in settings.warnings]
    assert codes == ["PL-C080"] * MAX_FINDINGS + ["PL-C009"]
    assert {finding.severity for finding in settings.warnings} == {"warning"}


@pytest.mark.parametrize(
    "last",
    [
        "  - {model: gpt-4o, access_key: $KEY}\n",
        "model_aliases: {fast: {target: openai/nope}}\n",
        "routing_preference: []\n",
    ],
)
def test_mistakes_are_shown_before_warnings(last: str) -> None:
    """A mistake behind 200 warnings was left out, and only the number of findings was said to be wrong."""
    with pytest.raises(ConfigError) as refused:
        load_text(providers(last), {"KEY": "k"})
    lines = str(refused.value).splitlines()
    assert len([line for line in lines if line.startswith("error[")]) == 1
    assert len([line for line in lines if line.startswith("warning[PL-C080]")]) == MAX_FINDINGS - 1


def test_of_many_mistakes_the_first_are_shown() -> None:
    """In the order of the file, and it is said that there are more."""
    rows = "".join(f"  - {{model: m{n}, access_key: $KEY}}\n" for n in range(MANY))
    with pytest.raises(ConfigError) as refused:
        load_text(f"version: v0.4.0\nmodel_providers:\n{rows}", {"KEY": "k"})
    lines = [line for line in str(refused.value).splitlines() if line.startswith(("error[", "warning["))]
    assert len(lines) == MAX_FINDINGS + 1
    assert "'m0'" in lines[0]
    assert f"'m{MAX_FINDINGS - 1}'" in lines[-2]
    assert lines[-1] == f"warning[PL-C009]: only the first {MAX_FINDINGS} findings are shown, mistakes before warnings"
