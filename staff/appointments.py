"""The day's appointments on screen, as JSON and CSV, on paper for the day the power fails, and as invitations."""

import csv
import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import NotFound

from clinic.desk import Desk
from clinic.diary import local_date
from clinic.line import here
from clinic.lists import LARGEST
from live import Live
from messages import NEEDS, STATUS, sentence
from qr import qr
from staff.booked import FACTS, Row, booked, facts, in_words, rows
from staff.paper import paper
from words import LANGUAGES, Language, language, render

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a sheet takes for the start of a formula (TRUST A4); some do in wide letters too."""


def blueprint(desk: Desk, live: Live) -> Blueprint:
    """The routes under /staff about who is booked, and the screens `staff/appointments` and `staff/paper`."""
    pages = Blueprint("appointments", __name__, url_prefix="/staff")

    def lang() -> Language:
        return language(request.args.get("lang"), desk.line.setup.language)

    def now() -> datetime:
        return desk.clock.now().astimezone(ZoneInfo(desk.line.setup.timezone))

    def all_rows() -> list[Row]:
        return rows(desk.line, desk.bookings(), desk.needs(desk.line.visits), now())

    def fragment(target: str, code: str) -> str | None:
        if code not in LANGUAGES:
            return None
        if target == "paper":
            return render("staff/_paper.html", language(code), **on_paper(language(code)))
        name, _, page = target.partition("-")
        if name != "appointments" or (page and not _is_page(page)):
            return None
        return render("staff/_appointments.html", language(code), **listed(int(page or 1)))

    def listed(page: int) -> dict[str, Any]:
        shown = booked(desk.line, all_rows(), now(), page)
        codes = desk.invitations({row.visit: row.id for row in shown.rows if row.state == "expected"})
        return {"b": shown, "codes": codes, "needs": NEEDS, "setup": desk.line.setup}

    def on_paper(lang: Language) -> dict[str, Any]:
        line, found = desk.line, all_rows()
        known = [visit.id for visit in here(line)]
        names, needs = desk.names(known), desk.needs(known)
        return {
            "p": paper(line, found, names, needs, now()),
            "day": lang.day(now()),
            "needs": NEEDS,
            "setup": line.setup,
            "status": STATUS,
        }

    live.show("staff", fragment)

    @pages.get("/appointments")
    def page() -> str:
        too_large = sentence("list_too_large", {"limit": LARGEST // 2**20}, lang())
        asked = request.args.get("page", "")
        number = int(asked) if _is_page(asked) else 1
        key = f"staff/appointments{f'-{number}' if number > 1 else ''}/{lang().code}"
        return render("staff/appointments.html", lang(), key=key, seq=desk.line.seq, largest=LARGEST,
                      too_large=too_large, **listed(number))  # fmt: skip

    @pages.get("/appointments.json")
    def as_json() -> Response:
        found = all_rows()
        codes = desk.invitations({row.visit: row.id for row in found})
        return jsonify(day=_day(desk), appointments=[facts(row, codes.get(row.visit)) for row in found])

    @pages.get("/appointments.csv")
    def as_csv() -> Response:
        text = io.StringIO()
        sheet = csv.DictWriter(text, FACTS, lineterminator="\r\n")
        sheet.writeheader()
        found = all_rows()
        codes = desk.invitations({row.visit: row.id for row in found})
        for row in found:
            sheet.writerow({name: cell(value) for name, value in in_words(row, codes.get(row.visit)).items()})
        # The mark lets the usual sheet programs see that names are in UTF-8.
        return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers={
            "Content-Disposition": f"attachment; filename=appointments-{_day(desk)}.csv"
        })  # fmt: skip

    @pages.get("/invitation/<visit>")
    def invitation(visit: str) -> str:
        found = next((row for row in all_rows() if row.visit == visit), None)
        code = desk.invitations({visit: found.id}).get(visit) if found else None
        if found is None or code is None or found.state in ("cancelled", "other_place"):
            raise NotFound
        return render("staff/invitation.html", lang(), row=found, code=code, setup=desk.line.setup, drawn=qr(code),
                      when=lang().day(found.at))  # fmt: skip

    @pages.get("/paper")
    def paper_page() -> str:
        key = f"staff/paper/{lang().code}"
        return render("staff/paper.html", lang(), key=key, seq=desk.line.seq, **on_paper(lang()))

    return pages


def _is_page(text: str) -> bool:
    """Whether this is the number of a page: 1 to 999."""
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) > 0


def _day(desk: Desk) -> str:
    return local_date(desk.line.setup, desk.clock.now())


def cell(value: Any) -> Any:
    """This value as a sheet takes it: nothing in it is a formula."""
    value = " ".join(value) if isinstance(value, list) else value
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
