"""Greetings, thanks and excuses around a request: no part of what is asked, so they are not read with it.

A short request drowns in them: of "Hi! Sorry to bother you, could you book a flight? Many thanks!" an encoder sees a
polite person first. What is nothing but polite is kept: that is how a conversation ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENDS = r".!?,;:\n)—…"
_CLAUSE = re.compile(rf"\(?[^({_ENDS}]*+[{_ENDS}\s]*+")
_WORD = re.compile(r"[^\W_]+")

_POLITE = (
    "afternoon again alright anyway anyways apologies apology appreciate appreciated appreciation asap assistant bot "
    "bother bothering bro btw buddy chance cheers convenience curious dear dude er erm evening excuse faithfully "
    "forgive goes grateful greetings haha hello hey hi hiya hmm hope hopefully howdy hurry kindly kindness legend "
    "lifesaver listen lol mate mind minute minutes moment moments morning needful night obliged ok okay pardon "
    "patience please pls plz quick quickly rambling regards respectfully right rush sent sincerely sorry sure thank "
    "thanks think thoughts thx tia tks ty typed tysm ugh uh um urgent waiting welcome well wishes wondering worries "
    "yours"
)
"""Clauses at an end are left out only when one of them holds such a word."""

_EMPTY = (
    "a able about actually advance all also am an and android annoying another any anybody anyone anything are aren "
    "as ask asking assist assistance at awesome bad basic basically be bear been beginner best bit bless blessed "
    "brilliant but by bye can cannot clear clue confused cooperation could couldn couple course d day days deeply "
    "device did didn disturb disturbing do does doesn doing don done dumb earliest early else email everybody "
    "everyone excuses favor favour feel few find finds fine first five folks following for forward free friend "
    "friendly from get gets give glad god going gonna good goodbye got gotta great guys had happy hasn have haven "
    "having heads hear help helping here honest honestly how huge hurrying i idea if in interrupt interrupting ipad "
    "iphone is isn it its just keyboard kind kinda knew know knows kudos last late let letting like literally little "
    "ll long look looking lost lot lots love m ma madam man many may maybe me mean meant mention message messages "
    "might mistakes mobile mr ms much must my need needed new newbie next nice no noob not note now of off oh on once "
    "one ones only or other our outlook over perhaps person pester phone place pleasure possible possibly pressing "
    "problem proceed question questions rather re real really reply request requests respond response s said sake say "
    "saying second see sense seriously shall she short should silly sir so some somebody someone something soon sort "
    "sound sounds spare spelling star still stop stuck stupid t ta tablet take team tell ten than that the their them "
    "then there these they thing things thinking this those thought time times to today tonight too trouble troubling "
    "truly try trying two typing typo typos u unable unclear understanding unsure up urgently us ve very wait wanna "
    "want wanted was we weekend were what when whenever whew which while who will wish with won wonder wonderful wont "
    "worry would wouldn ya yeah yes yet you your"
)
"""What greetings, thanks and excuses are made of beside them."""

_SAID = (
    "amazing awesome brilliant cool enough exactly excellent fantastic helped helpful lovely makes perfect set solved "
    "super useful worked working works"
)
"""What stands beside thanks when all is said."""

_COURTEOUS = frozenset(_POLITE.split())
_HOLLOW = _COURTEOUS.union(_EMPTY.split())
_PRAISE = frozenset(_SAID.split())


def without_courtesies(text: str) -> str:
    """The text without the clauses at its start and its end that say nothing but something polite.

    A clause ends at a stop, a comma, a colon, a bracket or the end of a line. All of the text when nothing but
    courtesies and praise would be left.
    """
    clauses = [found for found in _CLAUSE.findall(text) if found]
    words = [_WORD.findall(clause.lower()) for clause in clauses]
    start = _polite(words)
    end = len(words) - _polite(words[start:][::-1])
    if start == 0 and end == len(words):
        return text
    if all(word in _HOLLOW or word in _PRAISE for clause in words[start:end] for word in clause):
        return text
    return "".join(clauses[start:end]).strip()


def _polite(clauses: Sequence[Sequence[str]]) -> int:
    """How many clauses, from the first on, are made of hollow words; 0 when none of them has a courteous one."""
    run = 0
    while run < len(clauses) and clauses[run] and _HOLLOW.issuperset(clauses[run]):
        run += 1
    is_courteous = any(word in _COURTEOUS for clause in clauses[:run] for word in clause)
    return run if is_courteous else 0
