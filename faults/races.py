"""Many hands at the same instant: one request eight times, eight who call, two who want opposites, one appointment."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from clinic import log, register
from clinic.appointments import Appointment
from clinic.line import replay
from clinic.setup import Setup
from clinic.store import look_into
from faults.hands import EIGHT, Answer, Caller, Hands, hands, sure, tap
from faults.outcome import Loop, Outcome, Size
from tests.browser.booked import with_appointments
from tests.browser.server import Clinic
from tests.clinic.given import NINE, after

ROUNDS = {Size.FULL: 1000, Size.SHORT: 4}
PAIRS_EACH = {Size.FULL: 50, Size.SHORT: 1}
APPOINTMENTS = {Size.FULL: 200, Size.SHORT: 4}

A_DAY = 100
"""Rounds in one day of a clinic: more people in one line is no clinic's."""

NEXT_DAY = timedelta(hours=25)

CALLERS = (("doctor", "room-1"), ("doctor", "room-2"), ("doctor", "room-1"), ("nurse", "room-3")) * 2
"""Whose people each of the eight calls, and where to."""


def same_request(folder: Path, size: Size) -> Outcome:
    """Eight send one request at once, and again after 25 hours: one result; another body under it is refused."""
    requests = [uuid.uuid4().hex for _ in range(ROUNDS[size])]
    clinic = Clinic(folder, START=NINE.isoformat()).start()
    first, slowest = _all_ask(clinic, requests)
    clinic.stop()
    clinic = Clinic(folder, START=(NINE + NEXT_DAY).isoformat()).start()
    again, slowest_again = _all_ask(clinic, requests)
    with hands(clinic.port, 1) as one:
        others = [one.callers[0].post("/kiosk/check-in", service="nurse", request=request) for request in requests]
    clinic.kill()

    visits = Counter(request for request, _ in _facts(folder, "CheckedIn"))
    lost = sum(len(first[one]) != 1 or first[one] == {""} or again[one] != first[one] for one in requests)
    taken = sum(not other.is_refused or other.said["code"] != "request_reused" for other in others)
    doubled = sum(visits.values()) - len(requests)
    return Outcome(
        "F4", f"one check-in by {EIGHT} clients at once, and 25 h later; another body under it", len(requests),
        lost == taken == doubled == 0, 2 * EIGHT * len(requests), lost, doubled, max(slowest, slowest_again),
        f"another body under the same request was refused {len(requests) - taken:,} times",
    )  # fmt: skip


def _all_ask(clinic: Clinic, requests: Sequence[str]) -> tuple[dict[str, set[str]], float]:
    """By request, the different things that eight were told who sent it at once; and the longest wait."""
    told = {}
    with hands(clinic.port) as eight:
        for number, request in enumerate(requests):
            if number and not number % A_DAY:
                clinic.new_day()
            answers = eight.at_once(*[tap("/kiosk/check-in", service="doctor", request=request)] * EIGHT)
            told[request] = {
                f"{answer.said['visit']} {answer.said['ticket']}" if answer.is_done else "" for answer in answers
            }
        return told, eight.slowest


def called_once(folder: Path, size: Size) -> Outcome:
    """Eight call the next for several rooms at once; then two of the staff at once do what excludes itself."""
    clinic, dice = Clinic(folder).start(), random.Random(7)
    wrong = 0
    with hands(clinic.port) as eight:
        for number in range(ROUNDS[size]):
            if number and not number % A_DAY:
                clinic.new_day()
            wrong += not _eight_call(eight, dice)
        calls = Counter(visit for _, visit in _facts(folder, "Called"))
        clinic.new_day()
        torn = [str(pair) for pair in PAIRS for _ in range(PAIRS_EACH[size]) if not _two_press(folder, eight, pair)]
        slowest = eight.slowest
    is_same = _replayed(folder) == {visit["id"]: visit["status"] for visit in clinic.people()}
    clinic.kill()
    repeated, pairs = calls.total() - len(calls), len(PAIRS) * PAIRS_EACH[size]
    note = f"two staff at once, {pairs:,} times: {f'not right: {Counter(torn)}' if torn else 'right each time'}"
    return Outcome(
        "F5", f"{EIGHT} call the next at once, for 3 rooms; two staff at once", ROUNDS[size] + pairs,
        wrong == repeated == len(torn) == 0 and is_same, calls.total(), wrong, repeated, slowest,
        note if is_same else f"{note}; the log tells another line than the screens",
    )  # fmt: skip


def _replayed(folder: Path) -> dict[str, str]:
    """By visit, the status that the log of this day tells."""
    with look_into(folder / "data") as db:
        line = replay(log.today(db), register.load_setup(db) or Setup())
    return {visit.id: visit.status for visit in line.visits.values()}


def _eight_call(eight: Hands, dice: random.Random) -> bool:
    """Some wait, eight call: whether each who waited was called by one, and every other caller was told of nobody."""
    rooms = [room for _, room in CALLERS]
    most = Counter(service for service, _ in CALLERS)
    people = [service for service in most for _ in range(dice.randint(0, most[service]))]
    came = {said["visit"] for said in eight.at_once(*[sure("/kiosk/check-in", service=one) for one in people])}
    answers = eight.at_once(*[tap("/staff/call-next", room=room) for room in rooms])
    winners = [answer.said["visit"] for answer in answers if answer.is_done]
    losers = [answer for answer in answers if answer.is_refused and answer.said["code"] == "nobody_waiting"]
    eight.at_once(*[tap("/staff/finish", visit=visit) for visit in winners])
    return sorted(winners) == sorted(came) and len(winners) + len(losers) == EIGHT


