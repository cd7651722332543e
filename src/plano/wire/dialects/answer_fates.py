"""What becomes of every member of an answer, as data: the twin of ``fates``, on the way back.

What a member expresses stands in the ``answer_fields`` of its dialect, with the places of features there. An answer is
never refused for what cannot be carried: that is named, once. Machines of the provider and shares of totals come with
nearly every answer, and no caller can act on their loss: they are named to whoever runs the gateway, and not to the
caller, whose header would say the same each time.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from plano.domain.model import Dialect
from plano.wire.canonical.notes import Notes
from plano.wire.dialects.chat import answer_fields as chat
from plano.wire.dialects.fates import MAX_WARNINGS, ORDINARY, Field, Place
from plano.wire.dialects.messages import answer_fields as messages
from plano.wire.dialects.responses import answer_fields as responses

ANSWER_TABLES: Mapping[Dialect, tuple[tuple[Field, ...], Mapping[str, Place]]] = {
    Dialect.OPENAI_CHAT: (chat.FIELDS, chat.PLACES),
    Dialect.ANTHROPIC_MESSAGES: (messages.FIELDS, messages.PLACES),
    Dialect.OPENAI_RESPONSES: (responses.FIELDS, responses.PLACES),
}
"""The members and the places of each dialect."""

_FEATURES: Mapping[Dialect, Mapping[str, str]] = {
    dialect: {field.path: field.feature for field in fields} for dialect, (fields, _) in ANSWER_TABLES.items()
}
UNKNOWN = "only its own dialect knows it"

BECAUSE: Mapping[str, str] = {
    "call_details": "the target only knows calls of the model itself",
    "citations": "the target has no such citations",
    "cost": "the target does not tell the price",
    "finer_counts": "the target does not count these apart",
    "fingerprint": UNKNOWN,
    "foreign": UNKNOWN,
    "foreign_part": UNKNOWN,
    "further_choices": "the target has one answer",
    "host": UNKNOWN,
    "late_tier": "streams of the target say it at their beginning",
    "logprobs": "the target gives no log probabilities",
    "moderation": UNKNOWN,
    "openai_tiers": "the target has no such tier",
    "phase": UNKNOWN,
    "raw_thinking": "the target shows one text of a thought",
    "refusal_details": "the target only knows the words of a refusal",
    "refusal_logprobs": "other dialects give log probabilities of texts alone",
    "shares_of_counts": "the total arrives",
    "sound": "answers in sound cannot be translated",
    "stop_sequence": "the target does not say which one was met",
}
"""Why a feature is dropped where the target has no place for it."""

NO_NEWS = frozenset({"fingerprint", "host", "shares_of_counts"})
"""What is said of the machines that made an answer, and shares of a count that arrives."""


class Lost(msgspec.Struct, frozen=True, gc=False):
    """One line for each thing that could not be carried. ``warnings``: for the caller. ``asides``: for nobody but who
    runs the gateway.
    """

    warnings: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


NOTHING_LOST = Lost()


def lost(notes: Notes, source: Dialect, target: Dialect) -> Lost:
    """What ``target`` has no place for; at most ``MAX_WARNINGS`` lines for the caller, and how many more."""
    if not notes.kinds and not notes.members:
        return NOTHING_LOST
    lines = [f"{kind!r}: dropped from the answer, {UNKNOWN}" for kind in map(_shown, notes.kinds)]
    asides: list[str] = []
    features, places = _FEATURES[source], ANSWER_TABLES[target][1]
    for path in notes.members:
        feature = features.get(path)
        if feature not in places:
            whom = asides if feature in NO_NEWS else lines
            whom.append(f"{_shown(path)}: dropped from the answer, {BECAUSE.get(feature or '', UNKNOWN)}")
    if len(lines) > MAX_WARNINGS:
        lines[MAX_WARNINGS:] = [f"and {len(lines) - MAX_WARNINGS} more"]
    return Lost(tuple(lines), tuple(asides))


def _shown(name: str) -> str:
    return name if ORDINARY.fullmatch(name) else "a member with an odd name"
