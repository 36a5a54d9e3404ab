"""Every word a person reads: there in each language, filled rightly, plain, kind, and short."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader

import compiled
import messages as said
import words
from tests.clinic.given import NINE
from tests.faces import say, say_many
from tools.words import ROOT, extract, missing
from tools.words import messages as each_of

LANGUAGES = ["en", "es", "ar"]
TRANSLATED = ["es", "ar"]
PATIENT = (
    "templates/kiosk/",
    "templates/phone/",
    "templates/display/",
    "templates/problem.html",
    "templates/privacy.html",
    "kiosk/",
    "display/",
)
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(time)\}")

# EXPERIENCE section 9; the hidden "Error:" for screen readers is right (K7).
BANNED = ["invalid", "error", "failed", "no-show", "no show", "dna", "triage", "unfortunately", "please be patient",
          "due to high volume", "queue position", "asap", "shortly", "session", "oops", "must",
          "forbidden"]  # fmt: skip
BANNED_IN_TROUBLE = ["invalid", "please", "sorry", "oops", "forbidden"]
LAST = re.compile(
    r"\b(you are|you're) last\b|\blast in\b|\bend of the (line|queue)\b|\bnobody (is )?(after|behind)\b", re.I
)

MOST_WORDS = 15
MOST_GRADE = 6.0
TV_STALE = "Last updated {time}. We are reconnecting. We are still calling people. Listen for your number."


@cache
def catalogue() -> Catalog:
    return extract()


ONE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"\n\nmsgid "Doctor"\nmsgstr "{}"\n'


def says(path: Path, english: str) -> str:
    """What the catalogue in this file, as it is used, makes of a sentence."""
    return GNUTranslations(BytesIO(compiled.catalogue(path))).gettext(english)


def test_a_catalogue_is_read_once_and_anew_when_it_says_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "KEPT", tmp_path / "kept")
    path = tmp_path / "es.po"
    path.write_text(ONE.format("Médico"))
    assert says(path, "Doctor") == "Médico"
    with monkeypatch.context() as patch:
        patch.setattr(compiled, "_read", None)  # what was kept is enough
        assert says(path, "Doctor") == "Médico"
    path.write_text(ONE.format("Doctora"))
    assert says(path, "Doctor") == "Doctora"
    assert [file.name for file in compiled.KEPT.iterdir()] == ["words-es.mo"]


@pytest.mark.parametrize("left", [0, 20, 32, 60, -1])
def test_half_a_kept_catalogue_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    monkeypatch.setattr(compiled, "KEPT", tmp_path)
    path = tmp_path / "es.po"
    path.write_text(ONE.format("Médico"))
    whole = compiled.catalogue(path)
    kept = tmp_path / "words-es.mo"
    kept.write_bytes(kept.read_bytes()[:left])
    assert compiled.catalogue(path) == whole


def test_a_catalogue_that_can_be_kept_nowhere_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "es.po"
    path.write_text(ONE.format("Médico"))
    monkeypatch.setattr(compiled, "KEPT", path / "no folder")
    assert says(path, "Doctor") == "Médico"


def pages(folder: Path) -> Environment:
    """An environment as ours, of the pages in this folder."""
    return Environment(loader=FileSystemLoader(folder), bytecode_cache=compiled.Pages("en", b""), autoescape=True)


def test_a_page_is_compiled_once_and_anew_when_it_says_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "KEPT", tmp_path / "kept")
    (tmp_path / "page.html").write_text("Welcome")
    assert pages(tmp_path).get_template("page.html").render() == "Welcome"
    with monkeypatch.context() as patch:
        patch.setattr(Environment, "_generate", None)  # what was kept is enough
        assert pages(tmp_path).get_template("page.html").render() == "Welcome"
    (tmp_path / "page.html").write_text("Good morning")
    assert pages(tmp_path).get_template("page.html").render() == "Good morning"
    assert len(list(compiled.KEPT.iterdir())) == 1


def test_what_was_compiled_for_one_language_is_not_used_for_another_nor_after_its_words_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "KEPT", tmp_path / "kept")
    (tmp_path / "page.html").write_text('{{ _("Doctor") }}')

    def said(code: str, word: str) -> str:
        spoken = words.templates.overlay(
            loader=FileSystemLoader(tmp_path), bytecode_cache=compiled.Pages(code, word.encode())
        )
        spoken.globals = {"_": lambda _sentence: word}
        return spoken.get_template("page.html").render()

    assert [said("en", "Doctor"), said("es", "Médico"), said("en", "Doctor")] == ["Doctor", "Médico", "Doctor"]
    assert said("es", "Doctora") == "Doctora"


def test_a_page_that_can_be_kept_nowhere_is_shown_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text("Welcome")
    monkeypatch.setattr(compiled, "KEPT", tmp_path / "page.html" / "no folder")
    assert pages(tmp_path).get_template("page.html").render() == "Welcome"


def forms(message: Message) -> tuple[str, ...]:
    """The English of a message: one text, or one for one and one for many."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def ours() -> list[str]:
    """Every English text that patients read, and every sentence that says what cannot be done."""
    found: list[str] = []
    for message in each_of(catalogue()):
        places = [place for place, _line in message.locations]
        if any(place.startswith(PATIENT) or place == "messages.py" for place in places):
            found += forms(message)
    return sorted(set(found))


