"""The demo's appointments: who is booked for a day, and the list of them as a clinic's own system writes it. Pure."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

CLINICIANS = {"room-1": "Dr Okafor", "room-2": "Dr Ruiz"}
"""Who sees booked people, by the room they work in. Whoever works elsewhere sees those who just come."""

COLUMNS = ("id", "start", "minutes", "service", "clinician", "name", "birth date", "language", "needs", "status")

MINUTE = 60.0
FIRST, EVERY, HOW_MANY = 15 * MINUTE, 18 * MINUTE, 27
"""From 09:10 to 16:58 where the day begins at 08:55."""

GIVEN = ("Grace", "Tomás", "Ingrid", "Samuel", "Rosa", "Peter", "Amina", "Lucas")
FAMILY = ("Mensah", "Oliveira", "Larsen", "Adler", "Quiroga", "Brandt", "Farouk", "Hughes", "Vidal")
LANGUAGES = ("en", "en", "en", "es", "ar")
NEEDS = ("", "", "", "", "interpreter", "fetch", "more_time; quiet", "wheelchair")


@dataclass(frozen=True)
class Appointment:
    """One line of the list. `at`: seconds on the clock of the day."""

    id: str
    at: float
    minutes: int
    service: str
    clinician: str = ""


@dataclass(frozen=True)
class Booked:
    """Somebody with one appointment today, or two."""

    name: str
    born: date
    language: str
    needs: str
    appointments: tuple[Appointment, ...]

    @property
    def letter(self) -> str:
        """What the tablet asks for: the first letter of the family name."""
        return self.name.split()[-1][0]


def booked_day(rng: Random, begins: float, day: str) -> list[Booked]:
    """Everybody booked for a day that begins at this second; `day` makes the ids of its appointments its own.

    No two were born on the same day of the year, and the seventh and the thirteenth have a nurse to see as well.
    """
    names = rng.sample([f"{given} {family}" for given in GIVEN for family in FAMILY], HOW_MANY)
    people = []
    for n, name in enumerate(names):
        at = begins + FIRST + n * EVERY
        mine = [Appointment(f"{day}-{n}", at, 15, "Doctor", list(CLINICIANS.values())[n % len(CLINICIANS)])]
        if n in (6, 12):
            mine.append(Appointment(f"{day}-{n}-nurse", at + 45 * MINUTE, 10, "Nurse"))
        born = date(1940 + 2 * n, 1 + n % 12, 1 + n)
        people.append(Booked(name, born, rng.choice(LANGUAGES), rng.choice(NEEDS), tuple(mine)))
    return people


def as_csv(people: list[Booked], start: datetime, status: str = "booked") -> str:
    """The list of these people's appointments, each with this status; `start` is when second 0 was."""
    text = io.StringIO()
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for person in people:
        for one in person.appointments:
            at = start + timedelta(seconds=one.at)
            sheet.writerow((
                one.id, f"{at:%Y-%m-%d %H:%M}", one.minutes, one.service, one.clinician, person.name,
                person.born.isoformat(), person.language, person.needs, status,
            ))  # fmt: skip
    return text.getvalue()
