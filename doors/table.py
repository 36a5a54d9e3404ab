"""The one table of the doors: every page and every live screen, and who may have it. What is not here, nobody may.

A page goes by its endpoint, a live screen by the beginning of its key. `tests/doors/test_table.py` walks the address
map and the list of screens and fails on one that is missing here.
"""

from collections.abc import Mapping

Roles = frozenset[str]

ANYONE: Roles = frozenset({"anyone"})
"""Needs no rights: what holds nothing of a person, or what only a secret link leads to."""

SIGNED_IN: Roles = frozenset({"reception", "clinician", "manager", "auditor"})
LINE: Roles = SIGNED_IN - {"auditor"}
DESK: Roles = frozenset({"reception", "manager"})
MANAGER: Roles = frozenset({"manager"})
AUDIT: Roles = frozenset({"manager", "auditor"})
LOCKED: Roles = frozenset({"locked"})
TABLET: Roles = frozenset({"tablet"})
TV: Roles = frozenset({"tv"}) | LINE
LISTS: Roles = DESK | {"program"}

EVERYONE: Roles = SIGNED_IN | LOCKED | {"tablet", "tv", "desk", "program", "anyone"}
"""Every role there is."""


def _all(roles: Roles, blueprint: str, *names: str) -> dict[str, Roles]:
    return {f"{blueprint}.{name}": roles for name in names}


PAGES: Mapping[str, Roles] = {
    "static": ANYONE,
    "healthz": ANYONE,
    **_all(ANYONE, "front", "door"),
    **_all(MANAGER, "front", "form", "save"),
    **_all(ANYONE, "doors", "first", "made", "sign_in", "signed_in", "sign_out", "desk"),
    **_all(LOCKED | SIGNED_IN, "doors", "locked", "unlock"),
    **_all(SIGNED_IN, "doors", "lock", "awake", "me", "my_password", "my_pin"),
    **_all(MANAGER, "doors", "accounts", "add_account", "change_account", "end_account", "invite"),
    **_all(TV, "display", "page", "plain", "sizes_css", "line_json"),
    **_all(frozenset({"tv"}), "display", "hello"),
    **_all(TABLET, "kiosk", "start", "hello", "services", "details", "ask_needs", "arrive", "place", "sizes_css"),
    **_all(TABLET, "kiosk", "entry", "code_entry", "look_up", "ask_help", "say_about", "question", "back"),
    **_all(ANYONE, "phone", "enter", "entered", "follow", "matters", "share", "ask_leave", "leave", "coming"),
    **_all(ANYONE, "phone", "more-time", "step-out", "here", "ask_help", "question", "ask", "give"),
    **_all(ANYONE, "companion", "follow"),
    **_all(LINE, "staff", "page", "command", "arrive", "line_json", "visit_form", "new_form", "room_form"),
    **_all(LINE, "staff", "clinician_form", "day_form", "open_day", "close_day", "tell_closing"),
    **_all(LINE, "staff", "note_form", "note_delay", "end_delay", "preview", "apologise", "spoken_to"),
    **_all(LINE, "staff", "take_help", "answer", "question", "prefer", "sign_in"),
    **_all(LINE, "staff", "trust_page", "pictures", "follow_ups", "follow_up", "owner"),
    **_all(DESK, "staff", "screens", "test_call", "forget_screen", "feedback", "we_did"),
    **_all(DESK, "staff", "pair", "pair_here", "end_device"),
    **_all(MANAGER, "staff", "visits", "add_program"),
    **_all(LINE, "appointments", "page"),
    **_all(DESK, "appointments", "as_csv", "as_json", "invitation", "paper_page"),
    **_all(LISTS, "lists", "take", "look", "decide"),
}
"""Who may ask for what."""

SCREENS: Mapping[str, Roles] = {
    "display/": TV,
    "kiosk/": TABLET,
    "ticket/": TABLET,
    "help/": TABLET,
    "phone/": ANYONE,
    "companion/": ANYONE,
    "staff/main/": LINE,
    "staff/what-if/": LINE,
    "staff/trust/": LINE,
    "staff/screens/": DESK,
    "staff/appointments": LINE,
    "staff/paper/": DESK,
    "staff/import-": DESK,
    "staff/locked/": LOCKED | LINE,
}
"""Who may watch what."""

NAMED: Mapping[str, str] = {
    "staff.page": "the line", "staff.line_json": "the line", "staff.visit_form": "a visit",
    "staff.day_form": "the day", "staff.preview": "who waits long", "staff.follow_ups": "follow-ups",
    "staff.feedback": "feedback", "appointments.page": "appointments", "appointments.as_csv": "appointments as a file",
    "appointments.as_json": "appointments as a file", "appointments.invitation": "an invitation",
    "appointments.paper_page": "the paper list", "lists.look": "a list of appointments", "staff.visits": "past visits",
}  # fmt: skip
"""Pages that show names of patients: each look at one is written down."""

NAMED_SCREENS: Mapping[str, str] = {
    "staff/main/": "the line", "staff/what-if/": "the line", "staff/appointments": "appointments",
    "staff/paper/": "the paper list", "staff/import-": "a list of appointments",
}  # fmt: skip
"""Live screens that show names of patients, likewise."""


def may_ask(endpoint: str | None, roles: Roles) -> bool:
    """Whether one of these roles is enough for this page."""
    return bool(PAGES.get(endpoint or "", frozenset()) & (roles | ANYONE))


def may_watch(key: str, roles: Roles) -> bool:
    """Whether one of these roles is enough for this live screen."""
    return any(key.startswith(start) and needed & (roles | ANYONE) for start, needed in SCREENS.items())


def named_screen(key: str) -> str | None:
    """What of patients' names this live screen shows, if any."""
    return next((what for start, what in NAMED_SCREENS.items() if key.startswith(start)), None)