@cache
def translations(lang: str) -> Catalog:
    path = Path(ROOT) / "templates" / "words" / f"{lang}.po"
    with path.open("rb") as file:
        return read_po(file, locale=lang)


def test_there_are_words_to_look_at() -> None:
    assert len(ours()) > 150
    assert set(words.LANGUAGES) >= set(LANGUAGES)


def test_no_sentence_is_missing_in_any_language() -> None:
    assert {lang: lacking for lang, lacking in missing().items() if lacking} == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_catalogue_keeps_a_sentence_that_nobody_says(lang: str) -> None:
    wanted = {message.id for message in each_of(catalogue())}
    assert [message.id for message in each_of(translations(lang)) if message.id not in wanted] == []


@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_translation_is_not_the_english_once_more(lang: str) -> None:
    alike = [
        message.id
        for message in each_of(translations(lang))
        if message.string == message.id and len(re.findall(r"[a-z]{3,}", PLACEHOLDER.sub("", str(message.id)))) > 2
    ]
    assert alike == []


def values(text: str) -> set[str]:
    return {found[1] or found[2] for found in PLACEHOLDER.finditer(text)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_translation_is_filled_with_the_same_values(lang: str) -> None:
    wrong = []
    for message in each_of(translations(lang)):
        wanted = values(forms(message)[-1])
        if isinstance(message.string, str):
            wrong += [message.string] if values(message.string) != wanted else []
            continue
        counted = tuple(message.string or ())
        for text in counted:
            # "one person" and "two people" may be said in words, without the number
            if not wanted - {"n"} <= values(text) <= wanted:
                wrong.append(text)
        wrong += [text for text in counted[-1:] if values(text) != wanted]
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_can_be_filled(lang: str) -> None:
    language = words.language(lang)
    for message in each_of(catalogue()):
        filled = dict.fromkeys(values(" ".join(forms(message))) - {"n", "time"}, "7") | {"time": "09:00"}
        if isinstance(message.id, str):
            text = language.gettext(message.id, n=7, **filled)
            assert "%(" not in text
            continue
        one, many = message.id
        for n in (0, 1, 2, 5, 11, 100):
            assert "%(" not in language.ngettext(one, many, n, **filled)


CATEGORIES = {
    "en": {0: "other", 1: "one", 2: "other", 5: "other", 11: "other", 100: "other"},
    "es": {0: "other", 1: "one", 2: "other", 5: "other", 11: "other", 100: "other"},
    "ar": {0: "zero", 1: "one", 2: "two", 5: "few", 11: "many", 100: "other"},
}


@pytest.mark.parametrize(("lang", "n"), [(lang, n) for lang in LANGUAGES for n in CATEGORIES[lang]])
def test_each_number_takes_its_own_form(lang: str, n: int) -> None:
    """By Unicode's rules; the forms stand in the order zero, one, two, few, many, other."""
    assert Locale.parse(lang).plural_form(n) == CATEGORIES[lang][n]
    kinds = [kind for kind in ("zero", "one", "two", "few", "many", "other") if kind in CATEGORIES[lang].values()]
    assert translations(lang).num_plurals == len(kinds)
    plain = words.language(lang)
    for message in each_of(translations(lang)):
        if isinstance(message.string, tuple | list):
            one, many = forms(message)
            expected = message.string[kinds.index(CATEGORIES[lang][n])]
            assert plain.catalogue.ngettext(one, many, n) == expected


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("There is %(n)s person before you.", "There are %(n)s people before you."),
        ("%(n)s person has joined after you.", "%(n)s people have joined after you."),
        ("Within %(n)s minute", "Within %(n)s minutes"),
    ],
)
def test_people_and_minutes_are_counted_rightly(lang: str, one: str, many: str) -> None:
    counted = {n: say_many(one, many, n, lang) for n in (0, 1, 2, 3, 5, 11, 100)}
    assert all(str(n) in counted[n] for n in (3, 5, 11, 100))
    assert len(set(counted.values())) == len(counted)

    def without(n: int) -> str:
        return counted[n].replace(str(n), "#")

    assert without(1) != without(5)
    assert without(3) == without(5)
    assert (without(2) == without(5)) is (lang != "ar")


