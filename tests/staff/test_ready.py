"""In the set-up each service says what to have ready, and the clinic where water, toilets and Wi-Fi are."""

from dataclasses import replace

import pytest

from clinic.register import load_setup
from clinic.setup import READY, TEMPLATES, Setup
from tests.faces import Opens, Practice, say
from tests.staff.test_front import filled

AROUND = {"water": "By the desk", "toilets": "في نهاية الممر", "wifi": "Guest, no password"}


def furnished(practice: Practice) -> Setup:
    """A doctor's list in ticks and words, and all three places."""
    doctor, nurse = practice.desk.line.setup.services
    doctor = replace(doctor, ready=("medicines", "glasses"), ready_also="Your red booklet")
    practice.change(services=(doctor, replace(nurse, ready=())), **AROUND)
    return practice.desk.line.setup


def test_what_to_have_ready_is_ticked_and_written(practice: Practice) -> None:
    fields = filled(practice.page("/setup"))
    del fields["ready-A-insurance_card"]
    fields |= {"ready-A-letter": "on", "ready-also-A": "Your red booklet", **AROUND}
    assert practice.client.post("/setup", data=fields).status_code == 303
    setup = practice.desk.line.setup
    assert (setup.services[0].ready, setup.services[0].ready_also) == (("medicines", "letter"), "Your red booklet")
    assert (setup.water, setup.toilets, setup.wifi) == tuple(AROUND.values())
    with practice.desk.store.read() as db:
        assert load_setup(db) == setup, "after a restart too"


def test_opened_and_saved_again_it_is_the_same(practice: Practice) -> None:
    before = furnished(practice)
    assert practice.client.post("/setup", data=filled(practice.page("/setup"))).status_code == 303
    assert practice.desk.line.setup == before


def test_everything_can_be_taken_out_again(practice: Practice) -> None:
    furnished(practice)
    fields = {name: value for name, value in filled(practice.page("/setup")).items() if not name.startswith("ready-A-")}
    fields |= {"ready-also-A": " ", **dict.fromkeys(AROUND, "")}
    assert practice.client.post("/setup", data=fields).status_code == 303
    setup = practice.desk.line.setup
    assert (setup.services[0].ready, setup.services[0].ready_also) == ((), "")
    assert (setup.water, setup.toilets, setup.wifi) == ("", "", "")


def test_an_older_form_or_program_leaves_it_as_it_was(practice: Practice) -> None:
    before = furnished(practice)
    fields = {name: value for name, value in filled(practice.page("/setup")).items()
              if not name.startswith("ready-") and name not in AROUND}  # fmt: skip
    assert practice.client.post("/setup", json=fields | {"name": "Hill"}).status_code == 303
    assert practice.desk.line.setup == replace(before, name="Hill")


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_the_form_offers_every_thing_in_words(practice: Practice, lang: str) -> None:
    page = practice.page(f"/setup?lang={lang}")
    for code in READY:
        assert len(page.every("input", name=f"ready-A-{code}")) == 1
    assert say("your medicines", lang) in page.says("ready-A")


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_comes_with_a_list(opens: Opens, template: str) -> None:
    for service in opens(template=template).desk.line.setup.services:
        assert service.ready
        assert set(service.ready) <= set(READY)
