"""Providers echo keys in their error texts; callers must not read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from plano.domain.secret import Secret

MASK = "***"

_KEY_SHAPES = re.compile(r"\b(?:sk|pk|rk|gsk|xai|AIza|hf|key)[-_][A-Za-z0-9_\-*.]{6,}|(?<=Bearer )[A-Za-z0-9._\-]{8,}")


def clean(value: Any, secrets: Iterable[Secret]) -> Any:
    """``value`` (JSON) with every key in its texts masked: the known ones, and whatever looks like one."""
    if isinstance(value, str):
        return clean_text(value, secrets)
    if isinstance(value, dict):
        return {clean_text(name, secrets): clean(member, secrets) for name, member in value.items()}
    if isinstance(value, list):
        return [clean(item, secrets) for item in value]
    return value


def clean_text(text: str, secrets: Iterable[Secret]) -> str:
    """``text`` with keys masked."""
    for secret in secrets:
        if secret.reveal():
            text = text.replace(secret.reveal(), MASK)
    return _KEY_SHAPES.sub(MASK, text)
