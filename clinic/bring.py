"""`make bring DATA=folder [DRY=1]`: teach the estimate a clinic's past days before it goes live.

Reads the folder, says which rows cannot be used and why, lives the days through the learning of the running clinic,
then the clinic's own log, and keeps the result in one transaction: either all of it or nothing. Visits are not added
to the log. What was brought before is replaced.
"""

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from clinic import log, register
from clinic.estimate import History
from clinic.events import Entry, Opened, undone
from clinic.minutes import DAY, clock, minute
from clinic.opening import StoreError
from clinic.past import BadFolder, Past, PastVisit, RoomChange, read
from clinic.replay import Replay
from clinic.setup import Setup
from clinic.shell import Progress, data_folder, refusals
from clinic.store import Store, Unavailable, look_into


@dataclass(frozen=True)
class Names:
    """What the folder's names are in the clinic, by kind; those that it does not have keep their own."""

    services: Mapping[str, str]
    rooms: Mapping[str, str]


def names_of(past: Past, setup: Setup) -> Names:
    """The clinic's own services and rooms by id or name, capitals or not."""
    services = {name.casefold(): s.id for s in setup.services for name in (*s.names.values(), s.name)}
    services |= {s.id.casefold(): s.id for s in setup.services}
    rooms = {room.name.casefold(): room.id for room in setup.rooms}
    rooms |= {room.id.casefold(): room.id for room in setup.rooms}
    used = {visit.service for visit in past.visits}
    seen = {room for v in past.visits for room in (v.server, v.assigned)} | {change.server for change in past.changes}
    return Names(_matched(used, services), _matched(seen, rooms))


