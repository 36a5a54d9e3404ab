"""The one table of the doors: every page and every live screen, and who may have it. What is not here, nobody may.

A page goes by its endpoint, a live screen by the beginning of its key. `tests/doors/test_table.py` walks the address
map and the list of screens and fails on one that is missing here.
"""

from collections.abc import Iterable, Mapping

from messages import N_

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
    "metrics": ANYONE,
    **_all(ANYONE, "front", "door"),
    **_all(MANAGER, "front", "form", "save"),
    **_all(ANYONE, "doors", "first", "made", "sign_in", "signed_in", "sign_out", "desk"),
    **_all(LOCKED | SIGNED_IN, "doors", "lock", "locked", "unlock"),
    **_all(SIGNED_IN, "doors", "awake", "me", "my_password", "my_pin", "elsewhere"),
    **_all(MANAGER, "doors", "accounts", "add_account", "change_account", "end_account", "invite"),
    **_all(TV, "display", "page", "plain", "sizes_css", "line_json"),
    **_all(frozenset({"tv"}), "display", "hello"),
    **_all(TABLET, "kiosk", "start", "hello", "services", "details", "ask_needs", "arrive", "place", "sizes_css"),
    **_all(TABLET, "kiosk", "entry", "code_entry", "look_up", "ask_help", "say_about", "question", "back"),
    **_all(ANYONE, "phone", "enter", "entered", "follow", "matters", "share", "ask_leave", "leave", "coming"),
    **_all(ANYONE, "phone", "more-time", "step-out", "here", "ask_help", "question", "ask", "give"),
    **_all(ANYONE, "companion", "follow"),
    **_all(LINE, "staff", "page", "command", "arrive", "line_json", "visit_form", "new_form", "room_form"),
    **_all(LINE, "staff", "clinician_form", "day_form", "open_day", "close_day", "tell_closing", "believe_clock"),
    **_all(LINE, "staff", "note_form", "note_delay", "end_delay", "preview", "apologise", "spoken_to"),
    **_all(LINE, "staff", "take_help", "answer", "question", "prefer", "sign_in"),
    **_all(LINE, "staff", "trust_page", "pictures", "follow_ups", "follow_up", "owner"),
    **_all(DESK, "staff", "screens", "test_call", "forget_screen", "feedback", "we_did"),
    **_all(DESK, "staff", "pair", "pair_here", "end_device"),
    **_all(MANAGER, "staff", "visits", "add_program"),
    **_all(LINE, "staff", "privacy", "erase"),
    **_all(DESK, "staff", "erase_ended"),
    **_all(TABLET, "kiosk", "privacy"),
    **_all(ANYONE, "privacy", "page"),
    **_all(LINE, "appointments", "page"),
    **_all(DESK, "appointments", "as_csv", "as_json", "invitation", "paper_page"),
    **_all(LISTS, "lists", "take"),
    **_all(DESK, "lists", "look", "decide"),
    **_all(AUDIT, "doors", "audit", "audit_csv"),
}
"""Who may ask for what."""

FROM_HERE = frozenset({"metrics"})
"""Pages that are there only for programs on this very computer, whatever rights somebody has."""

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
    "staff/locked/": LOCKED,
}
"""Who may watch what."""

NAMED: Mapping[str, str] = {
    "staff.page": N_("The line"),
    "staff.line_json": N_("The line as a file"),
    "staff.visit_form": N_("One visit"),
    "staff.day_form": N_("Opening and closing the day"),
    "staff.question": N_("A question"),
    "staff.privacy": N_("Whose name can be erased"),
    "staff.preview": N_("Who waits long"),
    "staff.follow_ups": N_("Follow-ups"),
    "staff.feedback": N_("What people said"),
    "staff.visits": N_("Past visits as a file"),
    "appointments.page": N_("Appointments"),
    "appointments.as_csv": N_("Appointments as a file"),
    "appointments.as_json": N_("Appointments as a file"),
    "appointments.invitation": N_("An invitation"),
    "appointments.paper_page": N_("The list on paper"),
    "lists.look": N_("A list of appointments"),
    "doors.audit": N_("The audit"),
    "doors.audit_csv": N_("The audit as a file"),
}
"""Pages that show names of patients, or who did what: each look at one is written down, in these words."""

NAMED_SCREENS: Mapping[str, str] = {
    "staff/main/": N_("The line"),
    "staff/what-if/": N_("The line"),
    "staff/appointments": N_("Appointments"),
    "staff/paper/": N_("The list on paper"),
    "staff/import-": N_("A list of appointments"),
}
"""Live screens that show names of patients, likewise."""


def may_ask(endpoint: str | None, roles: Roles) -> bool:
    """Whether one of these roles is enough for this page."""
    return bool(PAGES.get(endpoint or "", frozenset()) & (roles | ANYONE))


def may_watch(key: str, roles: Roles) -> bool:
    """Whether one of these roles is enough for this live screen."""
    return any(key.startswith(start) and needed & (roles | ANYONE) for start, needed in SCREENS.items())


def beginning(key: str, starts: Iterable[str]) -> str:
    """Which of these beginnings this key of a live screen has, if any."""
    return next((start for start in starts if key.startswith(start)), "")
