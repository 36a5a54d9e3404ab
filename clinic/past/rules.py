"""clinic.json: how the line of past days worked, each part checked, what is missing put in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from clinic.minutes import DAY
from clinic.past.days import BadFolder

RULES = ("arrival", "booked_or_arrival", "priority_then_arrival")
LINES = ("one", "by_assigned", "by_service_group", "unknown")


def rules_of(path: Path) -> dict[str, Any]:
    """What clinic.json says, with what it leaves out as usual; keys of which nothing is known do no harm."""
    try:
        clinic = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        usual = '{"line": "one", "order": {"rule": "arrival"}, "expected_minutes": 15}'
        raise BadFolder(f"{path} is missing: write how the clinic works there, for a start {usual}.") from None
    except OSError as problem:
        raise BadFolder(f"{path} cannot be read ({problem.strerror}): mend that and try again.") from None
    except (ValueError, RecursionError) as problem:
        where = f" (line {problem.lineno})" if isinstance(problem, json.JSONDecodeError) else ""
        raise BadFolder(f"{path} is not JSON in UTF-8{where}: mend it there.") from None
    if not isinstance(clinic, dict):
        raise BadFolder(f"{path} must be an object with line, order and expected_minutes.")
    known = _Known(path, clinic)
    known.one_of("line", LINES)
    known.number("tick_seconds", 300, 1, 86_400)
    known.number("expected_minutes", 15, 0.1, 1440)
    known.number("virtual_check_in_places_ahead", 0, 0, 1000)
    clinic["virtual_check_in_places_ahead"] = int(clinic["virtual_check_in_places_ahead"])
    known.shape("groups", {}, "an object with a list of services for each group", _is_groups)
    known.shape("order", {}, "an object with a rule", lambda value: isinstance(value, dict))
    order = _Known(path, clinic["order"], "order.")
    order.one_of("rule", RULES)
    order.number("late_after_minutes", 20, 0, 1440)
    order.number("walk_in_after_minutes", 0, 0, 1440)
    order.shape("urgent_first", [], "a list of priorities", _is_texts)
    order.shape("head_start_minutes", {}, "an object with minutes for each priority", _is_minutes)
    return clinic


@dataclass
class _Known:
    """One object of clinic.json being checked, what is missing put in."""

    path: Path
    values: dict[str, Any]
    before: str = ""

    def one_of(self, name: str, allowed: tuple[str, ...]) -> None:
        """A choice; the first is usual."""
        self.shape(name, allowed[0], f"one of {', '.join(allowed)}", lambda value: value in allowed)

    def number(self, name: str, usual: float, least: float, most: float) -> None:
        """A number between these."""
        self.shape(name, usual, f"a number from {least:g} to {most:g}", lambda value: _is_number(value, least, most))

    def shape(self, name: str, usual: Any, what: str, fits: Callable[[Any], bool]) -> None:
        """Whatever `fits`."""
        if self.values.get(name) is None:
            self.values[name] = usual
        if not fits(self.values[name]):
            raise BadFolder(f"{self.path}: {self.before}{name} must be {what}.")


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and least <= value <= most


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_groups(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_texts(services) for services in value.values())


def _is_minutes(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_is_number(minutes, -DAY, DAY) for minutes in value.values())
