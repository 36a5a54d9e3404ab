"""Appointments: what is kept of each, and how somebody at the tablet is matched to theirs. Pure.

Kept is only what greeting and calling somebody needs (EXPERIENCE K2): never a birth year in clear, an address or a reason.
"""

from dataclasses import dataclass
from datetime import datetime

NEEDS = ("large_text", "read_aloud", "fetch", "interpreter", "more_time", "quiet", "wheelchair")
"""What may help somebody (EXPERIENCE K17): words of a fixed list, so that no free text about a person is kept."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """One appointment as another system's list has it.

    id: that system's own. start: aware. service, room: ids of the set-up. clinician: a name, as written. place: empty
    when it is here, else the name of the other place. birthday: day and month. letters: the folded first letters that the
    family name may begin with. needs: of `NEEDS`. code: secret, printed on the invitation, if the list brings one. person:
    that system's id of the patient, who may have several appointments.
    """

    id: str
    start: datetime
    service: str
    minutes: float | None = None
    room: str | None = None
    clinician: str = ""
    place: str = ""
    name: str = ""
    birthday: tuple[int, int] | None = None
    year: int | None = None
    letters: str = ""
    language: str | None = None
    needs: tuple[str, ...] = ()
    code: str | None = None
    person: str = ""
    cancelled: bool = False
