"""The page's colours can be read: WCAG 2.2 §1.4.3 wants a contrast of 4.5 for text of this size."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import plano

CSS = (Path(plano.__file__).parent / "ui" / "app.css").read_text(encoding="utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
TEXT = 4.5

PAIRS = (
    *(("ink", "ground"), ("ink", "surface"), ("ink", "warn-soft")),
    *(("muted", "ground"), ("muted", "surface"), ("muted", "hover")),
    *(("accent", "ground"), ("accent", "surface"), ("accent", "accent-soft"), ("on-accent", "accent")),
    *(("ok", "ok-soft"), ("warn", "warn-soft"), ("warn", "surface"), ("bad", "bad-soft"), ("bad", "surface")),
)


def colours(block: str) -> dict[str, tuple[float, float, float]]:
    """Red, green and blue (0..1) by name; what can be seen through lies on the surface."""
    found: dict[str, tuple[float, float, float]] = {}
    for name, digits in re.findall(r"--([\w-]+): #([0-9a-f]{3,8});", block):
        whole = "".join(2 * each for each in digits) if len(digits) == 3 else digits
        red, green, blue, *alpha = [int(whole[at : at + 2], 16) / 255 for at in range(0, len(whole), 2)]
        opaque = alpha[0] if alpha else 1.0
        below = found["surface"] if alpha else (0.0, 0.0, 0.0)
        parts = [opaque * one + (1 - opaque) * under for one, under in zip((red, green, blue), below, strict=True)]
        found[name] = parts[0], parts[1], parts[2]
    return found


def luminance(colour: tuple[float, float, float]) -> float:
    """Of sRGB, relative to white."""
    red, green, blue = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_contrast(scheme: str, text: str, ground: str) -> None:
    """Of text on what it stands on, in both schemes."""
    named = colours(scheme)
    darker, lighter = sorted((luminance(named[text]), luminance(named[ground])))
    assert (lighter + 0.05) / (darker + 0.05) >= TEXT
