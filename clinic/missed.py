"""When somebody may be said to have missed their turn. One rule, for the command and for the button that offers it."""

from datetime import datetime

from clinic.line import APART, Visit

ENOUGH_CALLS = 3
"""Somebody with an appointment is called so often, minutes apart, before staff may say that they missed it."""


def not_yet(visit: Visit, at: datetime) -> str | None:
    """Why this person may not be said to have missed it yet: too_early or call_again; None when they may.

    Somebody with an appointment never before their time, and when called only after `ENOUGH_CALLS`.
    """
    if visit.booked and at < visit.booked:
        return "too_early"
    if visit.booked and visit.status == "called" and visit.asked < ENOUGH_CALLS:
        return "call_again"
    return None


def next_call_counts(visit: Visit, at: datetime) -> bool:
    """Whether the last call that counted is long enough ago for another one to count."""
    return visit.asked_at is None or at - visit.asked_at >= APART