def calls_of(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of this name in the product, with the file it stands in."""
    files = [*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name:
                yield path.relative_to(ROOT).as_posix(), node


FOLDERS = ("clinic", "kiosk", "display", "staff", "doors")
ANSWERS = ("_answer", "answer", "refused_in", "not_unlocked")
NOT_OPEN = ("closed", "paused")


def codes(node: ast.expr) -> list[str]:
    """The codes that this argument can be; a part filled in is the state of a room that is not open."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*codes(node.body), *codes(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        return ["".join(str(part) if part is not None else state for part in parts) for state in NOT_OPEN]
    return []


def refusals() -> list[tuple[str, str, set[str]]]:
    """Each refusal in the code: where, its code, and the names of the values it brings."""
    found = []
    for path, call in calls_of("Refused"):
        given = {keyword.arg or "" for keyword in call.keywords}
        found += [(path, code, given) for code in codes(call.args[0])]
    return found


def wrongs() -> list[tuple[str, str, set[str]]]:
    """Each thing that can be wrong with what was sent, likewise."""
    found = []
    for path, call in calls_of("BadInput"):
        given = {keyword.arg or "" for keyword in call.keywords} | {"field"}
        found += [(path, code, given) for code in codes(call.args[1])]
    for path, call in calls_of("Problem"):
        keys = call.args[2].keys if len(call.args) > 2 and isinstance(call.args[2], ast.Dict) else []
        given = {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)} | {"field"}
        found += [(path, code, given) for code in codes(call.args[1])]
    return found


