"""The tables of the database, as a list of migrations that is only ever added to.

Each migration is one transaction, and says itself which format the file has from then on: a program that is killed
between two of them goes on with the next, and an older one refuses the file.
"""

from sqlite_utils import Database, Migrations

SCHEMA = 6
"""Raised with each migration, so that an older program refuses a newer file."""

SECURE = 5
"""From this version on the bytes of what is deleted are overwritten."""

migrations = Migrations("kindline")


@migrations()
def first_tables(db: Database) -> None:
    """The log, the plain tables of the register, and the answers already given."""
    for statement in (
        """create table event (
            seq integer primary key autoincrement, at text not null, kind text not null, visit text, room text,
            by text not null, request text unique, data text not null) strict""",
        """create trigger event_stays before update on event
            begin select raise(abort, 'the log is never rewritten'); end""",
        """create trigger event_is_kept before delete on event
            begin select raise(abort, 'the log is never cut here'); end""",
        "create index event_opened on event(seq) where kind = 'Opened'",
        """create table answer (request text primary key, body text not null, answer text not null,
            at text not null) strict""",
        "create table setting (name text primary key, value text not null) strict",
        "create table person (visit text primary key, name text not null) strict",
        "create table link (secret text primary key, code text unique, visit text not null unique) strict",
        "create table health (id integer primary key check (id = 1), beats integer not null) strict",
        "insert into health values (1, 0)",
        "pragma user_version = 1",
    ):
        db.execute(statement)


@migrations()
def bookings(db: Database) -> None:
    """Appointments of today and days to come, under the id of the visit each will be."""
    for statement in (
        """create table booking (
            visit text primary key, id text not null, day text not null, start text not null,
            service text not null, minutes real, room text, clinician text, place text not null, name text not null,
            birthday text not null, year text not null, letters text not null, language text, needs text not null,
            person text not null, cancelled integer not null, code text unique) strict""",
        "create index booking_day on booking(day)",
        "create index booking_id on booking(id)",
        "pragma user_version = 2",
    ):
        db.execute(statement)


@migrations()
def after_the_visit(db: Database) -> None:
    """What people said, without their visits, and who takes care of whom; rows are kept in no order of time."""
    for statement in (
        """create table feedback (
            id text primary key, day text not null, hour integer not null, service text not null, rating text not null,
            comment text not null, as_said text not null, told text not null, asks integer not null,
            contact text not null, how text not null) strict, without rowid""",
        "create table feedback_given (link text primary key, day text not null) strict, without rowid",
        "create table follow_up (id text primary key, name text not null, due text not null) strict, without rowid",
        "pragma user_version = 3",
    ):
        db.execute(statement)


@migrations()
def needs_and_companions(db: Database) -> None:
    """What may help whom, who took a call for help, and the hash of a visit's narrower link."""
    for statement in (
        "create table need (visit text primary key, flags text not null, spoken text not null) strict, without rowid",
        "create table taker (help text primary key, name text not null) strict, without rowid",
        "alter table link add column companion text",
        "create unique index link_companion on link(companion)",
        "pragma user_version = 4",
    ):
        db.execute(statement)


@migrations()
def doors(db: Database) -> None:
    """Who may come in: accounts, their sessions and tries, paired devices; and the audit, to which is only added."""
    for statement in (
        """create table account (
            id text primary key, login text not null unique, name text not null, role text not null,
            password text not null, pin text not null, epoch integer not null, made text not null,
            ended text) strict""",
        """create table invitation (
            secret text primary key, account text, until text not null, by text not null) strict""",
        """create table session (
            id text primary key, account text not null, device text not null, epoch integer not null,
            begun text not null, seen text not null, locked integer not null, pin_misses integer not null) strict""",
        """create table try (
            account text not null, source text not null, at text not null, good integer not null) strict""",
        "create index try_account on try(account, at)",
        "create index try_source on try(source, at)",
        """create table device (
            id text primary key, secret text unique, role text not null, name text not null, place text not null,
            paired text not null, paired_by text not null, seen text not null, ended text) strict""",
        """create table audit (
            seq integer primary key, at text not null, account text not null, device text not null,
            address text not null, what text not null, about text not null, seal text not null) strict""",
        """create trigger audit_stays before update on audit
            begin select raise(abort, 'the audit is never rewritten'); end""",
        """create trigger audit_is_kept before delete on audit
            begin select raise(abort, 'the audit is never cut'); end""",
        "create index audit_account on audit(account, seq)",
        "pragma user_version = 5",
    ):
        db.execute(statement)


@migrations()
def years(db: Database) -> None:
    """What is old may be forgotten: log and audit from their beginning on, up to a mark; links with their day.

    The marks are in `setting`, which the same transaction moves. A day is found by its opening and its date.
    """
    for statement in (
        "drop trigger event_is_kept",
        """create trigger event_is_kept before delete on event
            when not exists (select 1 from setting where name = 'forgotten' and cast(value as integer) >= old.seq)
            begin select raise(abort, 'the log is never cut here'); end""",
        "drop trigger audit_is_kept",
        """create trigger audit_is_kept before delete on audit
            when not exists (select 1 from setting where name = 'audit_start' and cast(value as integer) >= old.seq)
            begin select raise(abort, 'the audit is never cut here'); end""",
        "drop index event_opened",
        "create index event_opened on event(seq, at) where kind = 'Opened'",
        "create index audit_day on audit(substr(at, 1, 10))",
        """create temp table stays as select * from link where visit in (select visit from event
            where seq >= coalesce((select max(seq) from event where kind = 'Opened'), 0))""",
        "delete from link",
        "insert into link select * from temp.stays",
        "drop table temp.stays",
        "pragma user_version = 6",
    ):
        db.execute(statement)
