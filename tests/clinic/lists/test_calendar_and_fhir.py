"""What calendars and FHIR servers write in ways of their own, and what broken ones write."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.clinic.lists.reading import found, one, refusals, why


def event(*lines: str, before: str = "", start: str = "DTSTART:20261124T102000") -> str:
    """A calendar with one event."""
    body = "\n".join(("UID:1@x", start, "CATEGORIES:Doctor", *lines))
    return f"BEGIN:VCALENDAR\n{before}BEGIN:VEVENT\n{body}\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.mark.parametrize("zone", [
    "America/New_York", '"America/New_York"', "Eastern Standard Time",
    "/freeassociation.sourceforge.net/America/New_York",
])  # fmt: skip
def test_a_zone_is_known_by_its_public_name_its_name_in_windows_and_after_a_program_s(zone: str) -> None:
    assert one(event(start=f"DTSTART;TZID={zone}:20261124T102000")).start == datetime(2026, 11, 24, 15, 20, tzinfo=UTC)


def test_a_zone_that_would_take_for_ever_to_work_out_is_not_known() -> None:
    described = (
        "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\n"
        "RRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    assert why(event(before=described, start="DTSTART;TZID=X:20261124T102000"))[1] == "list_zone_unknown"
    yearly = described.replace("FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")
    assert one(event(before=yearly, start="DTSTART;TZID=X:20261124T102000")).start.hour == 10


def test_one_file_s_zones_are_not_another_s() -> None:
    described = (
        "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{0}\nTZOFFSETTO:{0}\n"
        "END:STANDARD\nEND:VTIMEZONE\n"
    )
    start = "DTSTART;TZID=Ours:20261124T102000"
    assert one(event(before=described.format("+0300"), start=start)).start == datetime(2026, 11, 24, 7, 20, tzinfo=UTC)
    assert one(event(before=described.format("+0200"), start=start)).start == datetime(2026, 11, 24, 8, 20, tzinfo=UTC)
    assert why(event(start=start))[1] == "list_zone_unknown"


def test_a_calendar_that_cancels_cancels_all_its_events() -> None:
    assert one(event(before="METHOD:CANCEL\n")).cancelled


def test_one_day_of_a_series_that_was_moved_is_one_appointment() -> None:
    assert one(event("RECURRENCE-ID:20261124T090000Z")).id == "1@x/2026-11-24T09:00:00+00:00"
    assert why(event("RRULE:FREQ=DAILY"))[1] == "list_repeating"
    assert why(event("RDATE:20261125T102000"))[1] == "list_repeating"


@pytest.mark.parametrize("broken", [
    "BEGIN:VEVENT\nUID:2\nDTSTART:soon\nEND:VEVENT\n",
    "BEGIN:VEVENT\nUID:2\nDTSTART:20261124T102000\nDURATION:X\nEND:VEVENT\n",
    "BEGIN:VEVENT\nUID:2\nDTSTART:20261124T102000\n", "BEGIN:VEVENT\nSUMMARY\nDTSTART:20261124T102000\nEND:VEVENT\n",
    "BEGIN:VEVENT\nDTSTART:PT5M\nEND:VEVENT\n",
])  # fmt: skip
def test_a_broken_event_refuses_only_itself(broken: str) -> None:
    whole = found(event().replace("BEGIN:VEVENT", f"{broken}BEGIN:VEVENT", 1))
    assert refusals(whole) == [(2, "", "list_event_broken")]
    assert [row.appointment.id for row in whole.rows] == ["1@x"]


def test_an_event_without_a_start_is_refused() -> None:
    assert why("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR")[1] == "list_date_missing"


def test_what_a_description_says_wins_and_staff_may_match_its_names() -> None:
    text = event(
        "SUMMARY:Check-up", "DESCRIPTION:Patient: Ana Lopez\\nKind: nurse\\nService: doctor\\nhttp://x.example"
    )
    assert (one(text).name, one(text).service) == ("Ana Lopez", "doctor")
    assert one(text, columns={"service": "Kind"}).service == "nurse"
    assert one(event("DESCRIPTION:Start: 25/11/2026 11:00")).start.day == 24


def test_folded_lines_are_put_together_before_they_are_read() -> None:
    assert one(event("SUMMARY:Ana Ló", " pez\\, Núñez")).name == "Núñez Ana López"


def bundle(appointment: dict[str, Any], *others: dict[str, Any]) -> str:
    """A bundle with this appointment, completed with what one needs, and other resources."""
    whole = {"resourceType": "Appointment", "id": "a", "status": "booked", "start": "2026-11-24T10:20:00+01:00",
             "serviceType": [{"text": "Doctor"}], **appointment}  # fmt: skip
    entries = [{"fullUrl": f"https://x.example/{one['resourceType']}/{one['id']}", "resource": one} for one in others]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": whole}, *entries]})


def actor(reference: str, **more: str) -> dict[str, Any]:
    """Somebody who takes part."""
    return {"actor": {"reference": reference, **more}, "status": "accepted"}


PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"family": "Lopez", "given": ["Ana", "Maria"]}]}


@pytest.mark.parametrize(
    "reference", ["Patient/p", "https://x.example/Patient/p", "Patient/p/_history/3", "https://y.example/Patient/p"]
)
def test_a_patient_is_found_however_they_are_referred_to(reference: str) -> None:
    person = one(bundle({"participant": [actor(reference)]}, PATIENT))
    assert (person.name, person.letters, person.person) == ("Ana Maria Lopez", "L", "p")


def test_the_clinician_may_be_a_practitioner_or_the_role_of_one() -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/d"}}
    doctor = {"resourceType": "Practitioner", "id": "d", "name": [{"family": "Ruiz", "given": ["Ines"]}]}
    for participant in (
        actor("Practitioner/d"),
        actor("PractitionerRole/r"),
        actor("Practitioner/z", display="Ines Ruiz"),
    ):
        assert one(bundle({"participant": [participant]}, role, doctor)).clinician == "Ines Ruiz"


def test_two_contained_patients_are_never_taken_for_one_person() -> None:
    inside = {"contained": [{**PATIENT, "id": "1"}], "participant": [actor("#1")]}
    assert (one(bundle(inside)).name, one(bundle(inside)).person) == ("Ana Maria Lopez", "")


@pytest.mark.parametrize("status", ["cancelled", "noshow", "entered-in-error"])
def test_what_does_not_take_place_is_cancelled(status: str) -> None:
    assert one(bundle({"status": status, "start": None})).cancelled


@pytest.mark.parametrize("status", ["proposed", "pending", "waitlist"])
def test_what_is_not_booked_yet_is_refused(status: str) -> None:
    assert why(bundle({"status": status}))[1] == "list_not_booked"


def test_letters_that_are_broken_in_json_are_left_out() -> None:
    text = bundle({"participant": [actor("Patient/p")]}, {**PATIENT, "name": [{"text": "Ana LopezX"}]})
    assert one(text.replace("X", "\\ud800")).name == "Ana Lopez"


ODD: list[Any] = [None, 5, True, "x", [], {}, [None], [5], [{}], {"reference": 5}, 1e999]


@pytest.mark.parametrize(
    "part", ["id", "status", "start", "end", "minutesDuration", "serviceType", "participant", "contained"]
)
def test_a_bundle_with_anything_anywhere_is_still_answered_row_by_row(part: str) -> None:
    for odd in ODD:
        text = bundle(
            {"participant": [actor("Patient/p")], part: odd}, {**PATIENT, "communication": odd, "birthDate": odd}
        )
        whole = found(text.replace("Infinity", "1e999"))
        assert len(whole.rows) + len(whole.refused) == 1
