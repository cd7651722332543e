"""Greetings, thanks and excuses around a request: no part of what is asked, so they are not read with it.

A short request drowns in them: of "Hi! Sorry to bother you, could you book a flight? Many thanks!" an encoder sees a
polite person first. What is nothing but polite is kept: that is how a conversation ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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
"""A clause of more than one word is left out only when it holds such a word."""

_EMPTY = (
    "a able about actually advance all also am an and android annoying another any anybody anyone anything are aren "
    "as ask asking assist assistance at awesome bad basic basically be bear been beginner best bit bless blessed "
    "brilliant but by bye can cannot clear clue confused cooperation could couldn couple course d day days deeply "
    "device did didn disturb disturbing do does doesn doing don done dumb earliest early else everybody everyone "
    "excuses favor favour feel few finds fine first five folks following for free friend friendly from get gets give "
    "glad god going gonna good goodbye got gotta great guys had happy hasn have haven having heads hear help helping "
    "here honest honestly how huge hurrying i idea if in interrupt interrupting ipad iphone is isn it its just "
    "keyboard kind kinda knew know knows kudos last late let letting like literally little ll long look looking lost "
    "lot lots love m ma madam man many may maybe me mention might mobile mr ms much must my need needed new newbie "
    "next nice no noob not note now of off oh on once one ones only or other our outlook over perhaps pester phone "
    "pleasure possible possibly pressing proceed question questions rather re real really request requests s sake "
    "second see sense seriously shall she short should silly sir so some somebody someone something soon sort sound "
    "sounds spare star still stop stuck stupid t ta tablet take team ten than that the their them then there these "
    "they thing things thinking this those thought time times to today tonight too trouble troubling truly try trying "
    "two typing u unable unclear understanding unsure up urgently us ve very wait wanna want wanted was we weekend "
    "were what when whenever whew which while who will wish with won wonder wonderful wont worry would wouldn ya yeah "
    "yes yet you your"
)
"""What greetings, thanks and excuses are made of beside them."""

_SAID = (
    "amazing awesome beaucoup brilliant cool enough exactly excellent fantastic helped helpful lovely makes mil muchas "
    "muito nah old perfect run set solved super useful vielen worked working works"
)
"""What stands beside thanks when all is said."""

_CLOSING = (
    "adiós amazing appreciate appreciated awesome brill brilliant bye cheers cu cya dank danke excellent fantastic "
    "glad goodbye gracias grazie great kudos legend lifesaver lovely merci night obrigado obrigada perfect star superb "
    "ta thank thanks thx tia tks tschüss ttyl ty tysm wonderful worked"
)
"""A turn of nothing but courtesies that has one of these ends what was asked, unless it has one of the next."""

_GOING_ON = (
    "again an another anything are but can could did does first get give how if let look make may more must my need "
    "needed other please pls plz possible request second see send shall should show sure then time wait want "
    "what when which who why with would y yeah yep yes"
)

_CLOSING_WORDS, _GOING_ON_WORDS = frozenset(_CLOSING.split()), frozenset(_GOING_ON.split())
_COURTEOUS = frozenset(_POLITE.split())
_HOLLOW = _COURTEOUS.union(_EMPTY.split())
_HOLLOW_OR_PRAISE = _HOLLOW.union(_SAID.split())


def without_courtesies(text: str) -> str:
    """The text without the clauses at its start and its end that say nothing but something polite.

    A clause ends at a stop, a comma, a colon, a bracket or the end of a line. All of the text when nothing but
    courtesies and praise would be left.
    """
    clauses = [found for found in _CLAUSE.findall(text) if found]
    start = _polite(clauses)
    end = len(clauses) - _polite(reversed(clauses[start:]))
    asked = clauses[start:end]
    if len(asked) == len(clauses) or all(word in _HOLLOW_OR_PRAISE for clause in asked for word in _words(clause)):
        return text
    return "".join(asked).strip()


def is_closing(text: str) -> bool:
    """Does it say nothing but thanks, praise or goodbye? A question never does, nor what says yes to one."""
    words = set(_words(text))
    return (
        "?" not in text
        and words <= _HOLLOW_OR_PRAISE | _CLOSING_WORDS
        and not words.isdisjoint(_CLOSING_WORDS)
        and words.isdisjoint(_GOING_ON_WORDS)
    )


def _polite(clauses: Iterable[str]) -> int:
    """How many clauses, from the first on, are polite: of hollow words, and of one word or with a courteous one."""
    run = 0
    for clause in clauses:
        words = _words(clause)
        if not words or not _HOLLOW.issuperset(words) or (len(words) > 1 and _COURTEOUS.isdisjoint(words)):
            break
        run += 1
    return run


def _words(clause: str) -> list[str]:
    return _WORD.findall(clause.lower())
