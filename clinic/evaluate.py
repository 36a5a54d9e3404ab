"""`make evaluate [DATA=folder] [HISTORY=folder] [OUT=file.csv] [PLOT=file.svg]`: how good would the estimate have been?

Lives past days again through the estimator that runs in the clinic, in time order, hiding the future; HISTORY first,
unscored. Without DATA these are the clinic's own days, from its log. Prints the estimate's own range and what patients
would have been told beside the rolling 4-hour mean, LES, HOL and QL, at check-in and while waiting.
"""

import argparse
import csv
import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import TextIO

from clinic import log, register, store
from clinic.calibration import EARLIER, INSIDE, LATER, Outcomes, draw
from clinic.estimate import Estimate, History
from clinic.minutes import clock, minute
from clinic.opening import StoreError
from clinic.past import BadFolder, Past, from_log, read
from clinic.replay import Asked, Guess, Replay
from clinic.shell import Progress, data_folder, refusals

METHODS = ("estimate", "told", "rolling", "LES", "HOL", "QL")
COLUMNS = ("visit_id", "asked_at", "place", "likely", "low", "high", "told_low", "told_high")

MOVED = 5.0
"""Minutes by which an end must move to count as moved later."""

HAIR = 1e-6
"""Minutes that are no difference."""

ENOUGH, TOO_FEW = 150, 0.7
"""A service or an hour with so many check-ins should not have fewer than this share called inside."""


@dataclass(slots=True)
class Prediction:
    """What one person was said at one moment, by method, and what came of it. Minutes from `asked.at`.

    wait: until they were called; None for people never called. gone: until they gave up. moved: the methods whose end
    lies later than one said to them before.
    """

    asked: Asked
    guesses: dict[str, Guess]
    wait: float | None
    gone: float | None
    moved: frozenset[str]


def evaluate(
    past: Past,
    history: Past | None = None,
    heard: Callable[[Prediction], None] = lambda _prediction: None,
    progress: Callable[[str, Past], Callable[[float], None]] = lambda _what, _past: lambda _at: None,
) -> None:
    """`heard` gets every prediction for `past`, in the order they are made. `history` is learned from first."""
    taught, before = History(), None
    if history is not None:
        before = Replay(history, taught, ticks=False)
        before.run(lambda _asked: None, progress("Learning", history))
    ends: dict[tuple[str, str], float] = {}
    Replay(past, taught, after=before).run(lambda asked: heard(_prediction(asked, ends)), progress("Trying", past))


def _prediction(asked: Asked, ends: dict[tuple[str, str], float]) -> Prediction:
    """`ends`: the earliest end that each person was said so far, by method."""
    visit, at, said, told = asked.visit, asked.at, asked.said, asked.told
    guesses = dict(asked.guesses)
    if isinstance(said, Estimate):
        guesses["estimate"] = Guess(said.likely, said.low, said.high)
    if told and told.low and told.high:
        low, high = (minute(end) - at for end in (told.low, told.high))
        guesses["told"] = Guess((low + high) / 2, low, high)
    moved = set()
    for method in ("estimate", "told"):
        guess = guesses.get(method)
        if guess and guess.high is not None:
            end = at + guess.high
            if end > ends.get((method, visit.id), end) + MOVED:
                moved.add(method)
            ends[method, visit.id] = min(end, ends.get((method, visit.id), end))
    wait = None if visit.called is None else visit.called - at
    gone = None if visit.left is None else visit.left - at
    return Prediction(asked, guesses, wait, gone, frozenset(moved))


@dataclass(frozen=True)
class Score:
    """How good one method was. Minutes; shares from 0 to 1, None where a method gives no range.

    unanswered: how many of the late ones gave up after the end of their range.
    """

    cases: int
    error: float
    middle_error: float
    bias: float
    inside: float | None = None
    late: float | None = None
    width: float | None = None
    unanswered: int = 0


