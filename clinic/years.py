"""How long ago something was, by the clock and by itself: a clock that is wrong must make nobody forget. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

MONTH = timedelta(days=31)
"""What one step from mark to mark is believed at most: a clock that jumped ahead ages nothing by more than that."""


def years(number: int) -> timedelta:
    """So many years, never a day less."""
    return timedelta(days=366 * number)


def old(marks: Sequence[tuple[int, datetime]], now: datetime, kept: timedelta) -> int:
    """The number of the last of these marks up to which everything is older than `kept`; 0 where nothing is.

    marks: numbers in their order, and when each was written, which is in no order where the clock jumped. All up to a
    mark is old when that is long ago by the clock, and when as much was lived through since then, from mark to mark.
    """
    lived = timedelta()
    ages = [lived]
    for (_, later), (_, earlier) in pairwise(reversed(marks)):
        lived += min(max(later - earlier, timedelta()), MONTH)
        ages.append(lived)
    last = 0
    for (number, at), age in zip(marks, reversed(ages), strict=False):
        if age <= kept or now - at <= kept:
            break
        last = number
    return last
