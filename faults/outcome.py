"""What came of a fault, and the table of them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any


class Size(Enum):
    """How often a fault is done: as the promise says, or a few times, as every run of the tests does it."""

    FULL = "full"
    SHORT = "short"


@dataclass(frozen=True)
class Outcome:
    """What came of one fault.

    fault: its number in the list of faults ("F1"). acknowledged: writes that were answered as done; lost, doubled: of
    those; hang: the longest that anybody waited, in seconds. None: not counted here. `held`: the promise was kept;
    None where it could not be tried here, and `note` says why.
    """

    fault: str
    done: str
    times: int
    held: bool | None
    acknowledged: int | None = None
    lost: int | None = None
    doubled: int | None = None
    hang: float | None = None
    note: str = ""


Loop = Callable[[Path, Size], Outcome]
"""Does a fault to a clinic of its own in this empty folder."""

HEADS = ("", "what was done", "times", "acknowledged", "lost", "doubled", "longest hang", "")
WIDTHS = (4, 66, 8, 13, 6, 8, 13, 10)


def not_shown(fault: str, done: str, why: str) -> Outcome:
    """A fault that cannot be done on this machine."""
    return Outcome(fault, done, 0, None, note=why)


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a table, what each has to add below it, and what was not shown at its end."""
    shown = [one for one in outcomes if one.held is not None]
    notes = [f"  {one.fault}: {one.note}" for one in shown if one.note]
    missing = [f"  {one.fault} {one.done}: {one.note}" for one in outcomes if one.held is None]
    lines = [_line(HEADS), *(_line(_row(one)) for one in shown)]
    return "\n".join([*lines, *(["", *notes] if notes else []), *(["", "Not shown:", *missing] if missing else [])])


def plain(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The outcomes for JSON."""
    return [asdict(one) for one in outcomes]


def _row(one: Outcome) -> tuple[str, ...]:
    counts = ("" if n is None else f"{n:,}" for n in (one.acknowledged, one.lost, one.doubled))
    hang = "" if one.hang is None else f"{one.hang:.2f} s"
    return one.fault, one.done, f"{one.times:,}", *counts, hang, "held" if one.held else "NOT HELD"


def _line(row: Sequence[str]) -> str:
    first, done, *numbers, last = row
    cells = [text.rjust(width) for text, width in zip(numbers, WIDTHS[2:], strict=False)]
    return " ".join([first.ljust(WIDTHS[0]), done.ljust(WIDTHS[1]), *cells, last.rjust(WIDTHS[-1])]).rstrip()
