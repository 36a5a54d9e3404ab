"""How a person's name is shown, and the letters their family name may begin with, folded so that accents and case never
keep somebody from being found. Pure."""

import re
import unicodedata
from collections.abc import Iterable

PARTICLES = frozenset(
    """van von vom zu zum zur der den ten ter de del della di da do dos das du des la las le les los y e et i
    al el ul bin ibn ben bint abu aba mac mc af av بن ابن بنت ابو""".split()  # noqa: SIM905 - a list of words
)
ARTICLE = "ال"
FAMILY_FIRST = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")
"""In these scripts the family name comes first."""

_LETTERS = ("Lu", "Ll", "Lt", "Lo", "Nd", "Nl")
_ALONE = {"Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Æ": "A", "Œ": "O", "ß": "S", "ẞ": "S", "Þ": "T", "Ħ": "H", "ı": "I",
          "ٱ": "ا"}  # fmt: skip
_MARKS_BEFORE = re.compile(r"^(?:[OoDdLl]['’ʼ`´]|[Aa]l-|[Ee]l-)(?=\w)")


def fold_letter(text: str) -> str:
    """The first letter or digit of this text as it is compared: "Ñ" is N, "é" is E, "أ" is ا. Empty without any."""
    first = next((c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) in _LETTERS), "")
    first = _ALONE.get(first.upper() if len(first.upper()) == 1 else first, first)
    if _is_of(first, ("HANGUL",)):
        return first
    plain = (c for c in unicodedata.normalize("NFKD", first) if unicodedata.category(c) in _LETTERS)
    folded = next(plain, "").upper()[:1]
    return _ALONE.get(folded, folded)


def letters_of(family: str, full: str) -> str:
    """The folded letters that somebody may enter as the first of their family name, each once.

    "van der Berg" may enter V or B. From a full name alone: the first letters of all words but the first.
    """
    if family.strip():
        words = family.split()
        own = [word for word in words if _plain(word) not in PARTICLES]
        words = [words[0], *own[:1]]
    else:
        words = full.split()
        if len(words) > 1 and not _is_of(words[0], FAMILY_FIRST):
            words = words[1:]
    return "".join(dict.fromkeys(letter for word in words for letter in _initials(word)))


def shown_name(name: str, family: str, given: str) -> tuple[str, str]:
    """The name as it is to be shown, given name first, and the family name as far as it is known."""
    if name and not family and not given and "," in name:
        family, _, given = (part.strip() for part in name.partition(","))
        name = ""
    if name and given and not family and given.casefold() not in name.casefold():
        # In lists with a column for given names, "Name" is the family's.
        family, name = name, ""
    if name and family and family.casefold() not in name.casefold():
        # ... and beside one for family names it is the given one.
        given, name = name, ""
    both = " ".join(part for part in (given, family) if part)
    if family and given:
        return both, family
    return (name or both), family


def _initials(word: str) -> Iterable[str]:
    """The folded first letter, and the one after an article or an O'."""
    yield from filter(None, [fold_letter(word)])
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if unicodedata.category(c) != "Mn")
    if plain.startswith(ARTICLE) and len(plain) > len(ARTICLE) + 1:
        yield from filter(None, [fold_letter(plain[len(ARTICLE) :])])
    if found := _MARKS_BEFORE.match(word):
        yield from filter(None, [fold_letter(word[found.end() :])])


def _plain(word: str) -> str:
    """The word for a look into the particles."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in folded if c.isalpha())


def _is_of(text: str, scripts: tuple[str, ...]) -> bool:
    return unicodedata.name(text[:1] or " ", "").startswith(scripts)
