"""What the two commands on past days share: where the clinic's data is, progress, and the list of refused rows."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from clinic.minutes import clock

LISTED = 20
"""Refused rows are named up to so many; the rest are counted."""

TENTH = 10


def data_folder() -> Path:
    """Where the clinic's database is, as the server finds it."""
    return Path(os.environ.get("KINDLINE_DATA", "").strip() or "data").expanduser()


class Progress:
    """Says on stderr which day is being lived and how much is done: on a terminal in place, else a line each tenth."""

    def __init__(self, what: str, span: tuple[float, float], out: TextIO | None = None):
        self.what, self.span, self.out = what, span, out or sys.stderr
        self.said = -1
        self.live = self.out.isatty()

    def __call__(self, at: float) -> None:
        """Got to this minute of the running clock."""
        first, last = self.span
        percent = 100 if last <= first else max(0, min(99, int(100 * (at - first) / (last - first))))
        if self.live:
            self.out.write(f"\r{self.what}: {clock(at):%Y-%m-%d} {percent:3}%")
            self.out.flush()
        elif percent // TENTH > self.said:
            self.said = percent // TENTH
            print(f"{self.what}: {clock(at):%Y-%m-%d} {percent}%", file=self.out, flush=True)

    def done(self) -> None:
        """Make way for what is printed next."""
        if self.live:
            self.out.write("\r" + " " * (len(self.what) + 20) + "\r")
            self.out.flush()


def refusals(refused: Sequence[str]) -> list[str]:
    """The refused rows as lines of a report."""
    more = len(refused) - LISTED
    return [*(f"  {one}" for one in refused[:LISTED]), *([f"  ... and {more:,} more"] if more > 0 else [])]
