"""The audit as a page and as a file: who saw or changed what, in plain words; and whether the chain is whole."""

import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request

from clinic.desk import Desk
from doors.audit import Audit, Row, Search
from doors.chain import Proof
from doors.deeds import KINDS, ROLES, in_words
from doors.guard import Doors
from doors.who import Account, Device, who
from forms import BadInput, one_of, text_or_none, whole_number
from sheets import sheet
from words import Language, language, render, ticket

PAGE = 100
"""Rows on one page."""

AGAIN = timedelta(hours=1)
"""After so long the whole chain is looked at once more, when somebody asks."""

COLUMNS = ("row", "time", "person", "device", "address", "kind", "what", "about")


@dataclass(frozen=True)
class Line:
    """One row in words. `at` is in the clinic's zone; `person`, `device` are empty where there was none."""

    seq: int
    at: datetime
    person: str
    device: str
    address: str
    kind: str
    word: str
    what: str
    about: list[str]


class Prover:
    """Looks at the chain beside everything else, a little at a time, and remembers how far it came."""

    def __init__(self, audit: Audit, doors: Doors):
        self._audit, self._now = audit, lambda: doors.now()
        self._lock = threading.Lock()
        self._proof, self._since = Proof(), datetime.min.replace(tzinfo=UTC)
        self._running = False

    def forget(self) -> None:
        """Another chain is looked at from its beginning."""
        self._since = datetime.min.replace(tzinfo=UTC)
        self._proof = Proof()

    def ask(self) -> Proof:
        """How far the chain was looked at. Goes on beside this, until it is all."""
        with self._lock:
            if self._proof.broken is None and not self._running:
                self._begin()
                # The rows since the last look are few as a rule: then the answer is here already.
                self._step()
                self._step()
                if not self._proof.done:
                    self._running = True
                    current_app.extensions["live"].beside(self._go_on)
        return self._proof

    def _begin(self) -> None:
        """Where to go on: after the rows looked at last, or with all of them anew when that was long ago."""
        now = self._now()
        if now - self._since >= AGAIN:
            self._proof, self._since = Proof(), now
        else:
            self._proof = replace(self._proof, done=False)

    def _step(self) -> None:
        if not self._proof.done:
            self._proof = self._audit.prove(self._proof)

    def _go_on(self) -> None:
        try:
            while not self._proof.done:
                self._step()
                time.sleep(0.001)  # others are answered
        finally:
            self._running = False


def add_routes(pages: Blueprint, desk: Desk, doors: Doors) -> None:
    """/staff/audit and /staff/audit.csv."""
    prover = Prover(doors.audit, doors)
    desk.forgetting.append(prover.forget)

    def lang() -> Language:
        return language(request.args.get("lang"), desk.line.setup.language)

    def zone() -> ZoneInfo:
        return ZoneInfo(desk.line.setup.timezone)

    def asked() -> tuple[Search, dict[str, str]]:
        """What is looked for, and as it was typed. Raises BadInput."""
        typed = {name: text_or_none(request.args, name) or "" for name in ("person", "device", "visit", "day")}
        typed["kind"] = one_of(request.args, "kind", ("", *KINDS), "")
        since, until = _day(typed["day"], zone())
        visit = _visit(desk, typed["visit"])
        return Search(typed["person"], typed["device"], visit, typed["kind"], since, until), typed

    @pages.get("/staff/audit")
    def audit() -> str:
        search, typed = asked()
        found = doors.audit.look(search, whole_number(request.args, "before"), PAGE + 1)
        rows = found.rows
        people, devices = doors.accounts.everyone(), doors.devices.everyone()
        tell = Teller(desk, people, devices, lang(), zone())
        days: dict[date, list[Line]] = {}
        for line in map(tell.line, rows[:PAGE]):
            days.setdefault(line.at.date(), []).append(line)
        shown = [(lang().day(lines[0].at), lines) for lines in days.values()]
        chosen = {name: value for name, value in {**typed, "lang": request.args.get("lang", "")}.items() if value}
        return render(
            "doors/audit.html", lang(), setup=desk.line.setup, who=who(), days=shown, typed=typed, chosen=chosen,
            people=people, devices=devices, kinds=KINDS, proof=prover.ask(), newest="before" not in request.args,
            older=rows[PAGE - 1].seq if len(rows) > PAGE else found.before,
        )  # fmt: skip

    @pages.get("/staff/audit.csv", endpoint="audit_csv")
    def audit_csv() -> Response:
        search, _typed = asked()
        tell = Teller(desk, doors.accounts.everyone(), doors.devices.everyone(), lang(), zone())
        today = doors.now().astimezone(zone()).date().isoformat()
        return sheet(f"audit-{today}", COLUMNS, map(tell.cells, doors.audit.every(search)))


class Teller:
    """Tells a row in words."""

    def __init__(self, desk: Desk, people: list[Account], devices: list[Device], lang: Language, zone: ZoneInfo):
        self._line, self._lang, self._zone = desk.line, lang, zone
        setup = desk.line.setup
        self._people = {one.id: one.name for one in people}
        self._devices = {one.id: f"{one.name}, {one.place}" if one.place else one.name for one in devices}
        self._rooms = {one.id: one.name for one in setup.rooms}
        self._services = {one.id: one.name for one in setup.services}

    def line(self, row: Row) -> Line:
        """As the page shows it: a visit in the line by its number, any other by the beginning of its id."""
        kind, what = in_words(row.what)
        return Line(
            row.seq, datetime.fromisoformat(row.at).astimezone(self._zone), self._people.get(row.account, row.account),
            self._devices.get(row.device, row.device), row.address, row.what.partition(" ")[0],
            self._lang.gettext(kind), self._lang.gettext(what), sorted(map(self._about, row.about.split())),
        )  # fmt: skip

    def cells(self, row: Row) -> list[Any]:
        """As a sheet holds it: the ids of visits are whole."""
        line = self.line(row)
        about = " ".join(word if "=" not in word else self._about(word) for word in row.about.split())
        at = line.at.isoformat(timespec="seconds")
        return [line.seq, at, line.person, line.device, line.address, line.word, line.what, about]

    def _about(self, word: str) -> str:
        name, _, value = word.rpartition("=")
        if not name:
            visit = self._line.visits.get(value)
            return ticket(visit.ticket) if visit and visit.ticket else value[:8]
        known = {"room": self._rooms, "service": self._services, "account": self._people, "device": self._devices}
        if name in known:
            return known[name].get(value, value)
        if name == "row":
            return self._lang.gettext("row %(n)s", n=value)
        return self._lang.gettext(ROLES[value]) if name == "role" else value[:12]


def _day(typed: str, zone: ZoneInfo) -> tuple[str, str]:
    """The beginning and the end of this day in the clinic's zone, in UTC, as rows have them; empty for none."""
    if not typed:
        return "", ""
    try:
        day = date.fromisoformat(typed)
        bounds = [datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, day + timedelta(days=1))]
        since, until = (f"{one.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%S}" for one in bounds)
    except (ValueError, OverflowError) as problem:
        raise BadInput("day", "not_a_day") from problem
    return since, until


def _visit(desk: Desk, typed: str) -> str:
    """The id of the visit that has this number in the line now; whatever else was typed is the beginning of an id."""
    number = "".join(typed.split()).casefold()
    found = (one for one in desk.line.visits.values() if one.ticket.replace(" ", "").casefold() == number)
    known = next(found, None) if number else None
    return known.id if known else number
