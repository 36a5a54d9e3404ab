"""How long reading a list of 5,000 appointments takes in each format: `python -m bench.lists`.

Also prints the longest time in which nobody else on the same thread was answered.
"""

import json
import time
from datetime import UTC, datetime

from clinic.lists import read
from clinic.setup import TEMPLATES

ROWS = 5_000
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}


def as_csv() -> str:
    """A list such as a practice exports."""
    head = "Nr;Datum;Uhrzeit;Dauer;Nachname;Vorname;Geburtsdatum;Terminart;Arzt;Raum;Sprache;Bedarf\n"
    return head + "".join(
        f"A{n};{25 + n % 5}.11.2026;{8 + n % 10:02d}:{n % 60:02d};15;Müller-{n};Änne;{1 + n % 28:02d}.{1 + n % 12:02d}."
        f"19{50 + n % 49};Doctor;Dr. Grün;Room 1;Spanisch;Rollstuhl\n"
        for n in range(ROWS)
    )


def as_calendar() -> str:
    """The same as a calendar program writes it."""
    events = (
        f"BEGIN:VEVENT\nUID:{n}@x.example\nDTSTAMP:20261101T000000Z\n"
        f"DTSTART;TZID=Europe/Berlin:202611{25 + n % 5}T{8 + n % 10:02d}{n % 60:02d}00\nDURATION:PT15M\n"
        f"SUMMARY:Änne Müller-{n}\nLOCATION:Room 1\nCATEGORIES:Doctor\nORGANIZER;CN=Dr. Grün:mailto:a@x.example\n"
        f"DESCRIPTION:Date of birth: 27/03/1984\\nLanguage: es\nSTATUS:CONFIRMED\nEND:VEVENT\n"
        for n in range(ROWS)
    )
    return "BEGIN:VCALENDAR\nVERSION:2.0\n" + "".join(events) + "END:VCALENDAR\n"


def as_bundle() -> str:
    """The same as a FHIR server writes it."""
    entries = []
    for n in range(ROWS):
        name = {"use": "official", "family": f"Müller-{n}", "given": ["Änne"]}
        spoken = [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True}]
        patient = {"resourceType": "Patient", "id": f"p{n}", "name": [name], "birthDate": "1984-03-27",
                   "communication": spoken}  # fmt: skip
        actors = [{"reference": f"Patient/p{n}"}, {"reference": "Practitioner/1", "display": "Dr. Grün"}]
        appointment = {
            "resourceType": "Appointment", "id": f"a{n}", "status": "booked", "minutesDuration": 15,
            "start": f"2026-11-{25 + n % 5}T{8 + n % 10:02d}:{n % 60:02d}:00+01:00",
            "serviceType": [{"coding": [{"display": "Doctor"}]}],
            "participant": [{"actor": actor, "status": "accepted"} for actor in actors],
        }  # fmt: skip
        entries += [{"fullUrl": f"https://x.example/{one['resourceType']}/{one['id']}", "resource": one}
                    for one in (appointment, patient)]  # fmt: skip
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries})


def main() -> None:
    """Print one line a format."""
    for name, text in (("CSV", as_csv()), ("iCalendar", as_calendar()), ("FHIR R4", as_bundle())):
        data = text.encode()
        worked = time.process_time()
        breaths = [time.perf_counter()]
        found = read(
            data, TEMPLATES["walk-in"], LANGUAGES, MORNING,
            breathe=lambda breaths=breaths: breaths.append(time.perf_counter()),  # type: ignore[misc]
        )  # fmt: skip
        breaths.append(time.perf_counter())
        longest = max(after - before for before, after in zip(breaths, breaths[1:], strict=False))
        print(
            f"{name:10} {len(data) / 1024:6,.0f} KB  {len(found.rows):,} rows in {breaths[-1] - breaths[0]:.2f} s "
            f"({time.process_time() - worked:.2f} s of the processor), "
            f"at most {longest * 1000:.0f} ms without a breath"
        )


if __name__ == "__main__":
    main()
