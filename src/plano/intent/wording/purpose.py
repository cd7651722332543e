"""What a route is for, out of how it is named and described.

"The user asks for" says nothing of a route, and "not for refunds" says what it is not for: an encoder hears the refunds
and not the "not", so that the route drew what its author had sent elsewhere.
"""

from __future__ import annotations

import re

from plano.intent.wording.tongue import is_foreign

_SHORTEST = 3
"""Characters that are left at least; else the description stays as it was written."""
_EXAMINED = 2_000
"""Characters of a description in which clauses are looked for: a caller may send fifty thousand, full of commas."""

_WHO = r"(?:the |an? )?(?:user|customer|caller|client|person|someone|somebody|people|employee)s?"
_WHAT = r"(?:requests?|questions?|queries|quer[iy]|tasks?|messages?|prompts?|conversations?|inquir(?:y|ies)|help)"
_OPENING = re.compile(
    rf"(?:use (?:this|it)(?: route| model)? (?:when|for|if|to) |"
    rf"{_WHO} (?:asks?|wants?|needs?|is asking|is looking|would like)(?: for| to| about| help with)* |"
    rf"(?:any |all )?{_WHAT} (?:that (?:are|is) )?"
    rf"(?:about|for|on|related to|regarding|concerning|with|around|involving) |"
    r"(?:handles|route for|for) )+",
    re.IGNORECASE,
)
"""What descriptions begin with that says nothing of what they are for."""

_SENTENCE = r"(?:^|(?<=[;:.()\n—–])|(?<= -)) ?(?:but |and )?"
_CLAUSE = r"(?:^|(?<=[,;:.()\n—–])|(?<= -)) ?(?:but |and )?"
_TO_THE_END = r"(?:(?: for| about| including)?:)?[^.;:()\n]*+(?=[.;()\n]|$)"
_EXCLUDED = re.compile(
    rf"{_CLAUSE}(?:not|never)\b(?! (?:only|just|yet|limited|necessarily)){_TO_THE_END}"
    rf"|{_CLAUSE}(?:except(?: for)?|excluding|excludes?|other than)\b{_TO_THE_END}"
    rf"| but not\b(?! (?:only|limited|necessarily)){_TO_THE_END}"
    rf"|{_SENTENCE}no (?!longer\b){_TO_THE_END}"
    rf"|, no (?!longer\b)[^,.;:()\n]*(?=[.;()\n]|$)"
    r"|(?:^|(?<=[;:.()\n]))[^.;:()\n]*\b(?:handled (?:(?:by|in) (?:an)?other|elsewhere)|belongs? elsewhere"
    r"|ha(?:s|ve) (?:its|their) own routes?)\b[^.;:()\n]*",
    re.IGNORECASE,
)
_EXCLUDED_ABROAD = re.compile(
    rf"{_CLAUSE}(?:keine?[nrsm]?|nicht|außer|salvo|excepto|exceto|sauf|hormis|tranne|eccetto|behalve)\b{_TO_THE_END}",
    re.IGNORECASE,
)
_EXCLUDES = (_EXCLUDED, _EXCLUDED_ABROAD)
"""Clauses that say what a route is not for, to the end of their sentence: in English, and in other languages."""

_LISTED = re.compile(r",|\bnor\b|\bor\b|\band\b|\boder\b|\bund\b")
_SAYS_NOT = re.compile(
    r"^[\s.,;:(—–-]*(?:but |and )?(?:not|never|no|nor|except|excluding|excludes?|other than|keine?[nrsm]?|nicht|außer"
    r"|salvo|excepto|exceto|sauf|hormis|tranne|eccetto|behalve)\b(?: for| about| including)?:?"
    r"|\b(?:(?:is|are) )?(?:handled (?:by|in|elsewhere)|belongs?|ha(?:s|ve)) .*$",
    re.IGNORECASE,
)

_EMPTY = re.compile(r" ?\([ .,;:]*+\)")
_RUN = re.compile(r"(?<![\s.,;:—–-])[\s.,;:—–-]++")
_JOINED = re.compile(r"[_-]+|(?<=[a-z])(?=[A-Z])")


def purpose(description: str) -> str:
    """The description without its empty opening and without what it excludes; as it was where nothing else is left."""
    plain = _plain(description)
    included, cuts = _EXCLUDES[is_foreign(plain)].subn("", plain)
    included += description[_EXAMINED:]
    included = _RUN.sub(_mended, _EMPTY.sub("", included)).strip(" .,;:—–-\n") if cuts else description
    opening = _OPENING.match(included)
    said = included[opening.end() :] if opening else included
    return next((text for text in (said, included) if len(text) >= _SHORTEST), description)


def excluded(description: str) -> tuple[str, ...]:
    """What it says that it is not for, each once and without the words that exclude it."""
    plain = _plain(description)
    found = _EXCLUDES[is_foreign(plain)].findall(plain)
    parts = (_SAYS_NOT.sub("", part).strip(" .,;:—–-(") for clause in found for part in _LISTED.split(clause))
    return tuple(dict.fromkeys(part for part in parts if len(part) >= _SHORTEST))


def _plain(description: str) -> str:
    """Runs of white space would be gone through from each of their places."""
    return "\n".join(" ".join(line.split()) for line in description[:_EXAMINED].splitlines())


def _mended(run: re.Match[str]) -> str:
    """What stands between two words again, where something between them was left out."""
    marks = run[0].split()
    if run.end() == len(run.string) or run.string[run.end()] == ")":
        return ""
    return run[0] if len("".join(marks)) <= 1 else f"{marks[0][0]} "


def spoken(name: str) -> str:
    """A name of one word as it would be said: ``code_review``, ``code-review`` and ``CodeReview`` are two words."""
    return name if " " in name else _JOINED.sub(" ", name).strip() or name
