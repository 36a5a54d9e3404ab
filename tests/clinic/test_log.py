"""The history: what was written once can be read for ever, and never changed."""

import types
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic import log
from clinic.events import (
    KINDS,
    CheckedIn,
    Closed,
    Entry,
    Fact,
    Finished,
    HelpAsked,
    Opened,
    Recalled,
    RoomPaused,
    Started,
    Told,
    Undone,
)
from clinic.store import Store
from tests.clinic.given import NINE, after, called, came, numbered

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9))])
TIMES = st.builds(
    lambda zone, n: (NINE + timedelta(microseconds=n)).astimezone(zone), ZONES, st.integers(-(10**15), 10**15)
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    datetime: TIMES, str: TEXTS, tuple[str, ...]: st.lists(TEXTS, max_size=3).map(tuple),
    int: st.integers(1, 2**40), float: st.floats(-1e9, 1e9), types.NoneType: st.none(),
}  # fmt: skip


def any_fact(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    """A fact of this kind with any values that it may hold."""
    made = {
        field.name: VALUES[field.type] if field.type in VALUES
        else st.one_of([VALUES[one] for one in get_args(field.type)])
        for field in fields(kind)
    }  # fmt: skip
    return st.builds(kind, **made)


def write(store: Store, *entries: Entry, request: str | None = None) -> None:
    with store.write() as db:
        log.append(db, entries, request)


def today(store: Store) -> list[Entry]:
    with store.read() as db:
        return log.today(db)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@for_all(data=st.data())
def test_every_kind_of_fact_is_read_as_it_was_written(store: Store, kind: str, data: st.DataObject) -> None:
    with store.read() as db:
        seq = log.last_seq(db) + 1
    entry = Entry(seq, data.draw(any_fact(KINDS[kind])), data.draw(TEXTS))

    write(store, entry)

    assert today(store)[-1] == entry


def test_facts_are_read_in_the_order_of_their_numbers_whatever_the_clock_did(store: Store) -> None:
    facts = [Opened(after(60)), came("ana", 50), came("bo", 20)]
    entries = numbered(facts)

    write(store, *entries)

    assert today(store) == entries


@pytest.mark.parametrize("statement", [
    "update event set at = '1999'", "update event set seq = 99 where seq = 1", "delete from event where seq = 2",
    "delete from event",
    "insert or replace into event (seq, at, kind, by, data) values (2, '1999', 'Closed', '', '{}')",
    "insert or replace into event (at, kind, by, request, data) values ('1999', 'Closed', '', 'r1', '{}')",
    "update or replace event set seq = 1 where seq = 2",
])  # fmt: skip
def test_a_row_of_the_log_is_never_changed_or_taken_out(store: Store, statement: str) -> None:
    entries = numbered([Opened(NINE), came("ana", 1)])
    write(store, *entries, request="r1")

    def meddle() -> None:
        with store.write() as db:
            db.execute(statement)

    with pytest.raises(sqlite3.IntegrityError, match="the log is never"):
        meddle()
    assert today(store) == entries


def test_a_number_is_given_once(store: Store) -> None:
    write(store, Entry(1, Opened(NINE)))

    with pytest.raises(sqlite3.IntegrityError):
        write(store, Entry(1, Closed(NINE)))


def test_a_request_is_written_once_with_the_first_of_its_facts(store: Store) -> None:
    write(store, *numbered([Opened(NINE), came("ana", 1)]), request="r1")

    with store.read() as db:
        assert db.execute("select seq, request from event order by seq").fetchall() == [(1, "r1"), (2, None)]
    with pytest.raises(sqlite3.IntegrityError):
        write(store, Entry(3, Closed(NINE)), request="r1")


def test_an_empty_log_has_no_day_and_no_number(store: Store) -> None:
    with store.read() as db:
        assert (log.today(db), log.lessons_after(db, 0), log.before_days(db, 3), log.last_seq(db)) == ([], [], 0, 0)


def test_facts_before_the_first_day_are_todays(store: Store) -> None:
    entries = numbered([HelpAsked(NINE, "h1", "Tablet 1")])

    write(store, *entries)

    assert today(store) == entries


def test_a_day_runs_from_its_opening_whatever_the_calendar_says(store: Store) -> None:
    days = numbered([
        Opened(NINE), came("ana", 1), Closed(after(60)), HelpAsked(after(61), "h1", "Tablet 1"),
        Opened(after(70)), came("bo", 71), came("cy", 2 * 1440), Closed(after(2 * 1440 + 9)),
    ])  # fmt: skip

    write(store, *days)

    assert today(store) == days[4:]
    with store.read() as db:
        assert log.last_seq(db) == 8


def test_the_estimate_learns_from_what_happened_not_from_what_was_told_or_asked(store: Store) -> None:
    seen = numbered([
        Opened(NINE), came("ana", 1), called("ana", 2), Started(after(2), "ana"), Told(after(3), "bo", why="no_room"),
        Recalled(after(3), "ana"), HelpAsked(after(3), "h1", "Tablet 1"), Finished(after(9), "ana"), Closed(after(60)),
    ])  # fmt: skip
    write(store, *seen)

    with store.read() as db:
        assert [entry.seq for entry in log.lessons_after(db, 0)] == [1, 2, 3, 4, 8, 9]
        assert [entry.seq for entry in log.lessons_after(db, 4)] == [8, 9]


def test_the_latest_days_begin_after_a_number(store: Store) -> None:
    write(store, *numbered([Opened(NINE), Closed(NINE), Opened(NINE), Closed(NINE), Opened(NINE)]))

    with store.read() as db:
        assert [log.before_days(db, days) for days in (1, 2, 3, 4)] == [4, 2, 0, 0]


def row(db: Database, kind: str, visit: str | None, room: str | None, data: str) -> None:
    db.execute(
        "insert into event (at, kind, visit, room, by, data) values ('2026-11-23T09:00:00+00:00', ?, ?, ?, 'x', ?)",
        [kind, visit, room, data],
    )


def test_a_fact_of_an_older_version_is_read_with_what_it_did_not_know_yet(store: Store) -> None:
    with store.write() as db:
        row(db, "CheckedIn", "ana", None, '{"service": "doctor", "ticket": "A 01"}')
        row(db, "RoomPaused", None, "room-1", "{}")
        row(db, "Told", "ana", None, "{}")

    facts = [entry.fact for entry in today(store)]

    assert facts == [CheckedIn(NINE, "ana", "doctor", "A 01"), RoomPaused(NINE, "room-1"), Told(NINE, "ana")]


def test_a_fact_of_a_newer_version_is_read_without_what_this_one_does_not_know(store: Store) -> None:
    with store.write() as db:
        row(db, "Called", "ana", "room-1", '{"chime": "soft"}')

    assert [entry.fact for entry in today(store)] == [called("ana", 0)]


def test_a_time_in_text_is_not_taken_for_a_time(store: Store) -> None:
    entries = numbered([HelpAsked(NINE, "2026-11-23T09:00:00+00:00", "2026-11-23")])

    write(store, *entries)

    assert today(store) == entries


def test_an_undo_names_the_fact_by_number_and_the_visit_it_is_about(store: Store) -> None:
    write(store, Entry(1, Undone(NINE, 7, "ana")))

    with store.read() as db:
        assert db.execute("select kind, visit, data from event").fetchall() == [("Undone", "ana", '{"seq":7}')]
