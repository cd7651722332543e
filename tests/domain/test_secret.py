"""A key is not shown by accident."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from plano.domain.secret import Secret

KEY = Secret("sk-planted-0123456789")


def test_no_ordinary_way_shows_it() -> None:
    """repr, str, format, f-string, containers: always the mask."""
    assert {repr(KEY), str(KEY), f"{KEY}", f"{KEY!r}", repr([KEY])[1:-1]} == {"***"}
    assert KEY.reveal() == "sk-planted-0123456789"


def test_it_is_not_serialised() -> None:
    """JSON and pickle refuse."""
    with pytest.raises(TypeError):
        json.dumps(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        copy.copy(KEY)


def test_fingerprints_tell_keys_apart() -> None:
    """Equal keys have equal fingerprints, which hold nothing of the key."""
    assert Secret("a").fingerprint == Secret("a").fingerprint != Secret("b").fingerprint
    assert len(KEY.fingerprint) == 8
