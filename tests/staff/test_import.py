"""A list of appointments comes in: at once for programs, after a look for people, and never twice."""

import json
import logging
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from clinic.store import Unavailable
from staff import incoming
from staff.incoming import KEPT_FOR, MOST_KEPT
from staff.setup import read_setup
from tests.faces import Page, Practice, say, say_many, text
from tests.staff.lists import BROWSER, as_list, booked, brings, brought_in, chosen, decides, row, states, uploads


def test_a_program_brings_a_list_in_and_is_told_of_every_row(practice: Practice) -> None:
    said = brings(practice, as_list(row(1), row(2, "25:99"), row(3, "11:00", "Bo Lind")))

    assert (said["added"], said["updated"], said["cancelled"], said["unchanged"]) == (2, 0, 0, 0)
    wrong = 'We can\'t read "%(text)s" as a time. Write it like 14:30.'
    assert said["refused"] == [{"line": 3, "field": "time", "message": say(wrong, text="25:99")}]
    assert said["columns"]["name"] == "Patient Name"
    assert states(practice) == {"Maya Okafor": "expected", "Bo Lind": "expected"}


def test_the_same_list_again_changes_nothing(practice: Practice) -> None:
    data = as_list(row(1), row(2, "11:00", "Bo Lind"))
    brings(practice, data)
    before = practice.json("/staff/appointments.json")

    said = brings(practice, data)
    assert (said["added"], said["updated"], said["unchanged"]) == (0, 0, 2)
    assert practice.json("/staff/appointments.json") == before


def test_a_list_again_updates_and_cancels_by_id(practice: Practice) -> None:
    brings(practice, as_list(row(1), row(2, "11:00", "Bo Lind")))
    head = "Appointment ID,Date,Time,Service,Patient Name,Status"
    said = brings(practice, as_list("1,2026-11-23,10:40,Doctor,Maya Okafor,booked", "2,2026-11-23,11:00,Doctor,Bo Lind,cancelled", head=head))  # fmt: skip  # noqa: E501

    assert (said["added"], said["updated"], said["cancelled"]) == (0, 1, 1)
    assert booked(practice, "Maya Okafor")["at"] == "2026-11-23T10:40:00+00:00"
    assert booked(practice, "Bo Lind")["state"] == "cancelled"


def test_who_is_here_is_kept_and_the_program_is_told(practice: Practice) -> None:
    brings(practice, as_list(row(1)))
    practice.client.post("/staff/check-in", json={"visit": booked(practice, "Maya Okafor")["visit"]})

    said = brings(practice, as_list(row(1, "15:00")))
    assert (said["added"], said["updated"], said["cancelled"]) == (0, 0, 0)
    kept = "They are here already, so nothing was changed for them. Look at the list if that is wrong."
    assert said["kept"] == [{"line": 2, "field": "id", "message": say(kept)}]
    assert booked(practice, "Maya Okafor")["at"] == "2026-11-23T10:20:00+00:00"


def test_a_whole_days_list_cancels_who_is_not_in_it_but_nobody_here(practice: Practice) -> None:
    brings(practice, as_list(row(1), row(2, "11:00", "Bo Lind"), row(3, "11:20", "Cy Moe"), row(4, "12:00", "Di Nu", "2026-11-24")))  # fmt: skip  # noqa: E501
    practice.client.post("/staff/check-in", json={"visit": booked(practice, "Bo Lind")["visit"]})

    said = brings(practice, as_list(row(1)), whole="true")
    assert (said["unchanged"], said["cancelled"]) == (1, 1)
    assert states(practice) == {"Maya Okafor": "expected", "Bo Lind": "waiting", "Cy Moe": "cancelled"}
    assert brings(practice, as_list(row(4, "12:00", "Di Nu", "2026-11-24")))["unchanged"] == 1, "another day's stays"


def test_where_rows_were_refused_nobody_else_is_cancelled(practice: Practice) -> None:
    brings(practice, as_list(row(1), row(2, "11:00", "Bo Lind")))

    said = brings(practice, as_list(row(1), row(2, "noon", "Bo Lind")), whole="true")
    assert (said["cancelled"], len(said["refused"])) == (0, 1)
    assert states(practice)["Bo Lind"] == "expected"
    assert [one["line"] for one in said["kept"]] == [0]


