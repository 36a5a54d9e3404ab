"""What somebody at the tablet says may help them, on its way from page to page to their check-in.

Nothing is written down before they are checked in, and what a list of appointments says of them is not shown: others
may see this screen.
"""

from collections.abc import Mapping
from typing import Any

from clinic.names import clean_name
from clinic.needs import SPOKEN, SPOKEN_LENGTH, TOGGLES
from forms import yes

WISHED = (*(f"need-{need}" for need in TOGGLES), "call_me", "spoken", "spoken_also")
"""The fields of what was chosen; `spoken_also`: another language, as it was typed, once they were asked for theirs."""

FOUND_BY = ("day", "month", "letter", "year", "code")
"""What an appointment is found by: it goes along, so that "back" finds it again."""

TYPED = ("language", "service", "request", "name", "token", *FOUND_BY)
"""What else goes along: from the page of their name, or from that of their appointment."""


def kept(fields: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Those of these fields that were sent, to go along to the next page."""
    # Their language left open is an answer too.
    return {name: str(fields[name]) for name in names if fields.get(name) or (name == "spoken_also" and name in fields)}


def wishes(fields: Mapping[str, Any]) -> int:
    """How much was chosen so far."""
    return sum(yes(fields, f"need-{need}") for need in TOGGLES) + (fields.get("call_me") == "fetch")


def asks_language(fields: Mapping[str, Any]) -> bool:
    """Whether they need an interpreter and were not asked for which language."""
    return yes(fields, "need-interpreter") and not fields.get("spoken") and "spoken_also" not in fields


def with_language(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a check-in, with the language that they typed in the place of one of the list."""
    typed = clean_name(str(fields.get("spoken_also") or ""))[:SPOKEN_LENGTH].strip()
    spoken = (typed or fields.get("spoken") or "") if yes(fields, "need-interpreter") else ""
    return {**fields, "spoken": spoken}


def offered(ours: str) -> tuple[str, ...]:
    """The languages to choose from: nobody needs an interpreter for the clinic's own."""
    return tuple(code for code in SPOKEN if code != ours)
