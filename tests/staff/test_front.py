"""The front door: a clinic is set up in one page, and every screen is found from there."""

from dataclasses import replace
from typing import Any

import pytest

from clinic.register import load_setup
from clinic.setup import TEMPLATES, Clinician, Place, Setup
from messages import REFUSED
from messages import WRONG as SENTENCES
from tests.faces import Opens, Page, Practice, say, shown, text

FIELDS = {
    "name": "Hill Practice", "language": "es", "timezone": "Europe/Madrid", "phone": "555 0100", "seating": "There.",
    "service-A": "Doctor", "minutes-A": "12", "service-L": "Blood", "minutes-L": "7,5",
    "room-0": "Room 1", "serves-0-A": "on", "room-1": "Room 2", "serves-1-A": "on", "serves-1-L": "on",
    "tv_inches": "55", "tv_metres": "5,5", "names_on_tv": "on",
}  # fmt: skip


@pytest.fixture
def bare(opens: Opens) -> Practice:
    """A clinic that nobody has set up yet."""
    return opens(template="")


def filled(page: Page) -> dict[str, str]:
    """What the form holds as it came, as a browser would send it."""
    fields = {
        one.get("name", ""): one.get("value", "on")
        for one in page.every("input")
        if one.get("type") != "checkbox" or "checked" in one.attrib
    }
    fields |= {one.get("name", ""): "".join(one.itertext()) for one in page.every("textarea")}
    for select in page.every("select"):
        chosen = [one for one in select.iter("option") if "selected" in one.attrib]
        fields[select.get("name", "")] = chosen[0].get("value") or text(chosen[0])
    return fields


def test_the_first_visit_leads_to_the_set_up(bare: Practice) -> None:
    answer = bare.client.get("/")
    assert (answer.status_code, answer.location) == (303, "/setup")
    for path in ("/kiosk", "/display", "/display/plain", "/staff", "/staff/day", "/staff/new", "/t", "/healthz"):
        assert bare.client.get(path).status_code == 200, path


def test_one_page_sets_the_clinic_up_and_opens_the_day(bare: Practice) -> None:
    answer = bare.client.post("/setup", data=FIELDS)
    assert (answer.status_code, answer.location) == (303, "/")
    setup = bare.desk.line.setup
    assert (setup.name, setup.language, setup.timezone, setup.phone) == (
        "Hill Practice", "es", "Europe/Madrid", "555 0100",
    )  # fmt: skip
    assert [(one.letter, one.name, one.minutes) for one in setup.services] == [("A", "Doctor", 12), ("L", "Blood", 7.5)]
    ids = {one.letter: one.id for one in setup.services}
    assert [(room.name, room.services) for room in setup.rooms] == [
        ("Room 1", (ids["A"],)), ("Room 2", (ids["A"], ids["L"])),
    ]  # fmt: skip
    assert (setup.tv_inches, setup.tv_metres, setup.names_on_tv) == (55, 5.5, True)
    assert bare.desk.line.opened_at is not None
    assert bare.arrives(service=ids["L"])["ticket"] == "L 01"


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_saved_as_it_is_makes_a_clinic(bare: Practice, template: str) -> None:
    fields = filled(bare.page(f"/setup?template={template}"))
    assert bare.client.post("/setup", data=fields).status_code == 303
    setup, wanted = bare.desk.line.setup, TEMPLATES[template]
    assert (setup.services, setup.rooms, setup.name) == (wanted.services, wanted.rooms, wanted.name)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_clinic_can_be_set_up_unattended(opens: Opens, template: str) -> None:
    practice = opens(template=template)
    assert practice.desk.line.setup.services == TEMPLATES[template].services
    assert {practice.desk.line.room(room.id).state for room in practice.desk.line.setup.rooms} == {"open"}


def test_a_set_up_opened_and_saved_again_is_the_same(practice: Practice) -> None:
    practice.change(seating="By the window.", late_after=15, walk_in_after=5, tv_inches=32, px_per_mm=4.5)
    before = practice.desk.line
    assert practice.client.post("/setup", data=filled(practice.page("/setup"))).status_code == 303
    assert practice.desk.line.setup == before.setup
    assert practice.desk.line.opened_at == before.opened_at


