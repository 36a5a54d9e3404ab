"""The letter somebody enters is one that their family name may begin with, in any script."""

import unicodedata

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic.lists.person import fold_letter, letters_of, shown_name


@pytest.mark.parametrize(("text", "letter"), [
    ("ñu", "N"), ("É", "E"), ("e\u0301", "E"), ("ø", "O"), ("Łukasz", "L"), ("đ", "D"), ("Æ", "A"), ("œ", "O"),
    ("ß", "S"), ("Þór", "T"), ("ı", "I"), ("İ", "I"), ("أحمد", "ا"), ("إيمان", "ا"), ("آدم", "ا"), ("ٱ", "ا"),
    ("ا", "ا"),
    ("Ж", "Ж"), ("ж", "Ж"), ("λ", "Λ"), ("王", "王"), ("김", "김"), ("क़", "क"), ("が", "か"), ("  'tis", "T"),
    ("7", "7"), ("", ""), ("--", ""), ("ﬁ", "F"),
])  # fmt: skip
def test_a_letter_is_compared_without_accent_and_case(text: str, letter: str) -> None:
    assert fold_letter(text) == letter


@for_all(st.text())
def test_a_folded_letter_folds_to_itself_however_it_was_typed(text: str) -> None:
    letter = fold_letter(text)

    assert fold_letter(letter) == letter
    assert len(letter) <= 1
    assert fold_letter(unicodedata.normalize("NFD", text)) == fold_letter(unicodedata.normalize("NFC", text)) == letter


@pytest.mark.parametrize(("family", "letters"), [
    ("Müller", "M"), ("van der Berg", "VB"), ("de la Cruz", "DC"), ("O'Brien", "OB"), ("O’Neil", "ON"),
    ("McKay", "M"),
    ("García López", "G"), ("al-Hassan", "AH"), ("Al Hassan", "AH"), ("bin Laith", "BL"), ("العلي", "اع"),
    ("بن علي", "بع"),
    ("الأحمد", "ا"), ("Öz", "O"), ("王", "王"), ("de", "D"), ("Vanden", "V"), ("Ål", "A"), ("dos Santos", "DS"),
])  # fmt: skip
def test_a_family_name_may_be_entered_by_its_first_letter_or_the_one_after_its_particles(
    family: str, letters: str
) -> None:
    assert letters_of(family, "Somebody Else") == letters


@pytest.mark.parametrize(("full", "letters"), [
    ("Ana María García López", "MGL"), ("Ana", "A"), ("Bo Ek", "E"), ("محمد الأحمد", "ا"), ("田中 太郎", "田太"),
    ("", ""), ("Ana Ana Ana", "A"), ("Nur al-Din", "AD"),
])  # fmt: skip
def test_of_a_full_name_alone_every_word_but_the_first_may_be_the_family_s(full: str, letters: str) -> None:
    assert letters_of("", full) == letters


@pytest.mark.parametrize(("cells", "shown", "family"), [
    (("", "García", "Ana"), "Ana García", "García"),
    (("García, Ana", "", ""), "Ana García", "García"),
    (("Ana García", "", ""), "Ana García", ""),
    (("Müller", "", "Ida"), "Ida Müller", "Müller"),
    (("Ana", "García", ""), "Ana García", "García"),
    (("Ana García", "García", ""), "Ana García", "García"),
    (("Ana García", "", "Ana"), "Ana García", ""),
    (("Dr Ana García", "García", "Ana"), "Ana García", "García"),
    (("", "García", ""), "García", "García"),
    (("", "", ""), "", ""),
])  # fmt: skip
def test_a_name_is_shown_with_the_given_name_first(cells: tuple[str, str, str], shown: str, family: str) -> None:
    assert shown_name(*cells) == (shown, family)
