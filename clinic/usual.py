"""Who works in which room as a rule: what the form that opens the day proposes. Pure."""

from collections.abc import Iterable, Mapping

from clinic.setup import Clinician, Setup


def usual_rooms(setup: Setup, signed_in: Iterable[tuple[str, str]], booked: Mapping[str, int]) -> dict[str, str]:
    """The clinician proposed for each room. `signed_in`: (room, clinician) so far, the latest last; `booked`: how many
    each clinician sees today.

    Who has people booked comes first: in the room they used last, else in the first free one that suits them. Other
    rooms keep who was there last.
    """
    room_of: dict[str, str] = {}
    last_in: dict[str, str] = {}
    for room, clinician in signed_in:
        if setup.room(room) and setup.clinician(clinician):
            room_of[clinician], last_in[room] = room, clinician
    found: dict[str, str] = {}
    working = sorted((one for one in setup.clinicians if booked.get(one.id)), key=lambda one: -booked[one.id])
    for one in working:
        if room_of.get(one.id) and room_of[one.id] not in found:
            found[room_of[one.id]] = one.id
    for room, clinician in last_in.items():
        if room not in found and clinician not in found.values() and room_of[clinician] == room:
            found[room] = clinician
    for one in working:
        if one.id not in found.values():
            free = _free_room(setup, one, found)
            if free:
                found[free] = one.id
    return found


def _free_room(setup: Setup, clinician: Clinician, taken: Mapping[str, str]) -> str | None:
    suits = (
        place.id for place in setup.rooms
        if not clinician.services or set(place.services).intersection(clinician.services)
    )  # fmt: skip
    return next((room for room in suits if room not in taken), None)
