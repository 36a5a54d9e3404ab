"""What identifies a person: names in any script, and the links that open their page."""

import stat
import unicodedata

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic import register
from clinic.names import clean_name, short_name
from clinic.register import CODE_ALPHABET, Links
from clinic.store import Store
from tests.clinic.given import NINE, SETUP

SCRIPTS = [
    "Ana María Núñez", "محمد الأحمد", "שרה כהן", "Νίκος Παπαδόπουλος", "Ольга Иванова", "王小明", "田中さくら",
    "김민준", "नीलम शर्मा", "สมชาย ใจดี", "Nguyễn Thị Ánh", "Ọlá Adébáyọ̀", "ლამარა", "Արամ", "ஸ்ரீதர்",
    "O’Brien-Smith Jr.", "𐐔𐐯𐑅𐐨𐑉𐐯𐐻",
]  # fmt: skip

# Any character, and often those that clash.
TYPED = st.text(
    st.sampled_from("aeAb가 \u0301\u0327\u1161\u00a0\u2000\x00\n\u202e\u200d\u200b\ud800") | st.characters(),
    max_size=80,
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_in_any_script_is_kept_as_it_is_written(store: Store, name: str) -> None:
    assert clean_name(name) == unicodedata.normalize("NFC", name)

    with store.write() as db:
        register.save_name(db, "ana", clean_name(name))

    with store.read() as db:
        assert register.names(db, ["ana", "bo"]) == {"ana": clean_name(name)}


@pytest.mark.parametrize(("typed", "kept"), [
    ("Ana\x00\x07", "Ana"), ("A\x1bna\x9f", "Ana"), ("\u202eanA", "anA"), ("Ana\u2066\u2069", "Ana"),
    ("\u200eAna\u200f\u061c", "Ana"), ("Ana\ud800", "Ana"), ("\udfffAna", "Ana"), ("  Ana \t\n  Bo\u00a0 ", "Ana Bo"),
    ("Ana\u2028Bo", "Ana Bo"), ("Jose\u0301", "José"), ("", ""), (" \x00\u202e ", ""),
    ("e\x00\u0301", "é"), ("Jose\u202e\u0301", "José"),
])  # fmt: skip
def test_control_bidi_and_broken_characters_are_taken_out_of_a_name(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("name", ["می\u200cخواهم", "क\u094d\u200dष", "👩\u200d⚕\ufe0f"])
def test_joiners_that_belong_to_a_script_stay_in_a_name(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("typed", ["\u200b", "\u200d\u200c", "\ufeff", "\u2060 \u00ad"])
def test_a_name_of_which_nothing_would_be_seen_is_no_name(typed: str) -> None:
    assert clean_name(typed) == ""


@for_all(typed=TYPED)
def test_a_cleaned_name_can_be_kept_shown_and_cleaned_again(typed: str) -> None:
    name = clean_name(typed)

    assert clean_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(c) for c in name} & {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI"}
    assert name == " ".join(name.split())
    assert name.encode().decode() == name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(typed=TYPED)
def test_any_cleaned_name_comes_back_from_the_register(store: Store, typed: str) -> None:
    name = clean_name(typed)

    with store.write() as db:
        db.execute("delete from person")
        register.save_name(db, "ana", name)

    with store.read() as db:
        assert register.names(db, ["ana"]) == ({"ana": name} if name else {})


@pytest.mark.parametrize(("name", "shown"), [
    ("Ana", "Ana"), ("Ana María Núñez", "Ana N."), ("محمد الأحمد", "محمد ا."), ("王小明", "王小明"), ("", ""),
])  # fmt: skip
def test_a_called_persons_name_is_short_on_the_tv(name: str, shown: str) -> None:
    assert short_name(name) == shown


def test_names_of_nobody_are_none(store: Store) -> None:
    with store.read() as db:
        assert register.names(db, []) == {}


def test_a_clinic_is_set_up_once_and_changed_after(store: Store) -> None:
    with store.read() as db:
        assert register.load_setup(db) is None
    for setup in (SETUP.__class__(name="Before"), SETUP):
        with store.write() as db:
            register.save_setup(db, setup)

    with store.read() as db:
        assert register.load_setup(db) == SETUP


def test_an_answer_is_remembered_with_what_was_asked(store: Store) -> None:
    with store.write() as db:
        register.save_answer(db, "r1", "fingerprint", {"ticket": "A 01", "by": None}, NINE)

    with store.read() as db:
        assert register.answered(db, "r1") == ("fingerprint", {"ticket": "A 01", "by": None})
        assert register.answered(db, "r2") is None


def test_a_secret_has_128_bits_and_is_its_visits_alone(store: Store) -> None:
    links = Links(store.folder)
    secrets = {links.secret(f"visit-{n}") for n in range(200)}

    assert len(secrets) == 200
    assert {len(secret) for secret in secrets} == {22}
    assert all(c.isascii() and (c.isalnum() or c in "-_") for secret in secrets for c in secret)


def test_a_link_opens_its_visits_page_and_no_other(store: Store) -> None:
    links = Links(store.folder)
    with store.write() as db:
        for visit in ("ana", "bo"):
            links.save(db, visit)

    with store.read() as db:
        assert links.visit_of_secret(db, links.secret("ana")) == "ana"
        assert links.visit_of_secret(db, links.secret("cy")) is None
        assert links.visit_of_secret(db, "\ud800") is None
        assert links.visit_of_code(db, links.code("bo")) == "bo"
        assert links.visit_of_code(db, links.code("cy")) is None


def test_a_code_is_typed_in_any_way(store: Store) -> None:
    links = Links(store.folder)
    with store.write() as db:
        links.save(db, "ana")
    code = links.code("ana")

    assert len(code) == 8
    assert set(code) <= set(CODE_ALPHABET)
    with store.read() as db:
        for typed in (code.lower(), f"{code[:4]}-{code[4:]}", f" {code[:4]} {code[4:]} "):
            assert links.visit_of_code(db, typed) == "ana"


def test_links_and_their_codes_end_with_the_day(store: Store) -> None:
    links = Links(store.folder)
    with store.write() as db:
        links.save(db, "ana")
        links.end(db)

    with store.read() as db:
        assert links.visit_of_code(db, links.code("ana")) is None
        assert links.visit_of_secret(db, links.secret("ana")) is None
        assert links.visit_of_companion(db, links.companion("ana")) is None


def test_a_code_that_is_taken_goes_on_opening_the_first_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    links = Links(store.folder)
    monkeypatch.setattr(Links, "code", lambda _self, _visit: "BCDFGHJK")
    with store.write() as db:
        for visit in ("ana", "bo"):
            links.save(db, visit)

    with store.read() as db:
        assert links.visit_of_code(db, "BCDFGHJK") == "ana"
        assert links.visit_of_secret(db, links.secret("bo")) == "bo"


def test_who_reads_the_database_cannot_open_a_page(store: Store) -> None:
    links = Links(store.folder)
    with store.write() as db:
        links.save(db, "ana")

    with store.read() as db:
        kept = "".join(str(value) for row in db.execute("select * from link") for value in row)
    assert links.secret("ana") not in kept
    assert links.code("ana") not in kept


def test_links_work_after_a_restart_and_not_in_another_clinic(store: Store) -> None:
    links = Links(store.folder)
    elsewhere = store.folder / "elsewhere"
    elsewhere.mkdir()

    assert Links(store.folder).secret("ana") == links.secret("ana")
    assert Links(elsewhere).secret("ana") != links.secret("ana")


def test_only_this_user_may_read_the_key_of_the_links(store: Store) -> None:
    Links(store.folder)

    assert stat.S_IMODE((store.folder / "kindline.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("written", [b"", b"half a key"])
def test_a_key_that_was_not_written_whole_is_made_anew(store: Store, written: bytes) -> None:
    """A power cut at the first start must not leave links that anybody could guess."""
    key = store.folder / "kindline.key"
    key.write_bytes(written)

    links = Links(store.folder)

    assert len(key.read_bytes()) == 32
    assert Links(store.folder).secret("ana") == links.secret("ana")
