"""Do every fault, or those named, to real servers: `python -m faults [--short] [F1 F7 ...]`.

Prints progress, then one table, and keeps it in faults/results/latest.json. Ends with 1 when a promise was not kept.
"""

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from bench.figures import machine
from faults import back, backup, clock, disk, kill, network, power, races, walks, years
from faults.outcome import Loop, Outcome, Size, not_shown, plain, table

RESULTS = Path(__file__).parent / "results" / "latest.json"

GROUPS = (kill, power, races, back, network, clock, years, disk, backup, walks)

ELSEWHERE = (
    not_shown("F26", "memory, threads and handles over hours", "`make soak` does it"),
    not_shown("F28", "a sound that is blocked", "in a browser: tests/browser/test_voice.py"),
    not_shown("F30", "two servers with PostgreSQL and Redis", "not built: one process is the product"),
)


def main() -> int:
    """Do, print, keep. The exit status: 0, or 1 when something that was tried did not hold."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="each a few times only: minutes instead of hours")
    parser.add_argument("faults", nargs="*", help="which ones, such as F1 F7; all where none is named")
    asked = parser.parse_args()
    size = Size.SHORT if asked.short else Size.FULL
    wanted = {one.upper() for one in asked.faults}
    outcomes = [*done(wanted, size), *(one for one in ELSEWHERE if not wanted or one.fault in wanted)]
    if not outcomes:
        print(f"No fault is called {' or '.join(sorted(wanted))}. Use F1 to F31.", file=sys.stderr)
        return 2
    outcomes.sort(key=lambda one: int(one.fault.split()[0].strip("F")))
    RESULTS.parent.mkdir(exist_ok=True)
    kept = {"machine": machine(), "size": size.value, "outcomes": plain(outcomes)}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"\n{table(outcomes)}")
    return int(any(one.held is False for one in outcomes))


def done(wanted: set[str], size: Size) -> Iterator[Outcome]:
    """What came of each of these, one after the other."""
    for group in GROUPS:
        for names, loop in group.LOOPS.items():
            if wanted and not wanted & set(names.split()):
                continue
            print(f"  ... {names}: {_what(loop)}", file=sys.stderr, flush=True)
            yield _timed(names, loop, size)


def _timed(names: str, loop: Loop, size: Size) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kindline-faults-") as folder:
        try:
            outcome = loop(Path(folder), size)
        except Exception as problem:  # what fails in a way of its own must not keep the others from being done
            traceback.print_exc()
            why = str(problem).partition("\n")[0] or type(problem).__name__
            outcome = Outcome(names.split()[0], _what(loop), 0, False, note=f"it broke off: {why}")
    print(f"      {outcome.done}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return outcome


def _what(loop: Loop) -> str:
    return (loop.__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
