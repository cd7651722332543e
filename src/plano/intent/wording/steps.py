"""The number that an agent writes before what it does: "Step 3 of 7:". It says nothing of the step, but "plan"."""

from __future__ import annotations

import re

_LABEL = re.compile(
    r"(?:next )?(?:step|plan item|to-?do|task|subtask|schritt|aufgabe|paso|étape|etape|passo|stap)"
    r"\s{0,2}#?\d{1,3}(?:\s{0,2}(?:of|/|von|de|sur|di|van)\s{0,2}\d{1,3})?\s{0,2}[:.)—–-]+\s*",
    re.IGNORECASE,
)


def without_step(text: str) -> str:
    """The text without the number of a step at its start; all of it where nothing else is said."""
    label = _LABEL.match(text)
    return (text[label.end() :] or text) if label else text
