"""Is a text written in another language than English? By its letters and by its commonest words; nothing is guessed.

The first encoder of the router reads English only, and what it makes of other languages is noise.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_LAST_LATIN = "\u024f"

_COMMONEST = {
    "English": "the a an to of in on for and or is are was be it this that my me i you your we our with from at"
    " by as not do does did can could should would will what how why when which who if but so just please need want"
    " make write give get",
    "German": "der das und ist nicht ich du wir ihr ein eine einen einem einer mir mich dir dich mein meine"
    " meinen meiner mit auf fur zu zum zur von vom wie bitte kann kannst konnte habe haben wird werden warum welche"
    " welches dem den im ins wer gibt es oder sind",
    "Spanish": "el los las una unos unas del que por para con mi mis su es esta este esto puedes puede quiero"
    " necesito como cual donde hay favor",
    "Portuguese": "uma nas dos das ao os minha meu meus minhas isso voce nao preciso quero posso sao",
    "French": "le la les des du une je tu il elle nous vous mon ma mes ce cette ces est sont pour avec dans sur"
    " pas quel quelle comment pourquoi peux puis voudrais moi au aux ne ai fait",
    "Italian": "gli della dello delle dei un di che non mio mia sono puoi voglio vorrei questo questa quale"
    " perche nel alla",
    "Dutch": "het een van voor naar niet ik mijn wat hoe kun kunt deze dit zijn wil graag",
    "Polish": "jak sie nie jest moj moja prosze dla czy chce mozesz jaki jaka",
    "Turkish": "bir bu icin nasil benim bana mi lutfen ile cok",
}
"""In ASCII: a word with another letter speaks for another language anyway."""
_ENGLISH = frozenset(_COMMONEST["English"].split())
_OTHERS = frozenset(word for words in _COMMONEST.values() for word in words.split()) - _ENGLISH


def is_foreign(text: str) -> bool:
    """Most of its letters are of no Latin script, or more words speak for another language than for English.

    Those are its commonest words, and words with a letter that English does not have.
    """
    words = _WORD.findall(text.lower())
    strange = sum(letter > _LAST_LATIN for word in words for letter in word)
    if 2 * strange > sum(map(len, words)):
        return True
    others = sum(word in _OTHERS or not word.isascii() for word in words)
    return others > sum(word in _ENGLISH for word in words)
