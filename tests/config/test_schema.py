"""The models of the schema among themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest

from plano.config.kinds import Kind
from plano.config.schema import File
from plano.config.section import Section


def sections(annotation: object) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
        for info in annotation.model_fields.values():
            yield from sections(info.annotation)
    for argument in get_args(annotation):
        yield from sections(argument)


ALL = sorted(set(sections(File)), key=lambda section: section.__name__)


@pytest.mark.parametrize("section", ALL)
def test_sections_are_closed_and_frozen(section: type[Section]) -> None:
    """Every section refuses unknown keys, cannot be changed, and says in a line what it is."""
    assert section.model_config["extra"] == "forbid"
    assert section.model_config["frozen"] is True
    assert section.__doc__


@pytest.mark.parametrize("section", ALL)
def test_examples_are_accepted(section: type[Section]) -> None:
    """The examples of the reference page are values that the key accepts; variables stand for anything."""
    for name, info in section.model_fields.items():
        kinds = [kind for kind in info.metadata if isinstance(kind, Kind)]
        for example in info.examples or ():
            if kinds and "$" not in str(example):
                kinds[0].read(str(example).lower() if isinstance(example, bool) else str(example))
        assert info.description, name