@dataclass(frozen=True)
class Press:
    """A command that one of the staff gives for somebody, and the fact it makes. `seen`: only if nothing happened since
    what they saw.
    """

    command: str
    fact: str
    room: str = ""
    seen: bool = False

    def send(self, visit: str, seq: int) -> Callable[[Caller], Answer]:
        """What gives the command. seq: of what was seen."""
        room, seen = {"room": self.room} if self.room else {}, {"seq": seq} if self.seen else {}
        return tap(f"/staff/{self.command}", visit=visit, **room, **seen)


CALL, CALL_ELSEWHERE = Press("call", "Called", "room-1"), Press("call", "Called", "room-2")
HOLD, RESUME, LEAVE = Press("hold", "Held"), Press("resume", "Resumed"), Press("leave", "Left")
RECALL, START, NO_SHOW = Press("recall", "Recalled"), Press("start", "Started"), Press("no-show", "MarkedNoShow")
UNDO = Press("undo", "Undone", seen=True)


@dataclass(frozen=True)
class Pair:
    """What two of the staff do at once, to somebody for whom `before` was done.

    One wins and the other is told so; only where it `may_follow` is the second right after the first.
    """

    before: tuple[Press, ...]
    first: Press
    second: Press
    may_follow: bool = False

    def __str__(self) -> str:
        return f"{self.first.command} and {self.second.command}"


PAIRS = (
    Pair((), CALL, CALL_ELSEWHERE),
    Pair((HOLD, RESUME), CALL, UNDO),
    Pair((CALL,), START, UNDO),
    Pair((CALL,), NO_SHOW, UNDO),
    Pair((CALL,), NO_SHOW, START),
    Pair((CALL,), NO_SHOW, CALL_ELSEWHERE),
    Pair((), CALL, LEAVE, may_follow=True),
    Pair((CALL,), RECALL, NO_SHOW, may_follow=True),
    Pair((CALL,), RECALL, START, may_follow=True),
)


def _two_press(folder: Path, eight: Hands, pair: Pair) -> bool:
    """Whether one won, the other was told so, and the log holds what was acknowledged, in an order that is right."""
    alone = eight.callers[0]
    visit, seq = alone.must("/kiosk/check-in", service="doctor")["visit"], 0
    for press in pair.before:
        seq = press.send(visit, seq)(alone).said["seq"]
    both = (pair.first, pair.second)
    answers = eight.at_once(*[press.send(visit, seq) for press in both])
    done = [press.fact for press, answer in zip(both, answers, strict=True) if answer.is_done]
    refused = [answer for answer in answers if answer.is_refused]
    with look_into(folder / "data") as db:
        facts = "select kind from event where visit = ? and seq > ? and kind not in ('CheckedIn', 'Told') order by seq"
        written = [kind for (kind,) in db.execute(facts, [visit, seq]).fetchall()]
    return written == done and len(done) + len(refused) == 2 and (len(done) == 1 or (pair.may_follow and not refused))


def one_appointment(folder: Path, size: Size) -> Outcome:
    """Eight tablets check in for one appointment at once: one visit, and the others are told its number."""
    count = APPOINTMENTS[size]
    clinic = with_appointments(folder, [_booked(n) for n in range(count)]).start()
    wrong = 0
    with hands(clinic.port) as eight:
        for number in range(count):
            day, month = _birthday(number)
            tokens = [
                found["token"]
                for found in eight.at_once(*[sure("/kiosk/find", day=day, month=month, letter="A")] * EIGHT)
            ]
            answers = eight.at_once(*[tap("/kiosk/check-in", token=token) for token in tokens])
            tickets = [answer.said["ticket"] for answer in answers if answer.is_done]
            refused = [
                one.said["message"] for one in answers if one.is_refused and one.said["code"] == "already_checked_in"
            ]
            wrong += len(tickets) != 1 or len(refused) != EIGHT - 1 or any(tickets[0] not in told for told in refused)
        slowest = eight.slowest
    clinic.kill()
    came = Counter(visit for _, visit in _facts(folder, "CheckedIn"))
    doubled = came.total() - len(came)
    return Outcome(
        "F6", f"{EIGHT} tablets at once for one appointment", count, wrong == doubled == 0 and len(came) == count,
        count, count - len(came), doubled, slowest, f"{wrong:,} times not one winner" if wrong else "",
    )  # fmt: skip


def _booked(number: int) -> Appointment:
    """Somebody of a birthday of their own, booked within the hour."""
    who = str(number)
    return Appointment(
        who, after(number % 60), "doctor", name=f"A {who}", birthday=_birthday(number), letters="A", person=who
    )


def _birthday(number: int) -> tuple[int, int]:
    return number % 28 + 1, number // 28 + 1


def _facts(folder: Path, kind: str) -> list[tuple[str, str]]:
    """The request and the visit of each fact of this kind, as the database has them."""
    with look_into(folder / "data") as db:
        return list(db.execute("select request, visit from event where kind = ?", [kind]).fetchall())


LOOPS: dict[str, Loop] = {"F4": same_request, "F5": called_once, "F6": one_appointment}
