"""What a companion may know: how far somebody is, and nothing about who it is. Pure."""

from dataclasses import dataclass
from datetime import datetime

from clinic.line import Line, Visit
from clinic.told import Wait
from kiosk.screen import screen


@dataclass(frozen=True)
class Narrow:
    """Place, range and state of one visit; each means what it does in `kiosk.screen.Ticket`."""

    state: str
    place: int
    wait: Wait | None
    update_by: datetime
    now: datetime


def narrow(line: Line, visit: Visit, now: datetime) -> Narrow:
    """What is left of this visit's ticket for a companion, at `now` in the clinic's zone."""
    t = screen(line, visit, now)
    return Narrow(t.state, t.place, t.wait, t.update_by, t.now)
