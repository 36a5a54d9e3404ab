"""From what a row says to an appointment: the one place that decides it, whatever the list was written in. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from clinic.appointments import Appointment
from clinic.lists.cells import NAMES, is_formula
from clinic.lists.found import Raw, Remark
from clinic.lists.person import fold_letter, letters_of, shown_name
from clinic.lists.reading import NotTaken, Reading, short
from clinic.lists.when import birth_of, minutes_of, start_of
from clinic.lists.words import is_no_language, language_of, need_of, state_of
from clinic.names import NAME_LENGTH
from clinic.needs import NEEDS

SHORTEST_CODE = 8


_BETWEEN_NEEDS = re.compile(r"[,;|/\n+&]| and | y | und | et | e | و ")


def appointment(raw: Raw, reading: Reading) -> tuple[Appointment, list[Remark]]:
    """The appointment of a cleaned row, and what was left out of it. Raises NotTaken.

    Its id is empty where the list has none, its place as it is written there. Of a cancelled one there is
    only what tells which one it is: it may have no service, and it starts `now` where the list gives no start.
    """
    cells, line = raw.cells, raw.line
    state = state_of(cells.get("status", ""))
    if state == "not_booked":
        raise NotTaken(Remark(line, "status", "list_not_booked"))
    kept: list[Remark] = []
    name, letters = _name(line, cells, kept)
    birthday, year = birth_of(line, cells, reading, kept)
    basis: dict[str, Any] = {"name": name, "letters": letters, "birthday": birthday, "person": cells.get("patient", "")}
    if state == "cancelled":
        start = reading.now.astimezone(reading.zone)
        if not cells.get("id") or any(cells.get(part) for part in ("start", "date")):
            start = start_of(line, cells, reading)
        service = _known_service(cells, reading) or ""
        code = _code(line, cells, [])
        return Appointment(cells.get("id", ""), start, service, code=code, cancelled=True, **basis), []

    start = start_of(line, cells, reading)
    service = _service(line, cells, reading)
    room, place = _where(line, cells, service, reading, kept)
    language, needs = _help(line, cells, reading, kept)
    return Appointment(
        cells.get("id", ""), start, service, minutes_of(line, cells, start, reading, kept), room,
        _clinician(line, cells, kept), place, year=year, language=language, needs=needs,
        code=_code(line, cells, kept), **basis,
    ), kept  # fmt: skip


def _known_service(cells: Mapping[str, str], reading: Reading) -> str | None:
    written = cells.get("service", "")
    options = (written.replace("\n", " "), *written.split("\n"))
    known = next((reading.services[one.casefold()] for one in options if one.casefold() in reading.services), None)
    if known:
        return known
    if reading.setup.service(reading.choices.service):
        return reading.choices.service
    return reading.setup.services[0].id if not written and len(reading.setup.services) == 1 else None


def _service(line: int, cells: Mapping[str, str], reading: Reading) -> str:
    service = _known_service(cells, reading)
    if service:
        return service
    known = ", ".join(one.name for one in reading.setup.services)
    if not cells.get("service"):
        raise NotTaken(Remark(line, "service", "list_service_missing", {"known": known}))
    written = short(cells["service"].split("\n")[0])
    raise NotTaken(Remark(line, "service", "list_service_unknown", {"service": written, "known": known}))


def _where(
    line: int, cells: Mapping[str, str], service: str, reading: Reading, kept: list[Remark]
) -> tuple[str | None, str]:
    """The room, and the place as it is written; what stands as a place may be a room of ours."""
    places = cells.get("place", "").split("\n")
    rooms = [reading.rooms[one.casefold()] for one in places if one.casefold() in reading.rooms]
    place = next((one for one in places if one.casefold() not in reading.rooms), "")
    written = cells.get("room", "")
    room = reading.rooms.get(written.casefold()) if written else next(iter(rooms), None)
    if written and room is None:
        kept.append(Remark(line, "room", "list_room_unknown", {"room": short(written)}))
    if room and room not in reading.setup.serving(service):
        kept.append(Remark(line, "room", "list_room_other", {"room": short(written or places[0])}))
        room = None
    return room, place


def _clinician(line: int, cells: Mapping[str, str], kept: list[Remark]) -> str:
    text = cells.get("clinician", "")
    if len(text) <= NAME_LENGTH:
        return text
    kept.append(Remark(line, "clinician", "list_name_long", {"text": short(text), "limit": NAME_LENGTH}))
    return ""


def _name(line: int, cells: Mapping[str, str], kept: list[Remark]) -> tuple[str, str]:
    """How to show the name, and the letters that the family name may begin with."""
    name, family = shown_name(*(cells.get(part, "") for part in NAMES))
    # "Family, Given" is turned round: what comes first now may be what a sheet would run.
    if name and is_formula("name", name):
        raise NotTaken(Remark(line, "name", "looks_like_formula", {"column": "name"}))
    letters = fold_letter(cells.get("letter", "")) or letters_of(family, name)
    if len(name) > NAME_LENGTH:
        kept.append(Remark(line, "name", "list_name_long", {"text": short(name), "limit": NAME_LENGTH}))
        name = ""
    return name, letters


def _help(
    line: int, cells: Mapping[str, str], reading: Reading, kept: list[Remark]
) -> tuple[str | None, tuple[str, ...]]:
    """The language, and the needs in the order of `NEEDS`: an interpreter too, for a language that is not ours."""
    needs = set()
    language = None
    if (text := cells.get("language", "")) and not is_no_language(text):
        language = language_of(text, reading.languages)
        if language is None:
            needs.add("interpreter")
            kept.append(Remark(line, "language", "list_language_other", {"language": short(text)}))
    if text := cells.get("needs", ""):
        words = [word.strip() for word in _BETWEEN_NEEDS.split(text) if word.strip()]
        found = [need_of(word) for word in words]
        needs.update(need for need in found if need)
        if not all(found):
            # Which words stays unsaid: they may be about somebody's health.
            kept.append(Remark(line, "needs", "list_needs_unknown"))
    return language, tuple(need for need in NEEDS if need in needs)


def _code(line: int, cells: Mapping[str, str], kept: list[Remark]) -> str | None:
    text = cells.get("code", "")
    code = "".join(c for c in text if not c.isspace() and c not in "-–—").upper()
    if not code:
        return None
    if len(code) < SHORTEST_CODE or not (code.isascii() and code.isalnum()):
        kept.append(Remark(line, "code", "list_code_easy", {"limit": SHORTEST_CODE}))
        return None
    return code
