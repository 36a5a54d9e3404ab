"""A clinic that starts at nine with people booked: the browser tests of appointments begin with it."""

from collections.abc import Sequence
from pathlib import Path

from clinic.appointments import Appointment
from clinic.desk import Desk
from clinic.setup import TEMPLATES
from clinic.store import Store
from tests.browser.server import Clinic
from tests.clinic.given import NINE
from tests.conftest import FakeClock


def with_appointments(folder: Path, appointments: Sequence[Appointment]) -> Clinic:
    """A walk-in practice at nine o'clock, every room open, that knows these appointments. Not started yet."""
    setup = TEMPLATES["walk-in"]
    desk = Desk(Store(folder / "data"), FakeClock())
    desk.set_up(setup)
    desk.open_day("setup", tuple(room.id for room in setup.rooms))
    desk.bring_in(appointments, "staff")
    desk.close()
    return Clinic(folder, START=NINE.isoformat())
