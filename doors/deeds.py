"""What the audit tells, in words. A row's `what` is a kind and a thing: `did staff.call-next`, `saw staff.page`,
`refused staff.visits`, `failed staff.call`, `door signed-in`. A thing is a page or command by its endpoint, the
beginning of a live screen's key, or a step at the doors.
"""

from collections.abc import Mapping
from typing import Any

from doors.table import NAMED, NAMED_SCREENS
from messages import N_
from messages import ROLES as STAFF

KINDS: Mapping[str, str] = {
    "saw": N_("Saw"), "did": N_("Changed"), "failed": N_("Not done"), "refused": N_("Not allowed"),
    "door": N_("Sign-in"),
}  # fmt: skip

DEEDS: Mapping[str, str] = {
    "front.save": N_("Change the set-up"),
    "lists.take": N_("Bring in a list of appointments"),
    "lists.decide": N_("Decide on a list of appointments"),
    "staff.arrive": N_("Check somebody in"),
    "staff.call-next": N_("Call the next person"),
    "staff.call": N_("Call somebody"),
    "staff.recall": N_("Call somebody again"),
    "staff.start": N_("Somebody is in the room"),
    "staff.finish": N_("Finish a visit"),
    "staff.no-show": N_("Say that somebody missed their turn"),
    "staff.hold": N_("Somebody steps out"),
    "staff.resume": N_("Somebody is back"),
    "staff.rejoin": N_("Put somebody back in the line"),
    "staff.leave": N_("Somebody leaves without being seen"),
    "staff.transfer": N_("Send somebody on to another service"),
    "staff.assign": N_("Say who sees somebody"),
    "staff.prioritise": N_("Move somebody up"),
    "staff.prefer": N_("Change how somebody is called and what helps them"),
    "staff.undo": N_("Undo"),
    "staff.open-room": N_("Open a room"),
    "staff.pause-room": N_("Pause a room"),
    "staff.close-room": N_("Close a room"),
    "staff.sign_in": N_("Sign a clinician in to a room"),
    "staff.open_day": N_("Open the day"),
    "staff.close_day": N_("Close the day"),
    "staff.tell_closing": N_("Tell everybody about closing"),
    "staff.believe_clock": N_("Say that the clock is right"),
    "staff.note_delay": N_("Say why it takes longer"),
    "staff.end_delay": N_("End a delay note"),
    "staff.apologise": N_("Send an apology"),
    "staff.spoken_to": N_("Say that somebody was spoken to"),
    "staff.take_help": N_("Take a call for help"),
    "staff.answer": N_("Answer a question"),
    "staff.follow_up": N_("Mark a follow-up"),
    "staff.owner": N_("Say who does a follow-up"),
    "staff.we_did": N_("Change what the TV says we did"),
    "staff.erase": N_("Erase a name"),
    "staff.erase_ended": N_("Erase the names of all who have gone"),
    "staff.test_call": N_("Test a TV"),
    "staff.forget_screen": N_("Take a screen off the list"),
    "doors.my_password": N_("Change the own password"),
    "doors.my_pin": N_("Change the own PIN"),
    "doors.elsewhere": N_("Sign out everywhere else"),
    "doors.add_account": N_("Add an account"),
    "doors.change_account": N_("Change an account"),
    "doors.end_account": N_("End an account"),
    "doors.invite": N_("Make a link to choose a password"),
    "staff.pair": N_("Pair a screen"),
    "staff.pair_here": N_("Pair this computer as a desk"),
    "staff.add_program": N_("Let a program in"),
    "staff.end_device": N_("Take a device away"),
}
"""What people and programs change, by endpoint; a command of the line by its own name."""

TOO_MANY = "too-many"
"""What was refused where the limit of requests, or of tries, was reached."""

STEPS: Mapping[str, str] = {
    "signed-in": N_("Signed in"),
    "signed-out": N_("Signed out"),
    "not-signed-in": N_("Wrong name or password"),
    "locked": N_("Locked the screen"),
    "unlocked": N_("Unlocked the screen"),
    "not-unlocked": N_("Wrong PIN or password"),
    "used-link": N_("Used a link to choose a password"),
    "account-added": N_("An account was added"),
    "device-added": N_("A device was added"),
    "unwritten": N_("Looks at names could not be written down"),
    "restored": N_("The clinic was put back to an earlier state"),
    "device-let-in": N_("A device was let in"),
    "forgot": N_("Old rows of the audit were forgotten"),
    "forgot-days": N_("Old days of the line were forgotten"),
    TOO_MANY: N_("Too many tries or requests"),
}
"""What happens at the doors."""

ROLES: Mapping[str, str] = {
    **STAFF,
    "tablet": N_("Tablet"), "tv": N_("TV"), "desk": N_("Desk"), "program": N_("Program"),
}  # fmt: skip
"""What somebody or something was made."""

PLACES: Mapping[str, str] = {
    "kiosk": N_("A page of the tablet"),
    "ticket": N_("A page of the tablet"),
    "help": N_("A page of the tablet"),
    "display": N_("A page of the TV"),
    "doors": N_("A page about accounts and devices"),
    "live": N_("A live screen"),
}
"""Where somebody was not let in, when the page itself has no words here."""

ELSEWHERE = N_("A page for staff")


def thing(endpoint: str, values: Mapping[str, Any] | None = None) -> str:
    """What the audit calls this endpoint: a command of the line by its own name, if it is one."""
    named = f"staff.{(values or {}).get('command')}"
    return named if endpoint == "staff.command" and named in DEEDS else endpoint


def in_words(what: str) -> tuple[str, str]:
    """The kind and the thing of a row, as sentences to translate."""
    kind, _, name = what.partition(" ")
    words = next((known[name] for known in (DEEDS, NAMED, NAMED_SCREENS, STEPS) if name in known), None)
    return KINDS[kind], words or PLACES.get(name.replace("/", ".").partition(".")[0], ELSEWHERE)
