"""How the pages of the doors are shown: their language, their words and the clinic's time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request

from clinic.commands import Refused
from clinic.desk import Desk
from doors.who import who
from forms import BadInput
from messages import sentence
from words import LANGUAGES, Language, language, render


@dataclass(frozen=True)
class Face:
    """What the pages of one clinic's doors share."""

    desk: Desk

    def lang(self) -> Language:
        """The language of who asks."""
        return language(request.values.get("lang"), self.desk.line.setup.language)

    def show(self, template: str, status: int = 200, **values: Any) -> tuple[str, int]:
        """This page of templates/doors, for who asks."""
        return render(f"doors/{template}.html", self.lang(), setup=self.desk.line.setup, who=who(), **values), status

    def words(self, problem: BadInput | Refused) -> str:
        """What is wrong, in the language of who asks."""
        field = {"field": problem.field} if isinstance(problem, BadInput) else {}
        return sentence(problem.code, {**field, **problem.params}, self.lang())

    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.desk.line.setup.timezone)

    def there(self, path: str) -> str:
        """This path of ours in the language that was asked for, if any was."""
        lang = request.values.get("lang")
        return f"{path}?lang={lang}" if lang in LANGUAGES else path


def last_here(at: datetime, now: datetime, lang: Language) -> str:
    """When somebody or something was last there: the time today, else the day too. Both in the clinic's zone."""
    return f"{at:%H:%M}" if at.date() == now.date() else lang.day_and_time(at)