def test_a_service_has_its_name_in_each_language_for_good(practice: Practice) -> None:
    fields = filled(practice.page("/setup")) | {"service-A": "GP", "service-A-es": "Médica", "service-A-ar": "طبيبة"}
    assert practice.client.post("/setup", data=fields).status_code == 303
    for lang, name in (("en", "GP"), ("es", "Médica"), ("ar", "طبيبة")):
        assert practice.page(f"/kiosk/services?lang={lang}").says("service-doctor") == name
        assert name in practice.page(f"/kiosk/details?service=doctor&lang={lang}").says("details")
    with practice.desk.store.read() as db:
        assert load_setup(db) == practice.desk.line.setup, "after a restart too"


def test_a_name_left_out_in_a_language_is_the_clinic_s_own(practice: Practice) -> None:
    fields = filled(practice.page("/setup")) | {"service-A": "GP", "service-A-es": "", "service-A-ar": " "}
    assert practice.client.post("/setup", data=fields).status_code == 303
    for lang in ("en", "es", "ar"):
        assert practice.page(f"/kiosk/services?lang={lang}").says("service-doctor") == "GP"


WRONG: list[tuple[dict[str, Any], str, str, dict[str, Any]]] = [
    ({"name": " "}, "name", "Write the clinic's name.", {}),
    ({"service-A": "", "service-L": ""}, "services", "Add at least one service that people come for.", {}),
    ({"room-0": "", "room-1": ""}, "rooms", "Add at least one room or desk where people are seen.", {}),
    ({"minutes-A": "0"}, "minutes-service-a", "Write how many minutes a visit takes, from 1 to 480.", {}),
    ({"minutes-A": "soon"}, "minutes-service-a", "Write how many minutes a visit takes, from 1 to 480.", {}),
    ({"serves-1-L": ""}, "service-service-l", "No room offers %(service)s yet. Tick it for at least one room.",
     {"service": "Blood"}),
    ({"room-1": "ROOM 1"}, "room-room-1", "Two rooms are called %(room)s. Give each its own name.", {"room": "Room 1"}),
    ({"timezone": "Mars/Crater"}, "timezone", "Choose a time zone from the list.", {}),
    ({"tv_inches": "big"}, "tv_inches", "Write the TV's size in inches and the distance in metres as numbers.", {}),
    ({"tv_metres": "0"}, "tv_inches", "Write the TV's size in inches and the distance in metres as numbers.", {}),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "where", "sentence", "values"), WRONG)
