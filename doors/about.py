"""What a row of the audit is about: ids and codes that we gave, and nothing that somebody typed. Whatever is sent in
place of an id, a name too, is left out: what does not look like one of ours, or is not in the set-up, is not kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Request

from clinic.setup import Setup
from doors.who import DEVICES, PEOPLE
from forms import sent

VISITS = ("visit", "visits", "visit_id", "whose")
"""Fields that name visits. They stand in a row as they are; everything else as `name=value`."""

OURS = ("help", "help_id", "note", "account", "device", "upload_id")
"""Fields that hold other ids of ours."""

READS_ITSELF = "lists.take"
"""A list of appointments is read where it is taken in, under limits of its own."""

ID = re.compile(r"(?=[a-f-]*[0-9])[0-9a-f-]{16,64}")
"""Sixteen or more hexadecimal digits: no name, no date, no telephone number."""


def about(request: Request, setup: Setup) -> list[str]:
    """What this request is about, from its address and, where it changes something, from what was sent."""
    found = list(_words(request.view_args or {}, setup))
    if request.method == "POST" and request.endpoint != READS_ITSELF:
        found += _words(sent(request), setup)
    return list(dict.fromkeys(found))


def is_id(text: Any) -> bool:
    """Whether this looks like an id that we gave."""
    return isinstance(text, str) and ID.fullmatch(text) is not None


def _words(fields: Mapping[str, Any], setup: Setup) -> Iterator[str]:
    for name in VISITS:
        yield from filter(is_id, _values(fields, name))
    for name in OURS:
        yield from (f"{name.removesuffix('_id')}={one}" for one in _values(fields, name) if is_id(one))
    closed = {
        "room": {room.id for room in setup.rooms},
        "service": {service.id for service in setup.services},
        "role": {*PEOPLE, *DEVICES},
    }
    for name, known in closed.items():
        values = [*_values(fields, name), *_values(fields, f"{name}_id")]
        yield from (f"{name}={one}" for one in values if isinstance(one, str) and one in known)


def _values(fields: Mapping[str, Any], name: str) -> Iterable[Any]:
    value = fields.getlist(name) if hasattr(fields, "getlist") else fields.get(name)
    return value if isinstance(value, list) else [value]
