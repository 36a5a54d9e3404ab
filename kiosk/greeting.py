"""How somebody with an appointment is greeted, and what of their day is still to come. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from clinic.appointments import Booking
from clinic.line import Line, Visit, stops_of
from clinic.setup import Setup

EARLY = timedelta(minutes=10)
"""Who comes sooner than this is told that they are early; who was sent away may come back this long before."""


@dataclass(frozen=True)
class Stop:
    """One appointment as its person may see it on a screen that others can see too: time and service, nothing else."""

    at: datetime
    service: str


def stops(booked: Sequence[Booking], zone: tzinfo) -> tuple[Stop, ...]:
    """These appointments, in the clinic's zone."""
    return tuple(Stop(one.start.astimezone(zone), one.service) for one in booked)


def still_to_come(line: Line, visit: Visit, zone: tzinfo) -> tuple[Stop, ...]:
    """Where this person goes on to today after what they wait for now."""
    return tuple(Stop(one.arrived.astimezone(zone), one.service) for one in stops_of(line, visit))


def manner(booking: Booking, now: datetime, setup: Setup) -> str:
    """How they come: early, on_time, kept (a little late, and they keep their place) or late (by order of arrival)."""
    if now < booking.start - EARLY:
        return "early"
    if now <= booking.start:
        return "on_time"
    return "kept" if now <= booking.start + setup.lateness else "late"


def takes_appointments(line: Line, is_booked: bool) -> bool:
    """Whether the start page asks for an appointment: somebody is booked today, or `is_booked` for any day to come.

    Who comes with an invitation on the wrong day is told so by its code.
    """
    return is_booked or any(visit.booked for visit in line.visits.values())