class Tally:
    """One method's predictions and outcomes, counted as they come."""

    def __init__(self) -> None:
        self.errors = array("f")
        self.ranges = self.inside = self.late = self.unanswered = self.moves = 0
        self.width = 0.0
        self.visits: set[str] = set()
        self.moved: set[str] = set()

    def add(self, guess: Guess, wait: float | None, gone: float | None = None) -> int | None:
        """One more: how it went, where it has a range. Who gave up before its end says nothing and is left out."""
        if wait is not None:
            self.errors.append(guess.likely - wait)
        if guess.low is None or guess.high is None:
            return None
        if wait is None:
            if gone is None or gone <= guess.high + HAIR:
                return None
            self.unanswered += 1
        came = guess.high + 1 if wait is None else wait
        how = EARLIER if came < guess.low - HAIR else INSIDE if came <= guess.high + HAIR else LATER
        self.ranges += 1
        self.inside += how == INSIDE
        self.late += how == LATER
        self.width += guess.high - guess.low
        return how

    def score(self) -> Score | None:
        """The figures; None when there is nothing to score."""
        cases = max(len(self.errors), self.ranges)
        if not cases:
            return None
        sizes = [abs(error) for error in self.errors] or [0.0]
        found = Score(
            cases, sum(sizes) / len(sizes), median(sizes), sum(self.errors) / len(sizes), unanswered=self.unanswered
        )
        if not self.ranges:
            return found
        inside, late, width = (total / self.ranges for total in (self.inside, self.late, self.width))
        return replace(found, inside=inside, late=late, width=width)


@dataclass
class Part:
    """Predictions made at check-in, or while waiting."""

    made: int = 0
    silent: int = 0
    tallies: dict[str, Tally] = field(default_factory=lambda: {method: Tally() for method in METHODS})


class Figures:
    """All that the report and the drawing need, gathered prediction by prediction. Memory: some 100 bytes for each."""

    def __init__(self) -> None:
        self.check_in, self.waiting = Part(), Part()
        self.outcomes = Outcomes()
        self.groups: dict[str, list[int]] = {}

    def add(self, prediction: Prediction) -> None:
        """One more. Scored are people who waited: until they were called, or until they gave up."""
        visit, asked = prediction.asked.visit, prediction.asked
        if visit.arrived is None or (visit.called is not None and visit.called <= visit.arrived):
            return
        part = self.check_in if asked.first else self.waiting
        can_say = isinstance(asked.said, Estimate)
        if visit.called is not None:
            part.made += 1
            part.silent += not can_say
        for method, guess in prediction.guesses.items():
            # Only what we also say something about is compared; where we never can, the others stand alone.
            if method in ("estimate", "told") or can_say or asked.place is None:
                tally = part.tallies[method]
                how = tally.add(guess, prediction.wait, prediction.gone if method in ("estimate", "told") else None)
                if how is not None:
                    self._came(prediction, method, guess, how)

    def _came(self, prediction: Prediction, method: str, guess: Guess, how: int) -> None:
        asked = prediction.asked
        moved, tally = method in prediction.moved, self.check_in.tallies[method]
        tally.visits.add(asked.visit.id)
        if moved:
            tally.moved.add(asked.visit.id)
            self.waiting.tallies[method].moves += 1
        if method == "estimate" and asked.first:
            self.outcomes.add(guess.likely, prediction.wait, how)
            for group in (f"service {asked.visit.service}", f"{clock(asked.at).hour:02} h"):
                found = self.groups.setdefault(group, [0, 0])
                found[0] += how == INSIDE
                found[1] += 1

    def report(self) -> str:
        """The table."""
        moved = {m: _share(len(t.moved), len(t.visits)) for m, t in self.check_in.tallies.items()}
        moves = {m: _share(t.moves, t.ranges) for m, t in self.waiting.tallies.items()}
        out = [*_table("At check-in", self.check_in, moved), "", *_table("While waiting", self.waiting, moves), ""]
        out += [
            "Minutes. MAE: mean error, either way; median: half of the errors are smaller; bias: + said too long.",
            "coverage: called inside the range (aim 80%); late: after its end (aim 10%); width: of the mean range.",
            f"moved: its end is more than {MOVED:.0f} minutes later than one said before; of visits, then of updates.",
            "told: the rounded window on the screens, kept while it holds. rolling: mean of 4 h, its middle 80%.",
        ]
        gave_up = [self.check_in.tallies[method].unanswered for method in ("estimate", "told")]
        if any(gave_up):
            out.append(
                f"Gave up after the end of what they were told at check-in, counted as late: {gave_up[1]} "
                f"(after the estimate's own end: {gave_up[0]}). Who gave up before is left out."
            )
        return "\n".join([*out, *(f"Fewer than {TOO_FEW:.0%} inside: {hole}" for hole in self.holes())])

    def holes(self) -> list[str]:
        """Services and hours with enough check-ins of which too few were called inside."""
        return [
            f"{group}, {inside / all_:.0%} of {all_}"
            for group, (inside, all_) in sorted(self.groups.items())
            if all_ >= ENOUGH and inside / all_ < TOO_FEW
        ]


def _share(some: int, all_: int) -> float | None:
    return some / all_ if all_ else None


