"""The tablet's pages: each step whole, in the language and text size that this patient chose."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, request

from clinic.desk import Desk
from clinic.line import Visit, party_of
from kiosk.greeting import still_to_come, takes_appointments
from kiosk.ready import ready
from kiosk.screen import screen
from qr import qr
from settings import Settings
from words import language, render

SECRET_LENGTH = 22


@dataclass(frozen=True)
class Pages:
    """The pages of one clinic's tablets."""

    desk: Desk
    settings: Settings

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's zone."""
        return ZoneInfo(self.desk.line.setup.timezone)

    def takes_appointments(self) -> bool:
        """Whether the tablet asks for an appointment."""
        return takes_appointments(self.desk.line, self.desk.is_booked())

    def now(self) -> datetime:
        """The time in the clinic's zone."""
        now: datetime = self.desk.clock.now()
        return now.astimezone(self.zone)

    def show(self, step: str, key: str = "", status: int = 200, **values: Any) -> Response:
        """This step as a whole page. `key`: the screen of the wire that keeps it current, if one does."""
        asked = request.values
        lang = language(asked.get("lang") or asked.get("language"), self.desk.line.setup.language)
        watch = f"{key or f'kiosk/start-{_size()}'}/{lang.code}"
        html = render(
            "kiosk/page.html", lang, step=step, key=watch, seq=self.desk.line.seq, still=not key, size=_size(),
            carried=carried(), **self._about(), **values,
        )  # fmt: skip
        # What was typed is shown again, and may hold half a character, which is in no page.
        return Response(html.encode(errors="replace"), status, mimetype="text/html")

    def fragment(self, step: str, lang: str, **values: Any) -> str:
        """What the wire sends of this step."""
        return render(f"kiosk/_{step}.html", language(lang), carried={}, **self._about(), **values)

    def step(self, step: str) -> Response:
        """A step that the wire keeps current: "start" or "services"; not while somebody's party goes along with it."""
        return self.show(step, "" if carried() else f"kiosk/{step}-{_size()}")

    def ticket(self, visit: str) -> Response:
        """The numbers of this visit's party, with the link of who checked in first.

        Not by a redirect: an address with the patient's secret must not stay in the tablet's history.
        """
        found = self.desk.line.visits.get(visit)
        if found is None:  # the page of another day was sent once more
            return self.step("start")
        first = found.party or found.id
        size = ".large" if _size() == "large" else ""
        return self.show("ticket", f"ticket/{self.desk.links.secret(first)}{size}", **self.numbers(first))

    def numbers(self, first: str) -> dict[str, Any]:
        """What the ticket page shows of a party, and what leads to its phone page: QR, address and code to type."""
        line, now = self.desk.line, self.now()
        head = line.visits[first]
        shown = [one for one in party_of(line, head) if one.is_here] or [head]
        party = [(screen(line, one, now), still_to_come(line, one, self.zone)) for one in shown]
        secret, code = self.desk.links.secret(first), self.desk.links.code(first)
        address = f"{self.settings.public_url}/t/{secret}"
        return {
            "party": party, "secret": secret, "qr": qr(address), "short": f"{urlsplit(address).netloc}/t",
            "code": f"{code[:4]}-{code[4:]}", "ready": ready(line, shown) if len(shown) == 1 else None,
        }  # fmt: skip

    def standing(self, visit: Visit, already: bool = False, status: int = 200) -> Response:
        """Where this visit stands; `already`: somebody wanted to check in for it once more."""
        line = self.desk.line
        return self.show(
            "standing", status=status, t=screen(line, visit, self.now()), already=already, ready=ready(line, [visit])
        )

    def instead(self, what: str, status: int = 200, **values: Any) -> Response:
        """What cannot be done here, and what can be done instead; its template knows each `what`."""
        closing = self.desk.line.closing
        closes = closing.closes.astimezone(self.zone) if closing else None
        return self.show("instead", status=status, what=what, closes=closes,
                         **{"typed": {}, "tries": 0, "place": "", "at": None, **values})  # fmt: skip

    def _about(self) -> dict[str, Any]:
        line = self.desk.line
        is_open = line.opened_at is not None
        return {"setup": line.setup, "is_open": is_open, "now": self.now(), "appointments": self.takes_appointments()}


def carried() -> dict[str, str]:
    """What goes from page to page of who checks in for somebody else: that, and the secret of whom they came `with`.

    The secret is taken from forms that were posted only: it must never stand in an address.
    """
    party = request.form.get("with", "")[:SECRET_LENGTH]
    if party:
        return {"other": "yes", "with": party}
    return {"other": "yes"} if request.values.get("other") else {}


def _size() -> str:
    wanted = request.values.get("size") == "large" or request.form.get("need-large_text")
    return "large" if wanted else "normal"
