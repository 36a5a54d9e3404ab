"""A page of before a restore can change nothing, also where it is a plain form, sent without any script."""

from doors.audit import Search
from tests.doors.conftest import house
from tests.doors.house import House, said
from tests.faces import Page, Practice, opens, practice, say, shown
from tests.staff.test_front import filled

__all__ = ["house", "opens", "practice"]

BROWSER = {"Accept": "text/html"}


def put_back(practice: Practice) -> None:
    """What a restore does to pages."""
    practice.desk.begin_another_life()


def test_every_form_that_sends_says_of_which_life_its_page_is(practice: Practice) -> None:
    put_back(practice)
    visit = practice.arrives()
    forms = 0
    for path in ("/setup", "/staff", "/staff/new", "/staff/appointments", "/kiosk", "/kiosk/services", "/login"):
        page = practice.page(path)
        for form in page.every("form"):
            lives = [one.get("value") for one in form.iter("input") if one.get("name") == "life"]
            assert lives == ([practice.desk.life] if form.get("method") == "post" else []), path
            forms += form.get("method") == "post"
    assert forms > 10
    for path in ("/t", practice.phone(visit)):  # what somebody says of their own visit is true in any life
        assert practice.page(path).every("form")
        assert not practice.page(path).every("input", name="life")


def test_a_set_up_that_was_opened_before_a_restore_is_not_saved_and_stays_typed(practice: Practice) -> None:
    fields = filled(practice.page("/setup")) | {"seating": "By the old window."}
    assert fields["life"] == ""
    put_back(practice)

    answer = practice.client.post("/setup", data=fields, headers=BROWSER)

    assert answer.status_code == 409
    assert practice.desk.line.setup.seating == ""
    assert say(
        "Not saved yet: the clinic was put back to an earlier state. Look at what you typed, then save it again."
    ) in shown(answer.text)
    again = filled(Page(answer.text))
    assert (again["seating"], again["life"]) == ("By the old window.", practice.desk.life)
    assert practice.client.post("/setup", data=again, headers=BROWSER).status_code == 303
    assert practice.desk.line.setup.seating == "By the old window."


def test_a_console_without_scripts_calls_nobody_by_what_it_showed_before_a_restore(practice: Practice) -> None:
    practice.arrives()
    put_back(practice)

    answer = practice.client.post("/staff/call-next", data={"room": "room-1", "life": ""}, headers=BROWSER)

    assert answer.status_code == 409
    assert say("The clinic was put back to an earlier state. Look again.") in shown(answer.text)
    assert [one.status for one in practice.desk.line.visits.values()] == ["waiting"]


def test_a_tablet_without_scripts_begins_anew(practice: Practice) -> None:
    put_back(practice)
    answer = practice.client.post("/kiosk/check-in", data={"service": "doctor", "life": "another"}, headers=BROWSER)
    assert answer.status_code == 409
    assert Page(answer.text).every("a", href="/kiosk")
    assert practice.desk.line.visits == {}


def test_a_program_says_no_life_and_gives_a_new_command(practice: Practice) -> None:
    put_back(practice)
    assert practice.client.post("/kiosk/check-in", json={"service": "doctor", "request": "1"}).status_code == 201
    assert practice.client.post("/kiosk/check-in", data={"service": "doctor", "request": "2"}).status_code in (200, 201)


def test_who_asks_for_a_person_is_heard_whatever_the_page_is_of(practice: Practice) -> None:
    put_back(practice)
    practice.client.post("/kiosk/help", data={"place": "tablet", "life": "another", "request": "1"}, headers=BROWSER)
    assert len(practice.desk.line.helps) == 1


def test_a_phone_speaks_for_its_own_visit_whatever_its_page_is_of(practice: Practice) -> None:
    visit = practice.arrives()
    secret = visit["url"].rpartition("/")[2]
    put_back(practice)
    practice.client.post(f"/t/{secret}/help", data={"about": "worse", "life": "another"}, headers=BROWSER)
    assert [one.about for one in practice.desk.line.helps.values()] == ["worse"]


def test_who_signs_in_or_out_can_do_so_from_any_page(house: House) -> None:
    house.app.extensions["desk"].begin_another_life()
    client, account = house.client(), house.add("reception")
    answer = client.post("/login", data={"login": account.login, "password": "wrong", "life": "another"})
    assert answer.status_code == 401
    assert house.signs_in(account, client).status_code == 303
    assert client.post("/staff/lock", data={"life": "another"}).location.startswith("/staff/unlock")
    assert client.post("/logout", data={"life": "another"}).location == "/login"


def test_what_an_old_page_asked_for_is_in_the_audit_as_not_done(house: House) -> None:
    client = house.as_role("reception")
    house.app.extensions["desk"].begin_another_life()
    answer = client.post(
        "/staff/call-next", data={"room": "room-1", "life": ""}, headers={"Accept": "application/json"}
    )
    assert said(answer)["code"] == "restored"
    rows = [row.what for row in house.doors.audit.every(Search())]
    assert rows[:2] == ["failed staff.call-next", "did staff.call-next"]


def test_a_stranger_with_an_old_page_learns_nothing_of_the_set_up(house: House) -> None:
    house.app.extensions["desk"].begin_another_life()
    answer = house.client().post("/setup", data={"name": "x", "life": "another"}, headers=BROWSER)
    assert answer.status_code in (401, 403)
    assert "service-A" not in answer.text
