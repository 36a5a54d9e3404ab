"""Who may come in, over a restore. It gives nobody back what was taken away since the backup: whoever was let go, has
less to do with the clinic or chose another password, and screens that were taken away, stay as they are now.
"""

from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

ACCOUNT, DEVICE = "role, password, pin, epoch, ended, id", "ended, id"


@dataclass(frozen=True)
class Rights:
    """What the accounts of a clinic may do, and which devices were taken away: rows of `ACCOUNT` and `DEVICE`."""

    accounts: tuple[tuple[Any, ...], ...] = ()
    devices: tuple[tuple[Any, ...], ...] = ()


def rights_in(db: Database) -> Rights:
    """As this database has them; none where it cannot be read, which must keep nobody from going back."""
    try:
        if not _has_doors(db):
            return Rights()
        accounts = db.execute(f"select {ACCOUNT} from account").fetchall()  # noqa: S608 - a fixed text
        devices = db.execute(f"select {DEVICE} from device where ended is not null").fetchall()  # noqa: S608 - likewise
    except sqlite3.DatabaseError:
        return Rights()
    return Rights(tuple(accounts), tuple(devices))


def keep_rights(db: Database, now: Rights) -> None:
    """Let those whom this database knows have the rights they have `now`. Everybody signs in anew, and links end.

    But for the one that makes the first manager, where there is none in it: without that nobody could come in.
    """
    if not _has_doors(db):
        return
    db.execute("delete from session")
    db.execute("delete from invitation where account is not null or exists (select 1 from account)")
    for row in now.accounts:
        db.execute("update account set role = ?, password = ?, pin = ?, epoch = ?, ended = ? where id = ?", row)
    for row in now.devices:
        db.execute("update device set ended = ?, secret = null where id = ? and ended is null", row)


def _has_doors(db: Database) -> bool:
    """Whether it is of a version that had any."""
    return bool(db.execute("select 1 from sqlite_master where name = 'session'").fetchone())
