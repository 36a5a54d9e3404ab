"""A clinic whose day went on before its server starts: the browser tests of appointments and delays begin with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from clinic.appointments import Appointment
from clinic.desk import Desk
from clinic.setup import TEMPLATES
from clinic.store import Store
from tests.browser.server import Clinic
from tests.clinic.given import NINE
from tests.conftest import FakeClock


@contextmanager
def before_it_starts(clinic: Clinic, clock: FakeClock) -> Iterator[Desk]:
    """The desk of a walk-in practice that opened every room, while its server does not run."""
    setup = TEMPLATES["walk-in"]
    desk = Desk(Store(clinic.folder / "data"), clock)
    desk.set_up(setup)
    desk.open_day("setup", tuple(room.id for room in setup.rooms))
    yield desk
    desk.close()


def with_appointments(folder: Path, appointments: Sequence[Appointment]) -> Clinic:
    """A walk-in practice at nine o'clock, every room open, that knows these appointments. Not started yet."""
    clinic = Clinic(folder, START=NINE.isoformat())
    with before_it_starts(clinic, FakeClock()) as desk:
        desk.bring_in(appointments, "staff")
    return clinic
