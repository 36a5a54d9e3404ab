"""Of which life of the clinic a page is. What stands on one of before a restore is no more, so it can change nothing.

Our scripts say it in a header. A form that is sent without them says it in a field, which every page gets on its way
out: so no form can be without it. A program says nothing, and gives a new command each time.
"""

import re

from flask import Request, Response

HEADER, FIELD = "Kindline-Life", "life"

FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')

OF_ANY = frozenset(
    {
        *("doors.signed_in", "doors.sign_out", "doors.lock", "doors.unlock", "doors.awake"),
        *("kiosk.ask_help", "kiosk.say_about"),
    }
)
"""Who somebody is, that they go, and that they need a person, is true whatever was restored."""

THEIR_OWN = "phone."
"""What people say on their phone is of their own visit, and the page that comes next says how that stands."""


def is_of_before(asked: Request, life: str) -> bool:
    """Whether a page asks that was made in another life of the clinic than this one."""
    endpoint = asked.endpoint or ""
    if asked.method != "POST" or endpoint in OF_ANY or endpoint.startswith(THEIR_OWN):
        return False
    said = asked.headers.get(HEADER)
    # A list of appointments is read by its own route, and only looked at: the form that then brings it in says this.
    if said is None and asked.mimetype == "application/x-www-form-urlencoded":
        said = asked.form.get(FIELD)
    return said is not None and said != life


def mark(answer: Response, endpoint: str, life: str) -> None:
    """Let every form of this page that sends anything say of which life it is.

    What is pushed to a page later says it no more: where pushes come scripts run, and say it.
    """
    if answer.mimetype == "text/html" and not answer.direct_passthrough and not endpoint.startswith(THEIR_OWN):
        field = f'<input type="hidden" name="{FIELD}" value="{life}">'
        answer.set_data(FORM.sub(lambda form: form[0] + field, answer.get_data(as_text=True)))