def remarks() -> list[tuple[str, str, set[str]]]:
    """Each thing that is said of a list of appointments or of a row in it, likewise."""
    found = []
    for path, call in calls_of("Unreadable"):
        found += [(path, code, {keyword.arg or "" for keyword in call.keywords}) for code in codes(call.args[0])]
    for path, call in calls_of("Remark"):
        keys = call.args[3].keys if len(call.args) > 3 and isinstance(call.args[3], ast.Dict) else []
        given = {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
        found += [(path, code, given) for code in codes(call.args[2])]
    return found


def test_every_refusal_has_its_words_and_every_words_their_refusal() -> None:
    assert {code for _, code, _ in refusals()} == set(said.REFUSED)


def test_everything_that_can_be_wrong_has_its_words_and_the_other_way_round() -> None:
    assert {code for _, code, _ in wrongs()} == set(said.WRONG)


def test_all_that_is_said_of_a_list_has_its_words_and_the_other_way_round() -> None:
    assert {code for _, code, _ in remarks()} == set(said.LISTS)


def test_every_other_trouble_has_its_words() -> None:
    from app import CODES

    calls = [call for name in ANSWERS for _, call in calls_of(name)]
    answered = {code for call in calls for argument in call.args for code in codes(argument)}
    assert {*CODES.values(), "not_found", "bug"} | (answered & set(said.OTHER)) >= set(said.OTHER)
    assert set(CODES.values()) <= set(said.OTHER) | set(said.WRONG)


def test_who_refuses_brings_what_the_words_need() -> None:
    lacking = []
    for path, code, given in [*refusals(), *wrongs(), *remarks()]:
        needed = values((said.REFUSED | said.WRONG | said.LISTS).get(code, ""))
        # The word for a status and the list of people are made by `sentence` from what was brought.
        if not needed <= given:
            lacking.append((path, code, needed - given))
    assert lacking == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_troubles_are_told_by_one_name(lang: str) -> None:
    tables = [said.REFUSED, said.WRONG, said.LISTS, said.OTHER]
    assert len({code for table in tables for code in table}) == sum(map(len, tables))
    filled = {"tickets": ["A 01"], "status": "called", "field": "name", "room": "Room 1", "ticket": "A 01", "limit": 5,
              "choices": "a", "letters": "A", "letter": "A", "service": "X", "cells": 9, "headers": 8, "column": "Name",
              "first": 7, "text": "x", "zone": "Mars", "day": "2026-11-23", "known": "Doctor",
              "language": "Polish", "at": NINE, "times": [NINE], "calls": 1, "enough": 3, "done": 1, "all": 2,
              "clinician": "Dr Ruiz", "login": "ana", "minutes": 3, "left": 2}  # fmt: skip
    for table in tables:
        for code in table:
            assert said.sentence(code, filled, words.language(lang), UTC).endswith((".", "؟", "!"))


def test_a_status_and_a_reason_for_each_that_there_is() -> None:
    from clinic import commands, line

    assert set(said.STATUS) == {*line.HERE, "done", "left"}
    assert tuple(said.REASONS) == commands.REASONS


DOING = ["add", "ask", "call", "carry", "check", "choose", "close", "come", "enter", "fill", "finish",
         "give", "go", "keep", "load", "look", "open", "press", "see", "send", "start", "stay", "tick",
         "try", "unpack", "use", "wait", "write"]  # fmt: skip


def test_every_trouble_comes_with_something_to_do() -> None:
    doing = re.compile(rf"\b({'|'.join(DOING)})\b", re.I)
    for code, text in (said.REFUSED | said.LISTS | said.OTHER).items():
        assert doing.search(re.split(r"(?<=\.)\s", text)[-1]), f"{code} does not end with it"
    for code, text in said.WRONG.items():
        assert doing.search(text), code


def holds(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.I) is not None


@pytest.mark.parametrize("word", BANNED)
def test_a_word_that_hurts_is_never_said_to_a_patient(word: str) -> None:
    assert [text for text in ours() if text != "Error:" and holds(text, word)] == []


@pytest.mark.parametrize("word", BANNED_IN_TROUBLE)
def test_trouble_is_told_without_begging_and_without_blame(word: str) -> None:
    sentences = (said.REFUSED | said.WRONG | said.LISTS | said.OTHER).values()
    assert [text for text in sentences if holds(text, word)] == []


def test_nobody_is_ever_told_that_they_are_last() -> None:
    assert [text for message in each_of(catalogue()) for text in forms(message) if LAST.search(text)] == []


def plain(text: str) -> str:
    """The text with values as they are read aloud."""
    return PLACEHOLDER.sub("ten", text)


def parts(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:])\s+", plain(text)) if re.search(r"\w", part)]


def spoken(text: str) -> list[str]:
    return re.findall(r"[\w'’]+", text)


