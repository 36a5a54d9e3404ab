"""What the clinic offers: its services, rooms and house rules, and three templates to start from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

READY = ("insurance_card", "identity_card", "medicines", "letter", "results", "glasses")
"""What a service may ask its people to have ready."""

KEPT_MOST = 72
"""Hours after a visit that a name may be kept at most (EXPERIENCE X6)."""

KEPT_YEARS = 10
"""Years that the log of facts may be kept at most."""

LETTERS = "AHLRTWY"
"""No two rhyme or look alike when called out in a noisy room (EXPERIENCE X11)."""


@dataclass(frozen=True)
class Service:
    """Something people come for. `letter` starts its tickets, `minutes` is what a visit takes as a rule.

    `names` holds what to call it in other languages than the clinic's own, by language code. `call_me`: how its people
    are called, of `clinic.needs.CALL_ME`; empty where they choose. `ready`: what they please have ready, of `READY`,
    and `ready_also`: more of that in the clinic's own words.
    """

    id: str
    letter: str
    name: str
    minutes: float
    names: Mapping[str, str] = field(default_factory=dict)
    call_me: str = ""
    ready: tuple[str, ...] = ()
    ready_also: str = ""

    def called(self, language: str) -> str:
        """What to call it in this language."""
        return self.names.get(language) or self.name


@dataclass(frozen=True)
class Place:
    """A room, desk or chair where people are seen, and the ids of the services given there.

    Its hours: from `opens` to `closes` ("08:30") but for its `breaks`, on its `days` (0 is Monday; none named: every
    day). Without hours nothing is planned for it.
    """

    id: str
    name: str
    services: tuple[str, ...]
    opens: str = ""
    closes: str = ""
    breaks: tuple[tuple[str, str], ...] = ()
    days: tuple[int, ...] = ()


@dataclass(frozen=True)
class Clinician:
    """Somebody who sees people, in whichever room they work today. `services`: the ids of what they give; none: all."""

    id: str
    name: str
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setup:
    """One clinic as it was set up. Times in minutes, the screen in inches, the farthest seat in metres.

    `water`, `toilets`, `wifi`: where these are, in the clinic's own words. `early`, `late`: how long before and after a
    booked time a birthday still finds it. `also_called`: this place's names in appointment lists. `list_columns`: which
    column of these holds what, by field the header, as last chosen; `list_order`: how their dates are written, where
    somebody had to say. `voice`: whether the TV speaks; `volume`: 0 to 100, and none from `quiet_from` to `quiet_until`
    ("20:00", "07:00"), where these are set. `kept_hours`: how long after their visit it is known who somebody was;
    `kept_years`: how long the log keeps a day.
    """

    name: str = "Kindline"
    language: str = "en"
    timezone: str = "UTC"
    phone: str = ""
    seating: str = ""
    water: str = ""
    toilets: str = ""
    wifi: str = ""
    services: tuple[Service, ...] = ()
    rooms: tuple[Place, ...] = ()
    clinicians: tuple[Clinician, ...] = ()
    also_called: tuple[str, ...] = ()
    list_columns: Mapping[str, str] = field(default_factory=dict)
    list_order: str = ""
    early: float = 60
    late: float = 120
    late_after: float = 20
    walk_in_after: float = 0
    names_on_tv: bool = True
    tv_inches: float = 50
    tv_metres: float = 4
    px_per_mm: float = 5.9
    voice: bool = True
    volume: int = 80
    quiet_from: str = ""
    quiet_until: str = ""
    kept_hours: int = 24
    kept_years: int = 3

    @cached_property
    def _services(self) -> dict[str, Service]:
        return {service.id: service for service in self.services}

    @cached_property
    def _rooms(self) -> dict[str, Place]:
        return {room.id: room for room in self.rooms}

    @cached_property
    def _clinicians(self) -> dict[str, Clinician]:
        return {clinician.id: clinician for clinician in self.clinicians}

    @cached_property
    def _neighbours(self) -> dict[str, frozenset[str]]:
        shared = {service.id: {service.id} for service in self.services}
        for room in self.rooms:
            for service in room.services:
                shared[service].update(room.services)
        return {service: frozenset(others) for service, others in shared.items()}

    def service(self, service: str) -> Service | None:
        """The service with this id."""
        return self._services.get(service)

    def room(self, room: str) -> Place | None:
        """The room with this id."""
        return self._rooms.get(room)

    def clinician(self, clinician: str) -> Clinician | None:
        """The clinician with this id."""
        return self._clinicians.get(clinician)

    def serving(self, service: str) -> tuple[str, ...]:
        """The ids of the rooms that offer this service."""
        return tuple(room.id for room in self.rooms if service in room.services)

    def neighbours(self, service: str) -> frozenset[str]:
        """The services whose people wait for a room that also serves `service`, itself included."""
        return self._neighbours.get(service, frozenset((service,)))

    @cached_property
    def lateness(self) -> timedelta:
        """How late a booked person may arrive and still be taken at the booked time."""
        return timedelta(minutes=self.late_after)

    @cached_property
    def walk_in_delay(self) -> timedelta:
        """How much later than their arrival people without a booking are placed."""
        return timedelta(minutes=self.walk_in_after)


@dataclass(frozen=True)
class Problem:
    """One thing in a set-up that cannot work: where it is, a code for the words, and what the words need."""

    where: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def problems(setup: Setup) -> list[Problem]:
    """Everything that keeps `setup` from being used, in the order of the form; empty when it is fine."""
    found = []
    if not setup.name:
        found.append(Problem("name", "name_missing"))
    if not setup.services:
        found.append(Problem("services", "services_missing"))
    if len(setup.services) > len(LETTERS):
        found.append(Problem("services", "too_many_services", {"limit": len(LETTERS)}))
    if not setup.rooms:
        found.append(Problem("rooms", "rooms_missing"))
    letters = [service.letter for service in setup.services]
    for service in setup.services:
        if service.letter not in tuple(LETTERS):
            found.append(Problem(f"letter-{service.id}", "letter_unknown", {"letters": " ".join(LETTERS)}))
        elif letters.count(service.letter) > 1:
            found.append(Problem(f"letter-{service.id}", "letter_twice", {"letter": service.letter}))
        if not 1 <= service.minutes <= 480:
            found.append(Problem(f"minutes-{service.id}", "minutes_wrong"))
        if setup.rooms and not any(service.id in room.services for room in setup.rooms):
            found.append(Problem(f"service-{service.id}", "service_without_room", {"service": service.name}))
    for ids in ([service.id for service in setup.services], [room.id for room in setup.rooms]):
        if len(set(ids)) < len(ids):
            found.append(Problem("rooms", "id_twice"))
    names = [room.name.casefold() for room in setup.rooms]
    for room in setup.rooms:
        if names.count(room.name.casefold()) > 1:
            found.append(Problem(f"room-{room.id}", "room_twice", {"room": room.name}))
        if not _are_hours(room):
            found.append(Problem(f"hours-{room.id}", "hours_wrong", {"room": room.name}))
    called = [clinician.name.casefold() for clinician in setup.clinicians]
    for clinician in setup.clinicians:
        if called.count(clinician.name.casefold()) > 1:
            found.append(Problem(f"clinician-{clinician.id}", "clinician_twice", {"clinician": clinician.name}))
    return found


def _are_hours(room: Place) -> bool:
    """Whether these hours can be lived: it opens before it closes, and the breaks lie between, one after another."""
    if not room.opens and not room.closes:
        return not room.breaks
    moments = [room.opens, *(moment for each in sorted(room.breaks) for moment in each), room.closes]
    try:
        times = [time.fromisoformat(moment) for moment in moments]
    except ValueError:
        return False
    return all(a < b for a, b in pairwise(times))


def to_dict(setup: Setup) -> dict[str, Any]:
    """`setup` as plain values for JSON."""
    values = {name: value for name, value in vars(setup).items() if name in Setup.__dataclass_fields__}
    values["services"] = [dict(vars(service)) for service in setup.services]
    values["rooms"] = [dict(vars(room)) for room in setup.rooms]
    values["clinicians"] = [dict(vars(clinician)) for clinician in setup.clinicians]
    return values


def from_dict(values: Mapping[str, Any]) -> Setup:
    """The set-up that `to_dict` wrote; fields of a newer version are left out."""
    known = {name: value for name, value in values.items() if name in Setup.__dataclass_fields__}
    known["services"] = tuple(
        Service(
            s["id"],
            s["letter"],
            s["name"],
            s["minutes"],
            s.get("names", {}),
            s.get("call_me", ""),
            tuple(s.get("ready", ())),
            s.get("ready_also", ""),
        )
        for s in values["services"]
    )
    known["rooms"] = tuple(
        Place(
            room["id"], room["name"], tuple(room["services"]), room.get("opens", ""), room.get("closes", ""),
            tuple((begins, ends) for begins, ends in room.get("breaks", ())), tuple(room.get("days", ())),
        )
        for room in values["rooms"]
    )  # fmt: skip
    known["clinicians"] = tuple(
        Clinician(one["id"], one["name"], tuple(one["services"])) for one in values.get("clinicians", ())
    )
    known["also_called"] = tuple(values.get("also_called", ()))
    return Setup(**known)


def _doctor(minutes: float) -> Service:
    names = {"es": "Médico", "ar": "الطبيب"}
    return Service("doctor", "A", "Doctor", minutes, names, ready=("insurance_card", "medicines"))


def _nurse(minutes: float) -> Service:
    return Service("nurse", "H", "Nurse", minutes, {"es": "Enfermería", "ar": "التمريض"}, ready=("insurance_card",))


def _test(service: str, letter: str, name: str, minutes: float, names: Mapping[str, str]) -> Service:
    return Service(service, letter, name, minutes, names, ready=("insurance_card", "letter"))


TEMPLATES: dict[str, Setup] = {
    "walk-in": Setup(
        name="Walk-in practice",
        services=(_doctor(12), _nurse(10)),
        rooms=(
            Place("room-1", "Room 1", ("doctor",)),
            Place("room-2", "Room 2", ("doctor",)),
            Place("room-3", "Room 3", ("nurse",)),
        ),
    ),
    "blood-tests": Setup(
        name="Blood tests",
        services=(_test("blood-test", "L", "Blood test", 6, {"es": "Análisis de sangre", "ar": "تحليل الدم"}),),
        rooms=(Place("desk-1", "Desk 1", ("blood-test",)), Place("desk-2", "Desk 2", ("blood-test",))),
    ),
    "urgent-care": Setup(
        name="Urgent care",
        services=(
            _doctor(15),
            _nurse(10),
            _test("x-ray", "R", "X-ray", 12, {"es": "Radiografía", "ar": "الأشعة"}),
        ),
        rooms=(
            Place("room-1", "Room 1", ("doctor",)),
            Place("room-2", "Room 2", ("doctor",)),
            Place("room-3", "Room 3", ("doctor", "nurse")),
            Place("room-4", "Room 4", ("nurse",)),
            Place("room-5", "Room 5", ("x-ray",)),
        ),
    ),
}
