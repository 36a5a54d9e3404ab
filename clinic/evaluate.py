"""`make evaluate DATA=folder [HISTORY=folder] [OUT=file.csv] [PLOT=file.svg]`: how well would the estimate have done?

Replays past days through the estimator that runs in the clinic, in time order, hiding the future; HISTORY first,
unscored. Prints, at check-in and while waiting, the estimator's own range and what patients would have been told,
beside the rolling 4-hour mean, LES, HOL and QL. Scored: people who waited and were called.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from clinic.estimate import Estimate, History
from clinic.events import Told
from clinic.past import BadFolder, Past, clock, read
from clinic.replay import Asked, Replay
from clinic.told import restate

BASELINES = ("rolling", "LES", "HOL", "QL")
COLUMNS = ("visit_id", "asked_at", "place", "likely", "low", "high", "told_low", "told_high")
MOVED = 5.0
"""Minutes by which a told end must move to count as moved later."""


@dataclass(slots=True)
class Line:
    """One prediction with its outcome. Minutes from `at`; `wait` is None for people never called."""

    asked: Asked
    wait: float | None
    told_low: float | None
    told_high: float | None
    moved: bool


def evaluate(past: Past, history: Past | None = None, progress: Any = None) -> list[Line]:
    """Every prediction for `past`, in the order in which they were made. `history` is learned from first."""
    taught = History()
    if history is not None:
        Replay(history, taught, ticks=False).run(lambda _asked: None, progress or (lambda _at: None))
    lines: list[Line] = []
    told: dict[str, Told | None] = {}

    def heard(asked: Asked) -> None:
        """Keep it, with what the patient would be told."""
        lines.append(_line(asked, told))

    Replay(past, taught).run(heard, progress or (lambda _at: None))
    return lines


def _line(asked: Asked, told: dict[str, Told | None]) -> Line:
    """What was asked, with what the patient would be told by the display rule."""
    visit, now, said = asked.visit, clock(asked.at), asked.said
    before = told.get(visit.id)
    new = restate(before, visit.id, said, now)
    stands = new or before
    told[visit.id] = stands
    low = high = None
    if stands and stands.low and stands.high:
        low = (stands.low - now).total_seconds() / 60
        high = (stands.high - now).total_seconds() / 60
    moved = bool(
        new and before and new.high and before.high and (new.high - before.high).total_seconds() / 60 > MOVED
    )  # fmt: skip
    wait = None if visit.called is None else visit.called - asked.at
    return Line(asked, wait, low, high, moved)


def scored(lines: Iterable[Line]) -> list[Line]:
    """Predictions for people who waited and were called."""
    found = []
    for line in lines:
        visit = line.asked.visit
        if visit.called is not None and visit.arrived is not None and visit.called > visit.arrived:
            found.append(line)
    return found


@dataclass(frozen=True)
class Score:
    """How good one kind of prediction was. Minutes; shares from 0 to 1, None where a method gives no range."""

    cases: int
    error: float
    middle_error: float
    bias: float
    inside: float | None = None
    late: float | None = None
    width: float | None = None


def score(rows: Sequence[tuple[float, float, float | None, float | None]]) -> Score | None:
    """`rows`: wait, likely, low, high."""
    if not rows:
        return None
    errors = [likely - wait for wait, likely, _, _ in rows]
    ranges = [(wait, low, high) for wait, _, low, high in rows if low is not None and high is not None]
    inside = late = width = None
    if ranges:
        inside = mean(low - 1e-6 <= wait <= high + 1e-6 for wait, low, high in ranges)
        late = mean(wait > high + 1e-6 for wait, _, high in ranges)
        width = mean(high - low for _, low, high in ranges)
    sizes = [abs(error) for error in errors]
    return Score(len(rows), mean(sizes), median(sizes), mean(errors), inside, late, width)


def report(lines: Sequence[Line]) -> str:
    """The table."""
    used = scored(lines)
    out = []
    for title, part in (
        ("At check-in", [line for line in used if line.asked.first]),
        ("While waiting", [line for line in used if not line.asked.first]),
    ):
        could = [line for line in part if isinstance(line.asked.said, Estimate)]
        out.append(f'{title}: {len(part)} predictions, {len(part) - len(could)} of them "we can\'t say"')
        out.append(f"  {'':10}{'cases':>8}{'MAE':>8}{'median':>8}{'bias':>8}{'inside':>8}{'late':>8}{'width':>8}")
        told = [line for line in part if line.told_high is not None]
        out.append(_row("estimate", score([
            (_wait(line), line.asked.said.likely, line.asked.said.low, line.asked.said.high)
            for line in could if isinstance(line.asked.said, Estimate)
        ])))  # fmt: skip
        out.append(_row("told", score([
            (_wait(line), ((line.told_low or 0.0) + (line.told_high or 0.0)) / 2, line.told_low, line.told_high)
            for line in told
        ])))  # fmt: skip
        for name in BASELINES:
            out.append(
                _row(name, score([(_wait(line), line.asked.baselines[name], None, None) for line in could or part]))
            )
        out.append("")
    visits = {line.asked.visit.id for line in used}
    moved = {line.asked.visit.id for line in used if line.moved}
    if visits:
        out.append(f"Told end moved more than {MOVED:.0f} minutes later: {len(moved) / len(visits):.1%} of visits")
    return "\n".join(out)


def _wait(line: Line) -> float:
    assert line.wait is not None
    return line.wait


def _row(name: str, found: Score | None) -> str:
    if found is None:
        return f"  {name:10}{'-':>8}"
    text = f"  {name:10}{found.cases:8}{found.error:8.2f}{found.middle_error:8.2f}{found.bias:+8.2f}"
    if found.inside is not None and found.late is not None and found.width is not None:
        text += f"{found.inside:8.1%}{found.late:8.1%}{found.width:8.1f}"
    return text


def write_predictions(lines: Iterable[Line], path: Path) -> None:
    """Every prediction as CSV; windows and numbers in minutes from asked_at, empty where we cannot say."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for line in lines:
            asked, said = line.asked, line.asked.said
            values = (said.likely, said.low, said.high) if isinstance(said, Estimate) else (None, None, None)
            numbers = ["" if v is None else f"{v:.2f}" for v in (*values, line.told_low, line.told_high)]
            at = clock(round(asked.at * 60) / 60)
            place = "" if asked.place is None else asked.place
            writer.writerow([asked.visit.id, at.isoformat(timespec="seconds"), place, *numbers])


