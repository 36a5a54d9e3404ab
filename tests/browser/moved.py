"""The real server, its real time moved on by so many seconds as a file beside its data says: `python -m` this."""

import serve  # patches the standard library, so nothing may be imported before it

# isort: split
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import doors.guard
from tests.doors.house import QUICK

MOVED = Path(os.environ["KINDLINE_DATA"]).parent / "moved"
real_time = doors.guard.real_time


def moved_time() -> datetime:
    """The real time, and what the test put on top."""
    return real_time() + timedelta(seconds=float(MOVED.read_text() if MOVED.exists() else 0))


doors.guard.real_time = moved_time
doors.guard.strong_hasher = lambda: QUICK

if __name__ == "__main__":
    sys.exit(serve.main())