def test_what_cannot_work_is_marked_where_it_stands_and_nothing_is_saved(
    bare: Practice, wrong: dict[str, Any], where: str, sentence: str, values: dict[str, Any]
) -> None:
    answer = bare.client.post("/setup", data={**FIELDS, **wrong, "language": "en"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.says(f"wrong-{where}") == say(sentence, **values)
    assert say("Not saved yet. Look at what is marked below.") in shown(answer.text)
    kept = filled(page)
    for name in {"phone", "seating", "room-0"} - set(wrong):
        assert kept[name] == FIELDS[name]
    assert not bare.desk.is_set_up
    program = bare.client.post("/setup", json={**FIELDS, **wrong, "language": "en"})
    assert program.status_code == 422
    assert program.json
    assert (program.json["field"], program.json["message"]) == (where, say(sentence, **values))


def test_a_service_somebody_waits_for_cannot_be_taken_away(practice: Practice) -> None:
    practice.arrives()
    fields = filled(practice.page("/setup")) | {"service-A": ""}
    answer = practice.client.post("/setup", data=fields)
    assert answer.status_code == 409
    sentence = "These people still need what you took away: %(tickets)s. Finish their visits first."
    assert say(sentence, tickets="A 01") in shown(answer.text)
    assert len(practice.desk.line.setup.services) == 2


def test_a_set_up_in_use_may_be_changed_where_nobody_needs_it(practice: Practice) -> None:
    ana = practice.arrives()
    fields = filled(practice.page("/setup")) | {"service-H": "", "room-2": "", "service-A": "GP", "phone": "555 0199"}
    assert practice.client.post("/setup", data=fields).status_code == 303
    assert [one.name for one in practice.desk.line.setup.services] == ["GP"]
    assert practice.calls(ana)["status"] == "called"


def test_a_template_offered_later_keeps_what_is_the_clinic_s_own(practice: Practice) -> None:
    practice.change(name="Hill", phone="555 0100")
    fields = filled(practice.page("/setup?template=blood-tests"))
    assert (fields["name"], fields["phone"], fields["service-L"]) == ("Hill", "555 0100", "Blood test")


def test_the_front_door_shows_the_way_to_every_screen(opens: Opens) -> None:
    practice = opens(url="http://192.168.1.10:8000")
    page = practice.page("/")
    links = [one.get("href") for one in page.every("a")]
    for path in ("/kiosk", "/display", "/staff", "/t"):
        assert path in links
        assert f"http://192.168.1.10:8000{path}" in shown(practice.get("/"))
    assert len(page.every("svg")) == 4


def test_a_small_tv_far_away_is_warned_of(practice: Practice) -> None:
    warning = say(
        "On this TV the text cannot be large enough for that seat. Use a larger TV, or move the seats closer."
    )
    assert warning not in shown(practice.get("/setup"))
    practice.change(tv_inches=32, tv_metres=6)
    assert warning in shown(practice.get("/setup"))


@pytest.mark.parametrize("name", ["<script>window.pwned=1</script>", "{{7*7}}", "عيادة"])
def test_the_clinic_s_own_words_are_text_everywhere(practice: Practice, name: str) -> None:
    practice.arrives()
    plain = {
        path: [one.tag for one in practice.page(path).root.iter()] for path in ("/", "/setup", "/display", "/staff")
    }
    fields = filled(practice.page("/setup")) | {"name": name, "seating": name, "room-0": name, "service-A": name}
    assert practice.client.post("/setup", data=fields).status_code == 303
    for path, tags in plain.items():
        page = practice.page(path)
        assert [one.tag for one in page.root.iter()] == tags, path
    assert name in [text(one) for one in practice.page("/display").every("h1")]


PLANNED = Place("room-1", "Room 1", ("doctor",), "08:30", "17:00", (("10:15", "10:30"), ("12:00", "13:00")), (0, 1, 4))
STAFF = (Clinician("dr-ruiz", "Dr Ruiz"), Clinician("lee", "Lee", ("nurse",)))


def planned(practice: Practice) -> Setup:
    """The practice with hours, clinicians and its own way to find appointments."""
    rooms = (PLANNED, *practice.desk.line.setup.rooms[1:])
    practice.change(rooms=rooms, clinicians=STAFF, also_called=("Hill", "Hill, north"), early=30, late=90)
    return practice.desk.line.setup


def test_hours_and_clinicians_opened_and_saved_again_are_the_same(practice: Practice) -> None:
    before = planned(practice)
    assert practice.client.post("/setup", data=filled(practice.page("/setup"))).status_code == 303
    assert practice.desk.line.setup == before


def test_an_older_form_or_program_loses_nothing_it_does_not_know(practice: Practice) -> None:
    before = planned(practice)
    new = ("opens-", "closes-", "break-", "back-", "day-", "clinician-", "gives-", "also_called", "early", "late")
    fields = {name: value for name, value in filled(practice.page("/setup")).items()
              if not name.startswith(new) or name == "late_after"}  # fmt: skip
    assert practice.client.post("/setup", json=fields | {"name": "Hill"}).status_code == 303
    assert practice.desk.line.setup == replace(before, name="Hill")


def test_hours_are_written_in_the_form(practice: Practice) -> None:
    days = {f"day-0-{day}": "" for day in (2, 3, 5, 6)}
    fields = filled(practice.page("/setup")) | days | {
        "opens-0": "08:30", "closes-0": "17:00", "break-0-0": "12:00", "back-0-0": "13:00", "break-0-1": "10:15",
        "back-0-1": "10:30",
    }  # fmt: skip
    assert practice.client.post("/setup", data=fields).status_code == 303
    room = practice.desk.line.setup.rooms[0]
    assert room == replace(PLANNED, breaks=(("12:00", "13:00"), ("10:15", "10:30")))
    assert practice.desk.line.setup.rooms[1].opens == ""


def test_hours_that_cannot_be_lived_are_marked_and_unfolded(practice: Practice) -> None:
    before = practice.desk.line.setup
    fields = filled(practice.page("/setup")) | {"opens-0": "17:00", "closes-0": "08:30"}
    answer = practice.client.post("/setup", data=fields)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.says("wrong-hours-room-1") == say(SENTENCES["hours_wrong"], room="Room 1")
    assert ["open" in one.attrib for one in page.classed("hours")] == [True, False, False]
    assert filled(page)["opens-0"] == "17:00"
    assert practice.desk.line.setup == before


def test_clinicians_are_added_renamed_and_taken_away(practice: Practice) -> None:
    fields = filled(practice.page("/setup")) | {"clinician-0": "Dr Ruiz", "clinician-1": "Lee", "gives-1-H": "on"}
    assert practice.client.post("/setup", data=fields).status_code == 303
    ruiz, lee = practice.desk.line.setup.clinicians
    assert (ruiz.name, ruiz.services, lee.name, lee.services) == ("Dr Ruiz", (), "Lee", ("nurse",))
    fields = filled(practice.page("/setup")) | {"clinician-0": "", "clinician-1": "Lee Park", "clinician-2": "Dr Ruiz"}
    assert practice.client.post("/setup", data=fields).status_code == 303
    assert [(one.id, one.name) for one in practice.desk.line.setup.clinicians] == [
        (lee.id, "Lee Park"), (ruiz.id, "Dr Ruiz"),
    ]  # fmt: skip
    fields = filled(practice.page("/setup")) | {"clinician-1": "LEE PARK"}
    answer = practice.client.post("/setup", data=fields)
    assert answer.status_code == 422
    sentence = "Two clinicians are called %(clinician)s. Give each a name of their own."
    assert say(sentence, clinician="Lee Park") in shown(answer.text)
    fields = filled(practice.page("/setup")) | {"clinician-0": "", "clinician-1": ""}
    assert practice.client.post("/setup", data=fields).status_code == 303
    assert practice.desk.line.setup.clinicians == ()


def test_as_many_clinicians_as_a_clinic_has_are_kept(practice: Practice) -> None:
    practice.change(clinicians=tuple(Clinician(f"dr-{n}", f"Dr {n}") for n in range(100)))
    before = practice.desk.line.setup
    fields = filled(practice.page("/setup"))
    assert practice.client.post("/setup", data=fields).status_code == 303
    assert practice.desk.line.setup == before

    fields |= {"clinician-99": "Dr Ninety", "clinician-100": "Lee"}
    assert practice.client.post("/setup", data=fields).status_code == 303
    assert [one.name for one in practice.desk.line.setup.clinicians[98:]] == ["Dr 98", "Dr Ninety", "Lee"]


def test_who_joins_while_the_form_is_open_is_not_dropped_by_it(practice: Practice) -> None:
    planned(practice)
    fields = filled(practice.page("/setup"))
    practice.desk.clinician("Dr New")
    assert practice.client.post("/setup", data=fields | {"clinician-0": "Dr Ruiz Paz"}).status_code == 303
    assert [one.name for one in practice.desk.line.setup.clinicians] == ["Dr Ruiz Paz", "Lee", "Dr New"]


def test_who_was_taken_away_stays_away_when_something_else_has_to_be_corrected(practice: Practice) -> None:
    planned(practice)
    answer = practice.client.post("/setup", data=filled(practice.page("/setup")) | {"clinician-0": "", "name": ""})
    assert answer.status_code == 422
    assert practice.client.post("/setup", data=filled(Page(answer.text)) | {"name": "Hill"}).status_code == 303
    assert [one.name for one in practice.desk.line.setup.clinicians] == ["Lee"]


def test_a_clinician_who_works_here_now_is_not_taken_away(practice: Practice) -> None:
    planned(practice)
    practice.does("sign-in", room="room-1", clinician="dr-ruiz")
    fields = filled(practice.page("/setup")) | {"clinician-0": ""}
    answer = practice.client.post("/setup", data=fields)
    assert answer.status_code == 409
    sentence = REFUSED["clinician_in_use"]
    assert Page(answer.text).says("wrong-clinicians") == say(sentence, clinician="Dr Ruiz")
    assert practice.desk.line.setup.clinicians == STAFF
