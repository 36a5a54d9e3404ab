"""When somebody may be said to have missed their turn. One rule, for the command and for the button that offers it."""

from datetime import datetime, timedelta

from clinic.line import APART, Visit

ENOUGH_CALLS = 3
"""Somebody with an appointment is called so often, minutes apart, before staff may say that they missed it."""


KEPT = timedelta(minutes=30)
"""How long the number of somebody who missed their call is kept for them."""


def enough_calls(visit: Visit) -> bool:
    """Whether they were called often enough to have missed it; who is fetched is not called again, but looked for."""
    return not visit.booked or visit.call_me == "fetch" or visit.asked >= ENOUGH_CALLS


def kept_until(visit: Visit) -> datetime | None:
    """Until when the number of who missed their call is kept; None for everybody else."""
    return visit.since + KEPT if visit.status == "no_show" and visit.since else None


def not_yet(visit: Visit, at: datetime) -> str | None:
    """Why this person may not be said to have missed it yet: too_early or call_again; None when they may.

    Somebody with an appointment never before their time, and when called only after `ENOUGH_CALLS`.
    """
    if visit.booked and at < visit.booked:
        return "too_early"
    if visit.status == "called" and not enough_calls(visit):
        return "call_again"
    return None


def next_call_counts(visit: Visit, at: datetime) -> bool:
    """Whether the last call that counted is long enough ago for another one to count."""
    return visit.asked_at is None or at - visit.asked_at >= APART
