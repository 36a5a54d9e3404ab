"""`make backup`: a checked copy of the clinic, now, beside the others or in a folder elsewhere, as on a stick.

It only reads, so it can be done while Kindline runs and while it does not.
"""

import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlite_utils.utils import sqlite3

from clinic import copies
from clinic.clock import real_time
from clinic.copies import DATABASE, Damaged, NoRoom
from clinic.register import KEY_FILE
from clinic.shell import data_folder


def main(argv: Sequence[str] | None = None) -> int:
    """Make one, in the folder that is named or beside the others. The exit code: 0 made, 2 not made."""
    arguments, folder = list(sys.argv[1:] if argv is None else argv), data_folder()
    where = Path(arguments[0]).expanduser() if arguments else None
    try:
        with copies.reading(folder / DATABASE) as source:
            now = real_time()
            path = copies.take_out(folder, source, now, where) if where else copies.make(folder, source, now).path
    except NoRoom:
        return _not_made(f"{where or folder} has no room for it. Free some, or choose another folder: make backup TO=")
    except Damaged as problem:
        return _not_made(f"The data are damaged ({problem}). {copies.advice(folder, real_time())}")
    except FileNotFoundError:
        return _not_made(f"There is no clinic in {folder} yet. Set KINDLINE_DATA to the folder of its database.")
    except (OSError, sqlite3.Error) as problem:
        return _not_made(str(problem))
    print(f"Wrote {path} ({path.stat().st_size / 1_000_000:.1f} MB), and checked that it is whole.")
    print(f"Keep {KEY_FILE} beside it: together they are the clinic, with names. To go back: make restore FROM={path}")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        print("This medium keeps no rights of files: whoever has it can read them.")
    return 0


def _not_made(why: str) -> int:
    print(f"No backup was made. {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
