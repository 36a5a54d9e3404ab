"""What was measured, beside its limit and its target, for people and for other programs."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from sqlite_utils.utils import sqlite3

WIDTHS = (42, 12, 12, 8, 16)


@dataclass(frozen=True)
class Figure:
    """One line of the table. `target` bounds the ratio to the limit where there is a limit, else the value itself."""

    name: str
    value: float
    unit: str = ""
    limit: float | None = None
    target: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the limit."""
        return self.value / self.limit if self.limit else None

    @property
    def passed(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.target is None:
            return None
        measured = self.value if self.ratio is None else self.ratio
        return measured >= self.target if self.at_least else measured <= self.target


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: a value that was really measured."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


def machine() -> dict[str, Any]:
    """What the figures were measured on and with."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table."""
    rows = [("", "Kindline", "limit", "ratio", "target"), *(_row(figure) for figure in figures)]
    return "\n".join(_line(row) for row in rows)


def plain(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """The figures for JSON."""
    return [{**asdict(figure), "ratio": figure.ratio, "passed": figure.passed} for figure in figures]


def _row(figure: Figure) -> tuple[str, ...]:
    limit = "" if figure.limit is None else _number(figure.limit, figure.unit)
    ratio = "" if figure.ratio is None else f"{figure.ratio:.{1 if figure.ratio >= 1 else 2}f}x"
    return figure.name, _number(figure.value, figure.unit), limit, ratio, _target(figure)


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    bound = f"{'>=' if figure.at_least else '<='} {round(figure.target, 3):g}{'' if figure.ratio is None else 'x'}"
    return f"{bound:<10}{'pass' if figure.passed else 'MISS'}"


def _number(value: float, unit: str) -> str:
    return f"{value:.{0 if value == int(value) else 1}f} {unit}".rstrip()


def _line(row: Sequence[str]) -> str:
    first, *numbers, last = (text.ljust(width) for text, width in zip(row, WIDTHS, strict=True))
    return " ".join((first, *(text.strip().rjust(len(text)) for text in numbers), " ", last)).rstrip()
