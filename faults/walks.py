"""Random walks: anything is done at any time, and after each step everything that must hold is held against a model."""

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from clinic.events import KINDS
from faults.outcome import Loop, Outcome, Size
from tests.clinic.test_rules import Clinic

STEPS = {Size.FULL: 10_000, Size.SHORT: 200}
LONGEST = 60
"""Steps of one walk, at most."""


def walked(_folder: Path, size: Size) -> Outcome:
    """People come, are called, missed, moved and sent on, rooms and days open and close, in no order at all."""

    class Counted(Clinic):
        """The machine of the tests, which counts its steps."""

        steps = walks = facts = 0

        def __init__(self) -> None:
            super().__init__()
            Counted.walks += 1
            # What must hold is looked at once before the first step of a walk.
            Counted.steps -= 1

        @invariant()
        def one_more_step(self) -> None:
            Counted.steps += 1

        def teardown(self) -> None:
            Counted.facts += len(self.entries)

    Counted.seen = set()
    broken = ""
    while Counted.steps < STEPS[size] and not broken:
        try:
            run_state_machine_as_test(Counted, settings=_so_many((STEPS[size] - Counted.steps) // LONGEST + 1))
        except AssertionError as problem:  # the walk that led there is printed
            broken = f"broken: {problem or 'see the walk above'}; "
    never = ", ".join(sorted(set(KINDS) - Counted.seen)) or "none"
    note = f"{broken}{Counted.walks:,} walks, {Counted.facts:,} facts; kinds of facts that never came: {never}"
    return Outcome("F31", "random walks of a whole clinic against a model", Counted.steps, not broken, note=note)


def _so_many(walks: int) -> settings:
    """Other walks each time, and no hurry on a machine with other work."""
    return settings(
        max_examples=walks, stateful_step_count=LONGEST, deadline=None, derandomize=False, database=None,
        suppress_health_check=[HealthCheck.too_slow], report_multiple_bugs=False,
    )  # fmt: skip


LOOPS: dict[str, Loop] = {"F31": walked}