def test_a_bundle_comes_in_as_a_json_body(practice: Practice) -> None:
    one = {"resourceType": "Appointment", "id": "7", "status": "booked", "start": "2026-11-23T10:20:00Z",
           "minutesDuration": 15, "serviceType": [{"text": "Doctor"}]}  # fmt: skip
    body = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one}]})

    for kind in ("application/fhir+json", "application/json"):
        answer = practice.client.post("/staff/appointments", data=body, content_type=kind)
        assert answer.status_code == 200, answer.text
    assert answer.json
    assert answer.json["unchanged"] == 1


def test_what_is_said_beside_the_list_counts(practice: Practice) -> None:
    head = "Nr,Tag,Um,Wer,Wo"
    data = as_list("1,03/12/2026,10:20,Maya Okafor,North", head=head)
    columns = json.dumps({"id": "Nr", "date": "Tag", "time": "Um", "name": "Wer", "place": "Wo"})
    said = brings(practice, data, columns=columns, order="day-first", service="nurse", here='["North"]')
    assert (said["added"], said["refused"], said["order"]) == (1, [], "day-first")

    practice.clock.time += timedelta(days=10)
    practice.does("close-day", confirm=True)
    practice.does("open-day", rooms=["room-1"])
    assert booked(practice, "Maya Okafor")["service"] == "nurse"
    assert booked(practice, "Maya Okafor")["state"] == "expected", "the place was said to be here"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"service": "yoga"}, "service"), ({"order": "backwards"}, "order"), ({"columns": "{"}, "columns"),
        ({"columns": '{"colour": "x"}'}, "columns"), ({"columns": "[" * 5000}, "columns"), ({"here": "[1]"}, "here"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_its_field(practice: Practice, fields: dict[str, str], field: str) -> None:
    answer = practice.client.post("/staff/appointments", data={"file": (BytesIO(as_list(row(1))), "x.csv"), **fields})
    assert answer.status_code in (400, 422)
    assert answer.json
    assert answer.json["field"] == field
    assert states(practice) == {}


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04" + b"\0" * 100, b"%PDF-1.7", b"\x00\x01\x02 binary", b"{", b"<html>"]
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(practice: Practice, data: bytes) -> None:
    answer = practice.client.post("/staff/appointments", data={"file": (BytesIO(data), "x.csv")})
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["message"]
    page = practice.client.post("/staff/appointments", data={"file": (BytesIO(data), "x.csv")}, headers=BROWSER)
    assert page.status_code == 422
    assert answer.json["message"] in "".join(Page(page.text).root.itertext())


@pytest.mark.parametrize("sent", [{"content_type": "multipart/form-data"}, {"data": {}}, {"json": None}])
def test_nothing_chosen_is_said_kindly(practice: Practice, sent: dict[str, object]) -> None:
    answer = practice.client.post("/staff/appointments", headers={"Accept": "application/json"}, **sent)  # type: ignore[arg-type]  # as the client takes them
    assert answer.status_code == 422
    assert answer.json


def test_a_foreign_page_cannot_send_a_list(practice: Practice) -> None:
    answer = practice.client.post(
        "/staff/appointments",
        data={"file": (BytesIO(as_list(row(1))), "x.csv")},
        headers={"Origin": "http://evil.example"},
    )
    assert answer.status_code == 403
    assert states(practice) == {}


def test_a_person_looks_first_and_nothing_has_changed_yet(practice: Practice) -> None:
    where = uploads(practice, as_list(row(1), row(2, "25:99"), row(3, "11:00", "Bo Lind", needs="wheelchair")))
    page = practice.page(where)

    assert states(practice) == {}
    assert page.says("bring-in") == say_many("Bring in %(n)s appointment", "Bring in %(n)s appointments", 2)
    kept = text(page.classed("wide")[0])
    assert "Monday, November 23, 2026 10:20" in kept
    assert "March 27" in kept
    assert "Wheelchair" in kept
    assert "25:99" in text(page.classed("remarks")[0])


def test_then_it_comes_in_and_every_row_has_its_report(practice: Practice) -> None:
    where = uploads(practice, as_list(row(1), row(2, "25:99"), row(3, "11:00", "Bo Lind")))
    decides(practice, where)

    page = brought_in(practice, where)
    assert text(page.classed("counts")[0]) == "2 new"
    assert [text(one) for one in page.classed("remarks")[0].iter("th")][3:] == ["3"]
    assert states(practice) == {"Maya Okafor": "expected", "Bo Lind": "expected"}


def test_a_column_matched_by_hand_is_remembered_for_the_next_list(practice: Practice) -> None:
    head = "Appointment ID,Date,Time,Service,Whom"
    where = uploads(practice, as_list("1,2026-11-23,10:20,Doctor,Maya Okafor", head=head))
    assert "Maya" not in text(practice.page(where).classed("wide")[0])
    page = decides(practice, where, "look", **{"column-4": "name"})
    assert "Maya Okafor" in text(page.classed("wide")[0])
    decides(practice, where)
    brought_in(practice, where)

    again = uploads(practice, as_list("1,2026-11-23,10:40,Doctor,Maya Okafor", head=head))
    page = practice.page(again)
    assert "Maya Okafor" in text(page.classed("wide")[0])
    matching = page.find("matching")
    assert matching is not None
    assert matching.get("open") is None, "there is nothing to match any more"
    decides(practice, again)
    assert text(brought_in(practice, again).classed("counts")[0]) == "0 new 1 changed"
    assert booked(practice, "Maya Okafor")["at"] == "2026-11-23T10:40:00+00:00"
    other = brings(practice, as_list(row(9, "12:00", "Bo Lind")))
    assert other["refused"] == [], "a list of another shape is read as if nothing had been chosen"


def test_saving_the_set_up_keeps_how_lists_are_read(practice: Practice) -> None:
    practice.change(list_columns={"name": "Whom"}, list_order="day-first")
    saved, _ = read_setup({"name": "Hill Practice"}, practice.desk.line.setup)
    assert (saved.name, saved.list_columns, saved.list_order) == ("Hill Practice", {"name": "Whom"}, "day-first")


def test_places_that_are_here_are_remembered(practice: Practice) -> None:
    head = "Appointment ID,Date,Time,Service,Patient Name,Location"
    data = as_list(
        "1,2026-11-23,10:20,Doctor,Maya Okafor,Hill House", "2,2026-11-23,11:00,Doctor,Bo Lind,North", head=head
    )
    where = uploads(practice, data)
    places = [text(one) for one in practice.page(where).classed("options")[-1].iter("label")]
    ours = next(at for at, place in enumerate(places) if "Hill House" in place)
    decides(practice, where, "look", **{f"place-{ours}": "yes"})
    decides(practice, where)
    brought_in(practice, where)
    assert states(practice) == {"Maya Okafor": "expected", "Bo Lind": "other_place"}

    assert practice.desk.line.setup.also_called == ("Hill House",)
    assert brings(practice, data)["unchanged"] == 2


def test_dates_that_could_be_read_in_two_ways_are_asked_about(practice: Practice) -> None:
    head = "Appointment ID,Date,Time,Service,Patient Name"
    where = uploads(practice, as_list("1,12/11/2026,10:20,Doctor,Maya Okafor", head=head))
    page = practice.page(where)
    assert page.classed("asks"), "November 12 or December 11"

    page = decides(practice, where, "look", order="month-first")
    assert not page.classed("asks")
    assert "Friday, December 11, 2026" in text(page.classed("wide")[0])
    decides(practice, where)
    brought_in(practice, where)
    assert practice.desk.line.setup.list_order == "month-first", "tomorrow's list is read the same way"


def test_nothing_comes_in_that_the_page_has_not_shown(practice: Practice) -> None:
    head = "Appointment ID,Date,Time,Service,Whom"
    where = uploads(practice, as_list("1,2026-11-23,10:20,Doctor,Maya Okafor", head=head))
    page = decides(practice, where, "bring", **{"column-4": "name"})

    assert states(practice) == {}
    assert say("This is how the list reads now. Look once more.") in text(page.classed("note")[0])
    decides(practice, where)
    brought_in(practice, where)
    assert states(practice) == {"Maya Okafor": "expected"}


def test_two_presses_bring_a_list_in_once(practice: Practice) -> None:
    where = uploads(practice, as_list(row(1)))
    sent = {**chosen(practice.page(where)), "do": "bring"}
    for _ in range(2):
        assert practice.client.post(where, data=sent, headers=BROWSER).status_code == 303

    assert text(brought_in(practice, where).classed("counts")[0]) == "1 new"


def test_a_list_waits_a_quarter_of_an_hour_and_no_longer(practice: Practice) -> None:
    where = uploads(practice, as_list(row(1)))
    practice.clock.time += KEPT_FOR
    practice.page(where)

    practice.clock.time += timedelta(seconds=1)
    page = practice.page(where, 409)
    assert say("We keep a list for 15 minutes, and this one is gone. Choose the file again.") in text(page.root)
    answer = practice.client.post(where, data={"do": "bring"}, headers=BROWSER)
    assert answer.status_code == 409
    assert states(practice) == {}


def test_only_a_few_lists_wait_in_memory(practice: Practice) -> None:
    first, *others = [uploads(practice, as_list(row(n))) for n in range(MOST_KEPT + 1)]
    practice.page(first, 409)
    for where in others:
        practice.page(where)


def test_an_import_that_stops_says_how_far_it_came(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "PART", 1)
    desk, bring = practice.desk, practice.desk.bring_in

    def full(part, by):  # type: ignore[no-untyped-def]  # as desk.bring_in
        if part[0].id == "2":
            raise Unavailable("the disk is full")
        return bring(part, by)

    monkeypatch.setattr(desk, "bring_in", full)
    data = as_list(row(1), row(2, "11:00", "Bo Lind"))
    where = uploads(practice, data)
    decides(practice, where)
    page = brought_in(practice, where)
    stopped = "We could save %(done)s of %(all)s appointments. Send the list again: none counts twice."
    assert say(stopped, done=1, all=2) in text(page.root)

    answer = practice.client.post("/staff/appointments", data={"file": (BytesIO(data), "x.csv")})
    assert answer.status_code == 409
    monkeypatch.undo()
    assert brings(practice, data)["added"] == 1


def test_a_list_that_comes_in_while_the_clinic_is_put_back_brings_nobody_into_what_is_then(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "PART", 1)
    desk, bring = practice.desk, practice.desk.bring_in

    def put_back_after_the_first(part, by):  # type: ignore[no-untyped-def]  # as desk.bring_in
        brought = bring(part, by)
        desk.begin_another_life()
        return brought

    monkeypatch.setattr(desk, "bring_in", put_back_after_the_first)
    data = as_list(row(1), row(2, "11:00", "Bo Lind"))
    where = uploads(practice, data)
    decides(practice, where)
    page = brought_in(practice, where)

    assert [one.id for one in desk.bookings()] == ["1"]
    stopped = "We could save %(done)s of %(all)s appointments. Send the list again: none counts twice."
    assert say(stopped, done=0, all=2) in text(page.root), "what was saved is gone with what is no more"
    program = practice.client.post(
        "/staff/appointments?whole=yes", data=as_list(row(1), row(2, "11:00", "Bo Lind")), content_type="text/csv"
    )
    assert (program.status_code, (program.json or {}).get("code")) == (409, "restored")
    assert [one.id for one in desk.bookings()] == ["1"]


def test_the_bar_is_on_the_wire_for_who_looks(practice: Practice) -> None:
    where = uploads(practice, as_list(row(1)))
    name = where.split("/")[-1].split("?")[0]
    assert practice.live.current(f"staff/import-{name}/en") is None, "nothing has begun"
    decides(practice, where)
    brought_in(practice, where)

    screen = practice.live.current(f"staff/import-{name}/en")
    assert screen
    assert "to-list" in screen["html"]
    assert practice.live.current("staff/import-nobody/en") is None


def test_neither_names_nor_file_names_reach_the_log(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    brings(practice, as_list(row(1), row(2, "25:99", "Bo Lind")))
    where = uploads(practice, as_list(row(3, name="Cy Moe")))
    decides(practice, where)
    brought_in(practice, where)

    def breaks(appointments: Any, _by: str) -> None:
        int(appointments[0].name)  # a mistake of ours whose text quotes what it met

    where = uploads(practice, as_list(row(4, name="Di Noe")))
    monkeypatch.setattr(practice.desk, "bring_in", breaks)
    decides(practice, where)
    brought_in(practice, where)

    # With the tracebacks, as they are written.
    assert "A list stopped coming in" in caplog.text
    assert "Traceback" in caplog.text
    assert not any(word in caplog.text for word in ("Maya", "Bo Lind", "Cy Moe", "Di Noe", "list.csv"))
