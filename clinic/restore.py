"""`make restore`: back to an earlier state, in a clinic that is stopped or in one that runs.

Alone it lists the backups; with a file it goes on with a checked copy of that one. A clinic that runs is only handed
the copy, and takes it in itself.
"""

import secrets
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from clinic import copies
from clinic.clock import real_time
from clinic.copies import BEFORE, DATABASE, FOLDER, REPLACED, SAID, WANTED, Backup, Damaged, found, reading
from clinic.earlier import erasures_of, given_in, look, make_ready
from clinic.register import KEY_FILE
from clinic.rights import Rights, rights_in
from clinic.schema import SCHEMA
from clinic.shell import data_folder

PATIENCE = 60.0
"""Seconds in which a running clinic has to take the copy in."""

ANEW = "Whoever was signed in signs in anew."


def listed(folder: Path) -> list[str]:
    """Every copy in this data folder as a line, the newest first; those that are not whole say so."""
    return [_line(one) for one in found(folder, "", BEFORE, REPLACED)]


def _line(one: Backup) -> str:
    size = one.path.stat().st_size / 1_000_000
    try:
        inside = look(one.path)
    except (Damaged, OSError, sqlite3.Error) as problem:
        what = f"cannot be used ({problem})"
    else:
        last = f"last change {_clock(inside.last)}" if inside.last else "nothing yet"
        what = f"{inside.waiting} people here, {last}"
        if inside.version > SCHEMA:
            what += f"; for a newer Kindline (format {inside.version})"
    return f"  {_clock(one.at)}  {size:8.1f} MB  {what}\n      {one.path}"


def _clock(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


class CannotRestore(Exception):
    """It was not done, and nothing was changed; the text says why, and what to do."""


def restore(folder: Path, source: Path) -> str:
    """Go on with a copy of this file; what was done, in words. Raises CannotRestore."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not source.is_file() and (folder / FOLDER / source.name).is_file():
        source = folder / FOLDER / source.name
    if not source.is_file():
        raise CannotRestore(f"There is no file {source}. `make restore` alone lists the backups.")
    try:
        prepared, note = _checked(folder, source)
        try:
            with copies.holding(folder) as is_stopped:
                do = _into_stopped if is_stopped else _into_running
                return f"{note}{do(folder, source, prepared)}"
        finally:
            prepared.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as problem:
        raise CannotRestore(f"{folder}: {problem}. Nothing was changed.") from problem


def _checked(folder: Path, source: Path) -> tuple[Path, str]:
    """A whole copy of this file, and what is to be said of it."""
    is_own, note = source.resolve() == (folder / DATABASE).resolve(), ""
    try:
        try:
            prepared = _prepare(source, folder)
        except (Damaged, sqlite3.DatabaseError):
            if not is_own:
                raise
            prepared, note = _prepare(source, folder, anew=True), "What could be read was written anew.\n"
        inside = look(prepared)
    except (Damaged, sqlite3.DatabaseError) as problem:
        (folder / f"{WANTED}.copy").unlink(missing_ok=True)
        raise CannotRestore(f"{source} is not whole ({problem}). {copies.advice(folder, real_time())}") from problem
    if inside.version > SCHEMA:
        prepared.unlink()
        raise CannotRestore(f"{source} was written by a newer Kindline (format {inside.version}). Use that version.")
    return prepared, note


def _prepare(source: Path, folder: Path, anew: bool = False) -> Path:
    """A checked copy of this file in the data folder, under a name that the running clinic does not know.

    anew: written anew from its tables. Raises Damaged, OSError, sqlite3.Error.
    """
    path = folder / f"{WANTED}.copy"
    with reading(source) as opened:
        write: Any = copies.rebuild if anew else copies.copy
        write(opened, path)
    return path


def _into_stopped(folder: Path, source: Path, prepared: Path) -> str:
    """Put the copy in the place of the database of a clinic that is stopped."""
    now, path = real_time(), folder / DATABASE
    given, rights = None, Rights()
    if path.exists() and not copies.lost_its_log(folder):
        try:
            with reading(path) as replaced:
                copies.check(replaced)
                given = given_in(Database(replaced, recursive_triggers=False), now)
                rights = rights_in(Database(replaced, recursive_triggers=False))
        except (Damaged, sqlite3.Error):
            given = None  # which numbers were given cannot be known: so many are passed over
    make_ready(prepared, now, given, secrets.token_hex(8), erasures_of(folder), rights)
    lines = [_with_key(folder, source, now)]
    aside = copies.exchange(folder, prepared, now)
    if aside:
        lines.append(f"The file until now is kept as {aside}.")
    return "\n".join([*filter(None, lines), f"Done. Start Kindline: it goes on with that state. {ANEW}"])


def _with_key(folder: Path, source: Path, now: datetime) -> str:
    """Put the key that lies beside the backup in its place; what is to be said of it."""
    own, theirs = folder / KEY_FILE, source.parent / KEY_FILE
    if not theirs.exists():
        lost = f"There is no {KEY_FILE} beside {source}: links on phones end, and the audit cannot be proved."
        return "" if own.exists() else lost
    if own.exists() and own.read_bytes() != theirs.read_bytes():
        own.rename(folder / f"{REPLACED}{copies.stamp(now)}.key")
    copies.keep_key(source.parent, folder)
    return ""


def _into_running(folder: Path, source: Path, prepared: Path) -> str:
    """Hand the copy to the clinic that runs, and wait for what it says."""
    theirs = source.parent / KEY_FILE
    if theirs.exists() and theirs.read_bytes() != (folder / KEY_FILE).read_bytes():
        raise CannotRestore(f"{source} is of another clinic: the key beside it is another one. Stop Kindline first.")
    word, wanted = folder / SAID, folder / WANTED
    word.unlink(missing_ok=True)
    prepared.replace(wanted)
    end = time.monotonic() + PATIENCE
    while not word.exists() and time.monotonic() < end:
        time.sleep(0.05)
    if not word.exists():
        wanted.unlink(missing_ok=True)
        raise CannotRestore("Kindline does not answer. Stop it, and then do this once more.")
    said = word.read_text()
    word.unlink()
    if said != "done":
        raise CannotRestore(f"Kindline could not do it ({said}), and goes on as before.")
    return f"Done. Kindline goes on with that state, and every screen shows it. {ANEW}"


def main(argv: Sequence[str] | None = None) -> int:
    """`make restore`. The exit code: 0 done, 2 not done."""
    arguments, folder = list(sys.argv[1:] if argv is None else argv), data_folder()
    if arguments:
        try:
            print(restore(folder, Path(arguments[0]).expanduser()))
        except CannotRestore as why:
            print(why, file=sys.stderr)
            return 2
        return 0
    lines = listed(folder)
    if not lines:
        print(f"There is no backup in {folder / FOLDER}. Take one from elsewhere: make restore FROM=file")
        return 2
    print("\n".join(["The backups here, the newest first:", *lines, "To go back to one: make restore FROM=file"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
