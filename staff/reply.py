"""How staff are answered: their page with the fresh screen, a plain form with the console, a program with the facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import jsonify, redirect, request
from werkzeug.wrappers import Response

from clinic.desk import Desk
from forms import REQUEST_LENGTH, text_or_none, wants_json
from live import Live
from words import LANGUAGES, Language, language

UNDOABLE = (
    "call", "call-next", "start", "finish", "no-show", "leave", "hold", "resume", "rejoin", "transfer", "prioritise",
    "assign", "spoken-to",
)  # fmt: skip


PAGES = ("appointments", "follow-ups", "feedback", "privacy", "screens")


def came_from(fields: Mapping[str, Any]) -> str:
    """The page that the form stands on: one of ours, and no other."""
    page = fields.get("from")
    return f"/staff/{page}" if page in PAGES else "/staff"


@dataclass(frozen=True)
class Reply:
    """The answers to one desk's staff."""

    desk: Desk
    live: Live

    def lang(self) -> Language:
        """The language of who asks."""
        return language(request.args.get("lang"), self.desk.line.setup.language)

    def now(self) -> datetime:
        """The time now, in the clinic's zone."""
        return self.desk.clock.now().astimezone(ZoneInfo(self.desk.line.setup.timezone))

    def tap(self, fields: Mapping[str, Any]) -> str | None:
        """The number of the tap that asked."""
        return text_or_none(fields, "request", REQUEST_LENGTH)

    def done(self, answer: dict[str, Any], said: str, command: str = "", changed: str | None = None) -> Response:
        """That it was done. `changed` is the visit that `command` changed, which can perhaps be undone."""
        if not wants_json(request):
            lang = request.args.get("lang")
            return redirect(came_from(request.form) + (f"?lang={lang}" if lang in LANGUAGES else ""), 303)
        visit = self.desk.line.visits.get(changed or "")
        undo = {"visit": visit.id, "seq": visit.last} if visit and command in UNDOABLE else None
        return jsonify({**answer, **self.extras(said, undo)})

    def extras(self, said: str, undo: dict[str, Any] | None = None) -> dict[str, Any]:
        """For our own page, which says which screen it shows: the fresh screen, the words, and how to undo."""
        key = request.headers.get("X-Kindline-Screen", "")
        current = self.live.shown(key) if key.startswith("staff/") else None
        return {"screen": current, "said": said, "undo": undo} if current else {}
