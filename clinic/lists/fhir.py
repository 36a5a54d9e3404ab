"""A FHIR R4 Bundle of Appointments with whom and what they refer to, from its JSON. Pure.

Read is what the HL7 specification of R4 names; what a server adds is passed over.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from clinic.lists.found import Raw, Remark, Unreadable
from clinic.lists.table import BREATH, MOST_ROWS

CANCELLED = ("cancelled", "noshow", "entered-in-error")
NOT_BOOKED = ("proposed", "pending", "waitlist")

Resource = Mapping[str, Any]


def bundle(whole: Resource, breathe: Callable[[], None]) -> list[Raw | Remark]:
    """Every Appointment of the bundle; its line is the number of its entry, counted from 1. Raises Unreadable."""
    if whole.get("resourceType") != "Bundle":
        raise Unreadable("list_no_bundle")
    entries = [(number, entry) for number, entry in enumerate(_objects(whole.get("entry")), 1)]
    known = _known(entries)
    rows: list[Raw | Remark] = []
    for number, entry in entries:
        resource = entry.get("resource")
        if not isinstance(resource, dict) or resource.get("resourceType") != "Appointment":
            continue
        if len(rows) == MOST_ROWS:
            raise Unreadable("list_too_long", limit=MOST_ROWS)
        if not len(rows) % BREATH:
            breathe()
        if resource.get("status") in NOT_BOOKED:
            rows.append(Remark(number, "status", "list_not_booked"))
        else:
            rows.append(Raw(number, _cells(resource, known)))
    return rows


def _objects(value: Any) -> list[Resource]:
    """The elements of a list, those that are no objects as empty ones, so that counting them stays right."""
    return [one if isinstance(one, dict) else {} for one in value] if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return ""
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _known(entries: list[tuple[int, Resource]]) -> dict[str, Resource]:
    """Every resource by what may refer to it: the address of its entry, and its type and id."""
    known: dict[str, Resource] = {}
    for _, entry in entries:
        resource = entry.get("resource")
        if isinstance(resource, dict):
            names = (_text(entry.get("fullUrl")), f"{_text(resource.get('resourceType'))}/{_text(resource.get('id'))}")
            for name in names:
                known.setdefault(name, resource)
    return known


def _cells(resource: Resource, known: Mapping[str, Resource]) -> dict[str, str]:
    """By field what the appointment and those who take part in it say."""
    own = {f"#{_text(one.get('id'))}": one for one in _objects(resource.get("contained"))}
    services = [text for concept in _objects(resource.get("serviceType")) for text in _concept(concept)]
    places: list[str] = []
    cells = {
        "id": _text(resource.get("id")),
        "start": _text(resource.get("start")),
        "end": _text(resource.get("end")),
        "minutes": _text(resource.get("minutesDuration")),
        "status": "cancelled" if resource.get("status") in CANCELLED else "",
    }
    for actor, kind, shown, reference in _actors(resource, own, known):
        if kind == "Patient" and "patient" not in cells:
            cells |= {"patient": reference, "name": shown, **_patient(actor)}
        elif kind in ("Practitioner", "PractitionerRole") and not cells.get("clinician"):
            cells["clinician"] = shown or _human(actor).get("name", "")
        elif kind == "Location":
            places.append(shown or _text(actor.get("name")))
        elif kind == "HealthcareService":
            types = [text for concept in _objects(actor.get("type")) for text in _concept(concept)]
            services += [shown, _text(actor.get("name")), *types]
    cells["service"] = "\n".join(dict.fromkeys(filter(None, services)))
    cells["place"] = "\n".join(dict.fromkeys(filter(None, places)))
    return cells


def _actors(
    resource: Resource, own: Mapping[str, Resource], known: Mapping[str, Resource]
) -> Iterator[tuple[Resource, str, str, str]]:
    """Who takes part: the resource as far as it is there, its type, how it is called, and its id."""
    for participant in _objects(resource.get("participant")):
        actor = participant.get("actor")
        if not isinstance(actor, dict) or participant.get("status") == "declined":
            continue
        reference = _text(actor.get("reference")).partition("/_history/")[0]
        tail = "/".join(reference.split("/")[-2:])
        found = own.get(reference) or known.get(reference) or known.get(tail) or {}
        kind = _text(found.get("resourceType")) or _text(actor.get("type")) or tail.partition("/")[0]
        shown = _text(actor.get("display"))
        if kind == "PractitionerRole" and not shown and isinstance(found.get("practitioner"), dict):
            of_role = found["practitioner"]
            named = known.get(_text(of_role.get("reference")), {})
            shown = _text(of_role.get("display")) or _human(named).get("name", "")
        # The id of somebody contained means nothing outside of this one appointment.
        id_ = "" if reference in own else _text(found.get("id")) or reference.rpartition("/")[2]
        yield found, kind, shown, id_


def _concept(concept: Resource) -> list[str]:
    """All that a CodeableConcept may be known by, the plainest first."""
    codings = _objects(concept.get("coding"))
    return [_text(concept.get("text")), *(_text(one.get(part)) for part in ("display", "code") for one in codings)]


def _human(resource: Resource) -> dict[str, str]:
    """The name of a person: the official one, else the usual one, else the first that is not an old one."""
    names = [one for one in _objects(resource.get("name")) if one.get("use") not in ("old", "maiden")]
    rank = {"official": 0, "usual": 1}
    name = min(names, key=lambda one: rank.get(_text(one.get("use")), 2), default={})
    listed = name.get("given")
    given = " ".join(filter(None, map(_text, listed))) if isinstance(listed, list) else _text(listed)
    family = _text(name.get("family"))
    text = _text(name.get("text")) or " ".join(filter(None, (given, family)))
    return {field: value for field, value in (("name", text), ("family", family), ("given", given)) if value}


def _patient(patient: Resource) -> dict[str, str]:
    """By field what is needed of a patient."""
    spoken = _objects(patient.get("communication"))
    first = next((one for one in spoken if one.get("preferred") is True), spoken[0] if spoken else {})
    language = first.get("language")
    codings = _objects(language.get("coding")) if isinstance(language, dict) else []
    said = [_text(one.get("code")) for one in codings]
    said += _concept(language) if isinstance(language, dict) else []
    cells = {"birth": _text(patient.get("birthDate")), "language": next(filter(None, said), "")}
    return {**_human(patient), **{field: value for field, value in cells.items() if value}}
