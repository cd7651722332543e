"""Descriptions of routes that are for what no other route is for: "anything else", "default", "fallback".

No likeness can tell what belongs to such a route, because what belongs to it depends on the others.
"""

from __future__ import annotations

import re

from plano.intent.wording.breadth import SUBJECTLESS, kind_of, parts_of, sentences_of, spelt, words_of

_REST = (
    "catchall default defaults else fallback fallbacks leftover leftovers misc miscellaneous otherwise other others "
    "remainder remaining rest uncategorised uncategorized unclassified unmatched"
)
"""A part of a description with one of these, or of the form below, is for the rest."""

_FORM = re.compile(
    r"(?:\bnot|n't|\bnone|\bno)\b.*\b(?:above|belongs?|category|categories|covered|falls?|fits?|handled|listed|matche[ds]"
    r"|match|routes?|taken|these|those|them)\b"
    r"|\b(?:anything|everything|whatever)$"
    r"|\bgeneral[- ]purpose$|\bgeneral(?:[- ]purpose)? (?:assistance|help|prompts|requests?|tasks?|use)$"
)
"""What is not covered, whatever there is, and what is for any purpose."""

_BESIDE = (
    "above agent another anywhere as assistance belong belongs by case cases categories category catch class classes "
    "come cover covered does doesn don else fall falls fit fits handle handled handler handles help inputs intent "
    "intents into isn listed match matched matches matters mentioned messages model named no none not nothing option "
    "options prompts route routed routes something specific stuff t task tasks taken them under unsure use used "
    "whatever"
)
"""What may stand beside that."""

_REST_WORDS = frozenset(_REST.split())
_KNOWN = SUBJECTLESS.union(_REST_WORDS, _BESIDE.split())


def is_for_the_rest(description: str) -> bool:
    """Is more than half of the description for what no other route is for?

    A part with a word of a subject is not: "anything else" is for the rest, "anything else about invoices" is not.
    """
    left = [
        _is_left(part) for sentence in sentences_of(spelt(description)) for part in parts_of(sentence) if words_of(part)
    ]
    return 2 * sum(left) > len(left)


def _is_left(part: str) -> bool:
    words = words_of(part)
    if not _KNOWN.issuperset(words) or kind_of(words) is not None:
        return False
    return not _REST_WORDS.isdisjoint(words) or _FORM.search(part.strip()) is not None
