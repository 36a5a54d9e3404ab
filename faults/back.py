"""The server is killed or stopped under a house full of screens, and started again."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench import crowd as tvs
from bench.crowd import Crowd
from clinic.store import look_into
from faults.outcome import Loop, Outcome, Size
from tests.browser.server import Clinic, until

SCREENS = {Size.FULL: 500, Size.SHORT: 40}
RESTARTS = {Size.FULL: 10, Size.SHORT: 2}
WITHIN = 10.0
"""Seconds after the start until the last screen is back and right."""


def restarted(folder: Path, size: Size) -> Outcome:
    """500 screens lose their server, by kill -9 and SIGTERM by turns, and are back with what the database has."""
    clinic, count = Clinic(folder).start(), SCREENS[size]
    crowd, ends = tvs.gather(), (clinic.kill, clinic.stop)
    slowest, wrong = 0.0, []
    try:
        tvs.connect(crowd, "0", clinic.port, count)
        for number in range(RESTARTS[size]):
            took, problem = _end_and_start(crowd, clinic, number, count, ends[number % 2])
            slowest = max(slowest, took)
            wrong += [problem] if problem else []
    finally:
        tvs.dismiss(crowd)
        clinic.kill()
    done, kept = f"kill -9 and SIGTERM by turns with {count} screens open", not wrong and slowest <= WITHIN
    note = "; ".join(wrong) or "all screens back and at the database's revision each time"
    return Outcome("F7", done, RESTARTS[size], kept, hang=slowest, note=note)


def _end_and_start(
    crowd: Crowd, clinic: Clinic, number: int, count: int, end: Callable[[], None]
) -> tuple[float, str]:  # fmt: skip
    """Seconds from the start until the last is back, and what is not as it should be: empty when all is."""
    clinic.check_in()
    end()
    left = until(partial(_alone, crowd, str(number), count), 10, "Every screen has lost its server")
    clinic.start()
    group = str(number + 1)
    back = tvs.tell(crowd, "connect", group, port=clinic.port, count=count, at_once=count)
    if back["failed"]:
        return back["seconds"], f"{back['failed']} did not come back: {back['why'][0]}"
    if problem := _not_in_step(crowd, clinic, group, "back"):
        return back["seconds"], problem
    # And from then on they are told what happens.
    tvs.tell(crowd, "mark", group, quiet=0.13)
    clinic.check_in()
    tvs.tell(crowd, "reached", group, seconds=5)
    if end == clinic.stop and left["told"] != count:
        return back["seconds"], f"{count - left['told']} were told no goodbye"
    return back["seconds"], _not_in_step(crowd, clinic, group, "told of the next check-in")


def _alone(crowd: Crowd, group: str, count: int) -> dict[str, Any] | None:
    """How these screens were left, once all of them are."""
    seen = tvs.tell(crowd, "state", group)
    return seen if seen["closed"] == count else None


def _not_in_step(crowd: Crowd, clinic: Clinic, group: str, when: str) -> str:
    """What keeps these screens from showing the database's revision; empty when all do."""
    shown = tvs.tell(crowd, "state", group)
    with look_into(clinic.folder / "data") as db:
        # What the clock writes changes no TV, and so is not sent.
        people, everything = db.execute("select max(seq) filter (where by != 'clock'), max(seq) from event").fetchone()
    if shown["low"] == shown["high"] and people <= shown["low"] <= everything:
        return ""
    return f"when {when}, screens show {shown['low']} to {shown['high']}, the database has {people} to {everything}"


LOOPS: dict[str, Loop] = {"F7": restarted}
