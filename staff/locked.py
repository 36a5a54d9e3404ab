"""What a locked desk still shows: the time, how many wait, and who calls for help. Numbers and places, never a name."""

from zoneinfo import ZoneInfo

from clinic.desk import Desk
from clinic.order import waiting
from live import Live
from messages import QUESTIONS
from staff.helps import unsettled
from words import LANGUAGES, language, render


def add_screen(desk: Desk, live: Live) -> None:
    """The screen `locked` of the wire."""

    def fragment(target: str, code: str) -> str | None:
        if target != "locked" or code not in LANGUAGES:
            return None
        line, now = desk.line, desk.clock.now().astimezone(ZoneInfo(desk.line.setup.timezone))
        return render(
            "doors/_locked.html", language(code), helps=unsettled(line, now, names={}, owners={}), now=now,
            is_open=line.opened_at is not None, waiting=len(waiting(line)), questions=QUESTIONS,
        )  # fmt: skip

    live.show("staff", fragment)