def _table(title: str, part: Part, moved: dict[str, float | None]) -> list[str]:
    head = f"{'cases':>9}{'MAE':>8}{'median':>8}{'bias':>8}{'coverage':>10}{'width':>8}{'late':>8}{'moved':>8}"
    out = [f'{title}: {part.made:,} predictions, {part.silent:,} of them "we can\'t say"', f"  {'':10}{head}"]
    return out + [_row(method, tally.score(), moved[method]) for method, tally in part.tallies.items()]


def _row(method: str, found: Score | None, moved: float | None) -> str:
    if found is None:
        return f"  {method:10}{'-':>9}"
    text = f"  {method:10}{found.cases:9,}"
    # The middle of a window that is rounded and kept is no prediction.
    text += " " * 24 if method == "told" else f"{found.error:8.2f}{found.middle_error:8.2f}{found.bias:+8.2f}"
    if found.inside is not None and found.late is not None and found.width is not None:
        text += f"{found.inside:10.1%}{found.width:8.1f}{found.late:8.1%}"
        text += f"{moved:8.1%}" if moved is not None and method in ("estimate", "told") else ""
    return text.rstrip()


def writer(file: TextIO) -> Callable[[Prediction], None]:
    """Writes every prediction as CSV; windows and numbers in minutes from asked_at, empty where we can't say."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)

    def write(prediction: Prediction) -> None:
        """One more row."""
        asked = prediction.asked
        estimate, told = (prediction.guesses.get(method) for method in ("estimate", "told"))
        ours = (estimate.likely, estimate.low, estimate.high) if estimate else (None, None, None)
        numbers = ["" if v is None else f"{v:.2f}" for v in (*ours, told and told.low, told and told.high)]
        at = clock(asked.at).isoformat(timespec="seconds")
        rows.writerow([asked.visit.id, at, "" if asked.place is None else asked.place, *numbers])

    return write


def own_days(folder: Path) -> Past:
    """The clinic's own days, read from its log without disturbing it. Raises StoreError or BadFolder."""
    with store.look_into(folder) as db:
        setup = register.load_setup(db)
        past = from_log(log.every(db), setup) if setup else None
    if past is None or not past.visits:
        raise BadFolder(f"The log in {folder} tells of nobody who waited yet. Try past days with DATA=folder.")
    return past


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit status 0, or 2 with a sentence when something cannot be used."""
    parser = argparse.ArgumentParser(prog="make evaluate", description="Try the estimate on past days.")
    parser.add_argument("data", type=Path, nargs="?", help="folder of past days; without it the clinic's own log")
    parser.add_argument("--history", type=Path, help="folder of earlier days to learn from first")
    parser.add_argument("--out", type=Path, help="write every prediction to this CSV file")
    parser.add_argument("--plot", type=Path, default=Path("calibration.svg"), help="draw to this file")
    options = parser.parse_args(arguments)
    try:
        history = _read(options.history) if options.history else None
        past = _read(options.data) if options.data else own_days(data_folder())
        if history and history.span[1] >= past.span[0]:
            print("HISTORY is not over before the scored days begin: it may know their future.", file=sys.stderr)
        figures = _try(past, history, options.out)
        options.plot.write_text(draw(figures.outcomes), encoding="utf-8")
    except (BadFolder, StoreError) as sentence:
        print(sentence, file=sys.stderr)
        return 2
    except OSError as problem:
        print(f"{problem.filename} cannot be written ({problem.strerror}): name another file.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; a file that was being written is not whole.", file=sys.stderr)
        return 130
    print(figures.report())
    print(f"Drawn in {options.plot}" + (f", every prediction in {options.out}" if options.out else ""))
    return 0


def _read(folder: Path) -> Past:
    past = read(folder)
    if past.refused:
        print(f"Left out in {folder}:", *refusals(past.refused), sep="\n", file=sys.stderr)
    return past


def _try(past: Past, history: Past | None, out: Path | None) -> Figures:
    figures = Figures()
    shown: list[Progress] = []

    def progress(what: str, days: Past) -> Progress:
        """Begin to show how these days go."""
        shown.append(Progress(what, days.span))
        return shown[-1]

    if out is None:
        evaluate(past, history, figures.add, progress)
    else:
        with out.open("w", encoding="utf-8", newline="") as file:
            write = writer(file)

            def heard(prediction: Prediction) -> None:
                """Count it and write it."""
                figures.add(prediction)
                write(prediction)

            evaluate(past, history, heard, progress)
    for one in shown:
        one.done()
    return figures


if __name__ == "__main__":
    sys.exit(main())
