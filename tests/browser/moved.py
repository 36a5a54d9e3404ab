"""The real server, its real time moved on by so many seconds as a file beside its data says: `python -m` this."""

import serve  # patches the standard library, so nothing may be imported before it

# isort: split
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import doors.guard
from clinic.clock import Onward
from tests.doors.house import QUICK

MOVED = Path(os.environ["KINDLINE_DATA"]).parent / "moved"
real_time = Onward.now


def moved_time(self: Onward) -> datetime:
    """The real time, and what the test put on top."""
    return real_time(self) + timedelta(seconds=float(MOVED.read_text() if MOVED.exists() else 0))


Onward.now = moved_time  # type: ignore[method-assign]
doors.guard.strong_hasher = lambda: QUICK

if __name__ == "__main__":
    sys.exit(serve.main())