def syllables(word: str) -> int:
    """How many syllables an English word has, as near as its spelling tells."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    found = len(re.findall(r"[aeiouy]+", letters))
    silent = re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouyszcgx]es$", letters)
    return max(1, found - bool(silent))


def grade(text: str) -> float:
    """The school grade that reads this with ease (Flesch and Kincaid)."""
    heard = spoken(plain(text))
    return 0.39 * len(heard) / len(parts(text)) + 11.8 * sum(map(syllables, heard)) / len(heard) - 15.59


@pytest.mark.parametrize(
    ("word", "count"),
    [("place", 1), ("number", 2), ("called", 1), ("waited", 2), ("minutes", 2), ("appointment", 3), ("a", 1),
     ("services", 3), ("people", 2), ("straight", 1), ("closed", 1), ("table", 2), ("reconnecting", 4)],
)  # fmt: skip
def test_the_counter_counts_syllables_as_people_do(word: str, count: int) -> None:
    assert syllables(word) == count


def test_no_sentence_to_a_patient_is_longer_than_15_words() -> None:
    long = {text: max(len(spoken(part)) for part in parts(text)) for text in ours() if text != TV_STALE and parts(text)}
    assert {text: count for text, count in long.items() if count > MOST_WORDS} == {}


def test_a_child_of_twelve_can_read_it_all() -> None:
    """A measure of sentences: a label of fewer than five words has no average."""
    hard = {text: round(grade(text), 1) for text in ours() if len(spoken(plain(text))) >= 5}
    assert len(hard) > 120
    assert {text: found for text, found in hard.items() if found > MOST_GRADE} == {}


def test_no_label_holds_a_long_word() -> None:
    # Who needs an interpreter looks for that very word, and an icon stands beside it.
    short = [text for text in ours() if len(spoken(plain(text))) < 5 and text != "Interpreter"]
    assert [text for text in short if any(syllables(word) > 3 for word in spoken(plain(text)))] == []


@pytest.mark.parametrize(
    ("lang", "name", "direction"), [("en", "English", "ltr"), ("es", "Español", "ltr"), ("ar", "العربية", "rtl")]
)
def test_a_language_is_named_in_its_own_words(lang: str, name: str, direction: str) -> None:
    found = words.LANGUAGES[lang]
    assert (found.code, found.name, found.dir) == (lang, name, direction)


def test_an_unknown_language_falls_back_to_the_clinic_s_and_then_to_english() -> None:
    assert words.language("tlh", "es").code == "es"
    assert words.language(None, "tlh").code == "en"
    assert words.language("", "ar").code == "ar"


def test_a_sentence_without_translation_is_plain_english() -> None:
    assert say("Nobody has translated this yet.", "ar") == "Nobody has translated this yet."


@pytest.mark.parametrize("lang", LANGUAGES)
def test_values_are_put_in_as_text(lang: str) -> None:
    filled = words.language(lang).gettext("Please come to %(room)s.", room="<b>%(x)s {{7*7}}</b>")
    assert "&lt;b&gt;%(x)s {{7*7}}&lt;/b&gt;" in filled


def test_adding_a_language_is_adding_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "templates" / "words"
    folder.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Language: {0}\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    head += '"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Welcome."\nmsgstr "{1}"\n'
    (folder / "en.po").write_text(head.format("en", "Welcome."), encoding="utf-8")
    (folder / "de.po").write_text(head.format("de", "Willkommen."), encoding="utf-8")
    monkeypatch.setattr(words, "ROOT", tmp_path)
    monkeypatch.setattr(compiled, "KEPT", tmp_path / "kept")
    found = words._load()
    assert [(one.code, one.name, one.gettext("Welcome.")) for one in found.values()] == [
        ("en", "English", "Welcome."),
        ("de", "Deutsch", "Willkommen."),
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_stands_in_the_page_as_it_is_compiled_for_its_language(lang: str) -> None:
    source, _, _ = words.templates.loader.get_source(words.templates, "phone/ended.html")  # type: ignore[union-attr]
    sentences = re.findall(r'_\("([^"]+)"\) }}', source)
    compiled = words._spoken(lang).compile(source, raw=True)

    assert len(sentences) == 4
    for sentence in sentences:
        assert repr(str(words.language(lang).gettext(sentence)))[1:-1] in compiled