def calibration(lines: Sequence[Line]) -> str:
    """An SVG: for each tenth of predicted waits the share called inside, against the promised 80%."""
    rows = [(line.asked.said.likely, line) for line in scored(lines) if isinstance(line.asked.said, Estimate)]
    rows.sort(key=lambda row: row[0])
    parts = [rows[len(rows) * n // 10 : len(rows) * (n + 1) // 10] for n in range(10)]
    marks = []
    for n, part in enumerate(parts):
        if not part:
            continue
        inside = mean(
            line.asked.said.low <= _wait(line) <= line.asked.said.high
            for _, line in part
            if isinstance(line.asked.said, Estimate)
        )
        x, height = 60 + n * 56, 240 * inside
        marks.append(
            f'<rect x="{x}" y="{280 - height:.0f}" width="40" height="{height:.0f}" fill="#2b6cb0"/>'
            f'<text x="{x + 20}" y="{274 - height:.0f}" text-anchor="middle">{inside:.0%}</text>'
            f'<text x="{x + 20}" y="298" text-anchor="middle">{mean(likely for likely, _ in part):.0f}</text>'
        )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 330" font-family="sans-serif" font-size="12">'
        '<rect width="640" height="330" fill="#fff"/>'
        '<text x="60" y="22">Called inside the range, by predicted wait (each bar: a tenth of all predictions)</text>'
        + "".join(marks)
        + '<line x1="50" x2="624" y1="88" y2="88" stroke="#c53030" stroke-dasharray="6 4"/>'
        '<text x="46" y="92" text-anchor="end">80%</text>'
        '<text x="340" y="320" text-anchor="middle">predicted wait, minutes</text></svg>\n'
    )


def holes(lines: Sequence[Line], least: int = 150, under: float = 0.7) -> list[str]:
    """Services and hours with at least `least` check-ins of which fewer than `under` were called inside."""
    groups: dict[str, list[bool]] = {}
    for line in scored(lines):
        said = line.asked.said
        if line.asked.first and isinstance(said, Estimate):
            inside = said.low - 1e-6 <= _wait(line) <= said.high + 1e-6
            for group in (f"service {line.asked.visit.service}", f"{clock(line.asked.at).hour} h"):
                groups.setdefault(group, []).append(inside)
    return [f"{g}: {mean(v):.0%} of {len(v)}" for g, v in sorted(groups.items()) if len(v) >= least and mean(v) < under]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit status 0, or 2 when a folder cannot be used."""
    parser = argparse.ArgumentParser(description="Try the estimate on past days.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--history", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--plot", type=Path, default=Path("calibration.svg"))
    options = parser.parse_args(arguments)
    try:
        history = read(options.history) if options.history else None
        past = read(options.data)
    except BadFolder as problem:
        print(problem, file=sys.stderr)
        return 2
    for part in (history, past):
        for refused in (part.refused if part else [])[:20]:
            print(f"left out: {refused}", file=sys.stderr)
        if part and len(part.refused) > 20:
            print(f"left out: {len(part.refused) - 20} more", file=sys.stderr)

    def progress(at: float) -> None:
        """Show the day."""
        print(f"\r{clock(at):%Y-%m-%d}", end="", file=sys.stderr, flush=True)

    lines = evaluate(past, history, progress)
    print("\r", end="", file=sys.stderr)
    print(report(lines))
    for hole in holes(lines):
        print(f"Less than 70% inside: {hole}")
    if options.out:
        write_predictions(lines, options.out)
    options.plot.write_text(calibration(lines), encoding="utf-8")
    print(f"Calibration drawn in {options.plot}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
