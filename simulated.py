"""A clinic's day as people live it: who comes, what they do, what staff do about it. Pure: it touches nothing.

`Day` is given the commands to call, the words to say, the chance and the time; `demo.py` runs it on a real server,
its tests on a clock of their own. Who is booked comes from `bookings.py`.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from random import Random
from typing import Any
from urllib.parse import urlsplit

from bookings import CLINICIANS, MINUTE, Booked, as_csv, booked_day
from clinic.setup import TEMPLATES

TEMPLATE = "urgent-care"
SETUP = TEMPLATES[TEMPLATE]
ROOMS = {room.id: room.name for room in SETUP.rooms}
SERVICES = {service.id: service for service in SETUP.services}
BY_LETTER = {service.letter: service.id for service in SETUP.services}

LENGTH = 515 * MINUTE  # from 08:55 to 17:30
AT_THE_DOOR = ("doctor", "nurse", "nurse", "x-ray", "nurse", "doctor", "nurse") * 2
SHARES = {"doctor": 22, "nurse": 44, "x-ray": 11}
"""What people without an appointment come for. Two of five who see a doctor are booked."""

LUNCH = 175 * MINUTE
NEVER_COME, COME_EARLY, COME_LATE = 0.08, 0.16, 0.28
"""Of all who are booked, one after the other; the others come 20 to 2 minutes before their time."""

CANCELLED = 17
"""Which of the booked is cancelled during the day."""

BUSY = (1.1, 1.2, 1.2, 1.0, 0.8, 0.9, 1.1, 1.0, 0.8)
"""How many come in each hour of the day, as a share of the usual."""

COMING, MORE_TIME, STEPPED_OUT = 0.6, 0.03, 0.02
"""Of all who are called and have their page open: what they answer. The others just come."""

ASKED = {
    "appointment": "all_set", "payment": "nothing_to_pay", "next": "ask_clinician",
    "another_appointment": "after_visit", "something_else": "in_person", "worse": "",
}  # fmt: skip
"""What people ask from their phone, and how staff answer it; who feels worse is gone to."""

MISSING, LATE = "room-2", 80 * MINUTE
"""On a bad day: whose clinician comes late, and by how much."""

REASONS = ("needs_care_sooner", "small_child", "unwell")
LANGUAGES = {"en": 60, "es": 25, "ar": 15}
NEEDS = ("large_text", "read_aloud", "more_time", "quiet", "wheelchair")
NAMES = {
    "en": (
        "Maya Okafor", "Siân Llewellyn", "王 秀英", "Nguyễn Thị Hoa", "Дмитрий Соколов", "Ελένη Παππά", "प्रिया शर्मा",
        "김 민준", "佐藤 陽子", "Zoë Müller", "Łukasz Wójcik", "አበበ ተስፋዬ", "תמר לוי", "Aoife O'Sullivan", "สมชาย ใจดี",
    ),
    "es": ("María-José Núñez", "Íñigo Etxeberria", "Lucía Peña Ortiz", "Andrés Quispe", "Begoña Güell"),
    "ar": ("فاطمة الزهراء", "يوسف حداد", "مريم الخطيب", "عمر بن سالم", "ليلى منصور"),
}  # fmt: skip

Answer = dict[str, Any]
Life = Iterator[float]
"""What somebody does, one step after the other: runs until it yields for how many seconds it waits."""


@dataclass
class Person:
    """Somebody in the line. `stops`: the services they go on to; `comes`: whether they answer the next call.

    `booked`: they have an appointment, and perhaps another one `later`, for this service. `phone`: where their page is.
    """

    visit: str
    ticket: str
    service: str
    stops: tuple[str, ...] = ()
    comes: bool = True
    booked: bool = False
    later: str = ""
    phone: str = ""


class Day:
    """One day of the clinic, on its own clock in seconds.

    `post` sends a command and gives its answer, or None when the clinic's rules said no; a field `file` is a list of
    appointments. `read` gives what stands at an address. `say` tells what happened. `start`: when second 0 was.
    `bad`: a clinician comes late, and somebody comes who needs care at once.
    """

    def __init__(
        self, post: Callable[[str, Answer], Answer | None], read: Callable[[str], Answer],
        say: Callable[[float, str], None], rng: Random, now: float, start: datetime, bad: bool = False,
    ):  # fmt: skip
        self.now, self.closing, self.over, self.resting = now, now + LENGTH, False, False
        self._read, self._start, self._bad = read, start, bad
        self.waiting: set[str] = set()
        self.people: dict[str, Person] = {}
        self._agenda: list[tuple[float, int, Life]] = []
        self._post, self._say, self._rng, self._planned = post, say, rng, 0

    def play(self, wait_until: Callable[[float], None]) -> None:
        """Let everything happen at its time. A line at the door and full rooms come first, so there is much to see."""
        self.booked()
        for service in AT_THE_DOOR:
            self.check_in(service, surely=True)
        for number, room in enumerate(ROOMS):
            if not (self._bad and room == MISSING):
                self.plan(0, self.work(room, first=1 if number in (0, 2, 4) else 2 * MINUTE))
        for life in (self.arrivals(), self.family(), self.helps(), self.questions(), self.words(), self.end()):
            self.plan(0, life)
        if self._bad:
            self.plan(0, self.comes_late())
            self.plan(0, self.emergency())
        while not self.over:
            self.now, _, life = heappop(self._agenda)
            wait_until(self.now)
            seconds = next(life, None)
            if seconds is not None:
                self.plan(seconds, life)

    def plan(self, seconds: float, life: Life) -> None:
        """Go on with this after so long; what is due at the same moment goes on in the order it was planned."""
        self._planned += 1
        heappush(self._agenda, (self.now + seconds, self._planned, life))

    def tell(self, command: str, said: str, **fields: Any) -> Answer | None:
        """Give a command of the staff and say what came of it; None when the rules said no."""
        answer = self._post(f"/staff/{command}", fields)
        if answer:
            change = self.waiting.add if answer.get("status") == "waiting" else self.waiting.discard
            change(answer.get("visit", ""))
            self._say(self.now, said.format(ticket=answer.get("ticket"), room=ROOMS.get(answer.get("room", ""))))
        return answer

    def arrivals(self) -> Life:
        """People come, at random, by the hour, and fewer when they see a full waiting room."""
        yield MINUTE
        while self.now < self.closing:
            self.check_in(self._rng.choices(list(SHARES), list(SHARES.values()))[0])
            hour = int((self.now - self.closing + LENGTH) / 3600)
            crowd = max(0.4, len(self.waiting) / 13) ** 1.5
            yield self._rng.expovariate(BUSY[hour] / (4.2 * crowd * MINUTE))

    def booked(self) -> None:
        """Two clinicians begin to work, and the list of who is booked with them comes in."""
        for room, name in CLINICIANS.items():
            if not (self._bad and room == MISSING):
                self.tell("sign-in", "A clinician works in {room}", room=room, name=name)
        people = booked_day(self._rng, self.now, f"{self._start:%Y%m%d}-{self.now:.0f}")
        self.bring(people, "booked")
        for n, person in enumerate(people):
            self.plan(0, self.cancels(person) if n == CANCELLED else self.keeps(person))

    def comes_late(self) -> Life:
        """One clinician is not here in the morning. Staff say so, and people who wait for them are told why."""
        self.tell("close-room", "{room} is closed", room=MISSING)
        yield 25 * MINUTE
        self.tell("note-delay", "Everybody reads that we are short of staff", reason="short_of_staff", minutes=60)
        yield LATE - 25 * MINUTE
        self.tell("sign-in", "The late clinician works in {room}", room=MISSING, name=CLINICIANS[MISSING])
        self.plan(0, self.work(MISSING, first=1))

    def emergency(self) -> Life:
        """Somebody comes who needs care at once, and goes before everybody else who waits for a doctor."""
        yield LATE - 12 * MINUTE
        urgent = self.check_in("doctor", surely=True)
        if urgent:
            self.tell("prioritise", "{ticket} is moved up", visit=urgent["visit"], reason="needs_care_sooner")

    def words(self) -> Life:
        """Staff say sorry to who waits half an hour too long, and go to speak to who waits an hour too long."""
        while self.now < self.closing + 60 * MINUTE:
            yield 2 * MINUTE
            line = self._read("/staff/line.json")
            late = [one for one in line["visits"] if one["status"] == "waiting" and one["late"] >= 30]
            for service in {one["service"] for one in late if not one["apologised"]}:
                reason = "short_of_staff" if self._bad else "more_time"
                self.tell("apologise", "Staff say sorry for a long wait", reason=reason, service=service)
            for one in late:
                if one["late"] >= 60 and not one["spoken_to"]:
                    self.tell("spoken-to", "Staff speak to " + one["ticket"], visit=one["id"])

    def bring(self, people: list[Booked], status: str) -> None:
        """Bring in the list of these people's appointments."""
        answer = self._post("/staff/appointments", {"file": as_csv(people, self._start, status)})
        if answer:
            self._say(self.now, f"A list came in: {answer['added']} new, {answer['cancelled']} cancelled")

    def cancels(self, person: Booked) -> Life:
        """Two hours into the day another list says that they are not coming."""
        yield 120 * MINUTE
        self.bring([person], "cancelled")

    def keeps(self, person: Booked) -> Life:
        """Somebody booked comes a little before their time; some come late, and some never."""
        roll, due = self._rng.random(), person.appointments[0].at - self.now
        if roll < NEVER_COME:
            yield due + 25 * MINUTE
            self.stays_away(person)
            return
        early = (-15, -3) if roll > 1 - COME_LATE + COME_EARLY else (25, 40) if roll < COME_EARLY else (2, 20)
        yield max(0.0, due - self._rng.uniform(*early) * MINUTE)
        for _ in range(3):  # who came shortly before midnight is not found until their day has begun
            if self.finds(person):
                return
            yield 10 * MINUTE

    def finds(self, person: Booked) -> bool:
        """They find their appointment at the tablet and check in for all they have today."""
        asked = {"day": person.born.day, "month": person.born.month, "letter": person.letter}
        found = self._post("/kiosk/find", asked) or {}
        answer = None
        if "token" in found:
            answer = self._post("/kiosk/check-in", {"token": found["token"], "language": person.language})
        if answer:
            later = "nurse" if len(person.appointments) > 1 else ""
            comes = self._rng.random() > 0.06
            page = _page(answer)
            self.joins(Person(answer["visit"], answer["ticket"], "doctor", (), comes, True, later, page))
        return answer is not None

    def stays_away(self, person: Booked) -> None:
        """Staff say that somebody booked did not come."""
        rows = self._read("/staff/appointments.json")["appointments"]
        for row in rows:
            if row["name"] == person.name and not row["ticket"]:
                self.tell("no-show", "Somebody booked did not come", visit=row["visit"])

    def family(self) -> Life:
        """A mother comes with two children, who are checked in together."""
        yield 65 * MINUTE
        mother = self.check_in("nurse", surely=True)
        for _ in range(2 if mother else 0):
            self.check_in("nurse", surely=True, **{"with": _page(mother or {}).rpartition("/")[2]})

    def check_in(self, service: str, surely: bool = False, **more: str) -> Answer | None:
        """One person at the tablet. What they will do later is decided now; `surely` they come when called."""
        rng = self._rng
        language = rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        fields = {"service": service, "language": language, **more}
        if rng.random() < 0.7:
            fields |= {"name": rng.choice(NAMES[language]), "call_me": "name" if rng.random() < 0.14 else "number"}
        if rng.random() < 0.2:
            fields |= self.wishes(language)
        answer = self._post("/kiosk/check-in", fields)
        if answer:
            stops = ("x-ray", "doctor") if service == "doctor" and rng.random() < 0.1 else ()
            comes = surely or rng.random() > 0.06
            self.joins(Person(answer["visit"], answer["ticket"], service, stops, comes, phone=_page(answer)))
        return answer

    def wishes(self, language: str) -> dict[str, str]:
        """What somebody says would help them: some like to be fetched, and some need an interpreter."""
        wished = {f"need-{self._rng.choice(NEEDS)}": "yes"}
        if self._rng.random() < 0.4:
            wished["call_me"] = "fetch"
        if language != "en" or self._rng.random() < 0.2:
            wished |= {"need-interpreter": "yes", "spoken": language if language != "en" else "Tigrinya"}
        return wished

    def joins(self, person: Person) -> None:
        """They are in the line now."""
        self.people[person.visit] = person
        self.waiting.add(person.visit)
        self._say(self.now, f"{person.ticket} checked in, {len(self.waiting)} waiting")
        self.plan(0, self.whims(person.visit))

    def whims(self, visit: str) -> Life:
        """A few do not simply wait until they are called: they leave, step out, or are moved up."""
        roll, patience = self._rng.random(), self._rng.uniform(1, 2) * MINUTE
        yield patience * (20 if roll < 0.03 else 4 if roll < 0.07 else 2)
        if visit not in self.waiting:
            return
        if roll < 0.03:
            self.tell("leave", "{ticket} left", visit=visit)
        elif roll < 0.07 and self.tell("hold", "{ticket} stepped out", visit=visit):
            yield 10 * MINUTE
            self.tell("resume", "{ticket} is back", visit=visit)
        elif 0.07 <= roll < 0.1:
            self.tell("prioritise", "{ticket} is moved up", visit=visit, reason=self._rng.choice(REASONS))

    def work(self, room: str, first: float) -> Life:
        """A room calls and sees one person after the other, with lunch and a break now and then."""
        rest_at, answers_in = self.now + self._rng.uniform(50, 240) * MINUTE, first
        lunch_at = self.closing - LENGTH + LUNCH
        while True:
            if lunch_at < self.now < self.closing and not self.resting:
                yield from self.rest(room, 30)
                lunch_at, rest_at = self.closing, self.now + self._rng.uniform(120, 240) * MINUTE
            if rest_at < self.now < self.closing and not self.resting:
                yield from self.rest(room, 15)
                rest_at = self.now + self._rng.uniform(120, 240) * MINUTE
            called = self.tell("call-next", "{ticket} called to {room}", room=room)
            if called is None:  # nobody waits, or somebody at the screens closed the room: look again in a minute
                yield self._rng.uniform(40, 80)
                continue
            visit, ticket = called["visit"], called["ticket"]
            person = self.people.setdefault(visit, Person(visit, ticket, BY_LETTER[ticket[0]]))
            yield from self.see(person, answers_in) if person.comes else self.miss(person)
            answers_in = self._rng.uniform(20, 120)

    def see(self, person: Person, answers_in: float) -> Life:
        """They come in, stay about as long as such a visit takes, and some go on to another service."""
        if not (yield from self.answers_call(person, answers_in)):
            return
        if self.tell("start", "{ticket} is in {room}", visit=person.visit) is None:
            return
        yield SERVICES[person.service].minutes * MINUTE * min(2.5, self._rng.lognormvariate(-0.1, 0.45))
        if person.stops:
            person.service, person.stops = person.stops[0], person.stops[1:]
            self.tell("transfer", "{ticket} goes on elsewhere", visit=person.visit, service=person.service)
        else:
            answer = self.tell("finish", "{ticket} is done in {room}", visit=person.visit)
            if answer and answer["status"] == "waiting":
                person.service, person.later = person.later, ""
        yield self._rng.uniform(10, 60)

    def answers_call(self, person: Person, answers_in: float) -> Generator[float, None, bool]:
        """Many say on their phone that they are on the way; a few that they are not. Whether they come now."""
        roll, soon = self._rng.random() if person.phone else 1.0, min(answers_in, self._rng.uniform(5, 25))
        yield soon
        if roll < COMING:
            self.says(person, "coming", "is on the way")
        elif roll < COMING + MORE_TIME and answers_in > soon:
            self.says(person, "more-time", "needs ten more minutes")
            self.plan(0, self.comes_back(person, 9))
            return False
        elif roll < COMING + MORE_TIME + STEPPED_OUT and answers_in > soon:
            self.says(person, "step-out", "has stepped out")
            self.plan(0, self.comes_back(person, 12))
            return False
        yield answers_in - soon
        return True

    def comes_back(self, person: Person, minutes: float) -> Life:
        """They are here again, and are called next."""
        yield minutes * MINUTE
        self.says(person, "here", "is here")
        self.waiting.add(person.visit)

    def says(self, person: Person, what: str, said: str, **fields: str) -> None:
        """They press this button on their phone."""
        self._post(f"{person.phone}/{what}", fields)
        self._say(self.now, f"{person.ticket} {said}")

    def miss(self, person: Person) -> Life:
        """They do not come, and are called once more, or twice who is booked; most turn up later."""
        pause = 3.2 * MINUTE if person.booked else 2.5 * MINUTE
        for _ in range(2 if person.booked else 1):
            yield pause
            self.tell("recall", "{ticket} called again to {room}", visit=person.visit)
        yield pause
        person.comes = True
        missed = self.tell("no-show", "{ticket} did not come", visit=person.visit)
        # Who is booked for later than this has missed nothing yet: they keep their place.
        if missed or self.tell("hold", "{ticket} is not here yet", visit=person.visit):
            self.plan(0, self.turn_up(person.visit))
        yield MINUTE / 4

    def turn_up(self, visit: str) -> Life:
        """Who missed the call is back, or really gone."""
        yield 10 * MINUTE
        if self._rng.random() < 0.75:
            self.tell("resume", "{ticket} is back and comes next", visit=visit)
        else:
            self.tell("leave", "{ticket} is gone", visit=visit)

    def rest(self, room: str, minutes: int) -> Life:
        """A break, announced with its end; one room at a time."""
        self.resting = True
        self.tell("pause-room", "{room} pauses", room=room, minutes=minutes)
        yield minutes * MINUTE
        self.tell("open-room", "{room} is open again", room=room)
        self.resting = False

    def helps(self) -> Life:
        """Now and then somebody at the tablet wants a person, who comes soon."""
        yield 9 * MINUTE
        while self.now < self.closing:
            asked = self._post("/kiosk/help", {"place": "tablet"})
            self._say(self.now, "Somebody asks for help at the tablet")
            yield self._rng.uniform(30, 90)
            if asked:
                self.tell("take-help", "Help is on the way", help=asked["help"])
            yield self._rng.uniform(25, 70) * MINUTE

    def questions(self) -> Life:
        """Now and then somebody who waits asks something on their phone, and gets an answer."""
        yield 14 * MINUTE
        while self.now < self.closing:
            waiting = [self.people[visit] for visit in sorted(self.waiting) if self.people[visit].phone]
            if waiting:
                person, about = self._rng.choice(waiting), self._rng.choice(list(ASKED))
                self.says(person, "help", "feels worse" if about == "worse" else "has a question", about=about)
                yield self._rng.uniform(15, 60)
                yield from self.answers(person, about)
            yield self._rng.uniform(15, 40) * MINUTE

    def answers(self, person: Person, about: str) -> Life:
        """Somebody of the staff sees to it, and answers it if it is a question."""
        asked = self._read("/staff/line.json")["helps"]
        theirs = [one["id"] for one in asked if (one["ticket"], one["about"]) == (person.ticket, about)]
        for help_id in theirs:
            taken = self.tell("take-help", f"Somebody sees to {person.ticket}", help=help_id, who="Sam")
            if taken and ASKED[about]:
                yield self._rng.uniform(30, 120)
                self.tell("answer", f"{person.ticket} has an answer", help=help_id, answer=ASKED[about], who="Sam")

    def end(self) -> Life:
        """When everybody was seen, and after two hours in any case, the day is closed and the next one opened."""
        yield LENGTH
        while not self.over:
            rows = self._read("/staff/appointments.json")["appointments"]
            sure: Answer = {"told": [], "outcomes": {row["visit"]: "missed" for row in rows if not row["ticket"]}}
            late = self.now > self.closing + 120 * MINUTE
            self.tell("close-day", "The day is closed", confirm=True, **({} if late else sure))
            self.over = self.tell("open-day", "The next day begins", rooms=list(ROOMS)) is not None
            yield 2 * MINUTE


def _page(answer: Answer) -> str:
    """The path of the phone page that somebody was given at check-in."""
    return urlsplit(answer.get("url", "")).path