def _matched(used: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    return {name: known[name.casefold()] for name in sorted(used) if name.casefold() in known}


def renamed(past: Past, names: Names) -> Past:
    """The same days in the clinic's own names."""
    service, room = names.services, names.rooms

    def _visit(one: PastVisit) -> PastVisit:
        return replace(
            one, service=service.get(one.service, one.service), server=room.get(one.server, one.server),
            assigned=room.get(one.assigned, one.assigned),
        )  # fmt: skip

    def _change(one: RoomChange) -> RoomChange:
        return replace(one, server=room.get(one.server, one.server))

    groups = past.clinic.get("groups", {})
    clinic = {**past.clinic, "groups": {g: [service.get(s, s) for s in all_] for g, all_ in groups.items()}}
    return replace(
        past, visits=[_visit(v) for v in past.visits], changes=[_change(c) for c in past.changes], clinic=clinic
    )


def before(past: Past, day: float) -> Past:
    """Only what happened before this day of the running clock: the clinic's own log knows the rest."""
    visits = [v for v in past.visits if (v.arrived if v.arrived is not None else v.booked or 0.0) < day * DAY]
    return replace(past, visits=visits, changes=[change for change in past.changes if change.at < day * DAY])


def first_day(entries: Sequence[Entry], setup: Setup) -> float | None:
    """The day of the running clock on which the clinic's own log begins."""
    return minute(entries[0].fact.at, setup.timezone) // DAY if entries else None


def closed_days(entries: Iterable[Entry]) -> list[Entry]:
    """The facts of the log's days before the last, without what was undone: they stand for good."""
    entries = list(entries)
    last = max((n for n, entry in enumerate(entries) if isinstance(entry.fact, Opened)), default=0)
    left_out = undone(entries)
    return [entry for entry in entries[:last] if entry.seq not in left_out]


def teach(
    past: Past, setup: Setup, own: Iterable[Entry] = (), progress: Callable[[float], None] = lambda _at: None
) -> History:
    """What these days teach, in the clinic's own names, and then the clinic's `own` facts."""
    used = {visit.service for visit in past.visits}
    services = tuple(service for service in setup.services if service.id in used)
    # Rooms join as they are seen in the folder, with the services they had there.
    there = History(replace(setup, services=services, rooms=()))
    if past.visits:
        Replay(past, there, ticks=False).run(lambda _asked: None, progress)
    # The line of those days is over; what was learned stays.
    there.mind.open = {}
    history = History(setup, there.mind)
    for entry in own:
        history.teach(entry)
    return history


def report(folder: Path, read_: Past, past: Past, names: Names, setup: Setup | None) -> str:
    """What was found in the folder and what will be made of it."""
    used = len(past.visits) + len(past.changes)
    known = len(read_.visits) + len(read_.changes)
    rows = known + len(read_.refused)
    out = [f"{folder}: {rows:,} rows read, {used:,} used, {len(read_.refused):,} refused."]
    out += refusals(read_.refused)
    if known > used:
        out.append(f"{known - used:,} rows left out: the clinic's own log knows those days.")
    if past.visits:
        first, last = (f"{clock(at):%Y-%m-%d}" for at in past.span)
        out.append(f"Visits: {len(past.visits):,}, from {first} to {last}.")
    if setup is None:
        out.append("There is no clinic set up yet, so services and rooms could not be compared with its own.")
        return "\n".join(out)
    rooms = {room for visit in past.visits for room in (visit.server, visit.assigned) if room}
    for kind, all_, found in (
        ("Services", {visit.service for visit in past.visits}, names.services),
        ("Rooms", rooms | {change.server for change in past.changes}, names.rooms),
    ):
        matched = ", ".join(f"{theirs} is {ours}" if theirs != ours else ours for theirs, ours in found.items())
        out.append(f"{kind} known here: {matched or 'none'}.")
        if unknown := sorted(all_ - set(found)):
            out.append(f"{kind} not known here, which teach the general pace only: {_some(unknown)}.")
    return "\n".join(out)


def _some(names: Collection[str]) -> str:
    shown = [name or "(empty)" for name in names][:20]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")


def bring(folder: Path, data: Path, dry: bool = False, full_report: Path | None = None) -> None:
    """Do it. Raises BadFolder, StoreError or Unavailable with a sentence; then nothing was changed."""
    found = read(folder)
    if full_report:
        full_report.write_text("".join(f"{row}\n" for row in found.refused), encoding="utf-8")
    if dry:
        _dry_run(folder, found, data)
        return
    if not (data / "kindline.db").exists():
        raise StoreError(
            f"There is no clinic in {data} yet: start Kindline, set it up, stop it, and bring its days then."
        )
    store = Store(data)
    try:
        with store.read() as db:
            setup = register.load_setup(db)
            facts = log.lessons_after(db, 0)
        if setup is None:
            raise StoreError(
                f"The clinic in {data} is not set up yet: start Kindline, set it up, stop it, and try again."
            )
        past, names = _fitted(found, setup, facts)
        print(report(folder, found, past, names, setup))
        if not past.visits:
            raise BadFolder("Nothing was brought: the clinic's own log knows all of these days.")
        own = closed_days(facts)
        progress = Progress("Learning", past.span)
        history = teach(renamed(past, names), setup, own, progress)
        progress.done()
        with store.write() as db:
            register.save_learned(db, history.line.seq, history.to_text())
    finally:
        store.close()
    print(f"Learned from {len(past.visits):,} visits, and then from {len(own):,} facts of the clinic's own log.")


def _fitted(found: Past, setup: Setup, facts: Sequence[Entry]) -> tuple[Past, Names]:
    day = first_day(facts, setup)
    past = found if day is None else before(found, day)
    return past, names_of(past, setup)


def _dry_run(folder: Path, found: Past, data: Path) -> None:
    setup, past, names = None, found, Names({}, {})
    if (data / "kindline.db").exists():
        with look_into(data) as db:
            setup = register.load_setup(db)
            facts = list(islice(log.every(db), 1))
        if setup:
            past, names = _fitted(found, setup, facts)
    print(report(folder, found, past, names, setup))
    print("This was a dry run: nothing was changed.")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit status 0, or 2 with a sentence when nothing was brought."""
    parser = argparse.ArgumentParser(prog="make bring", description="Teach the estimate a clinic's past days.")
    parser.add_argument("data", type=Path, help="folder with visits.csv, clinic.json and perhaps rooms.csv")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be brought")
    parser.add_argument("--report", type=Path, help="write every refused row to this file")
    options = parser.parse_args(arguments)
    try:
        bring(options.data, data_folder(), options.dry_run, options.report)
    except (BadFolder, StoreError) as sentence:
        print(sentence, file=sys.stderr)
        return 2
    except (Unavailable, OSError) as problem:
        print(f"Nothing was brought: {problem}. Mend that and try again.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; nothing was changed.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
