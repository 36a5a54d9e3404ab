"""What is needed to understand a row, and how one is refused. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from clinic.lists.found import Choices, Remark
from clinic.setup import Setup


@dataclass(frozen=True)
class Reading:
    """What is needed to understand a row: the clinic, its languages, the time, what staff said, and the whole list.

    columns: by field its header. order: how the list writes dates.
    """

    setup: Setup
    languages: Mapping[str, str]
    now: datetime
    choices: Choices
    columns: Mapping[str, str] = field(default_factory=dict)
    order: str = ""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's."""
        return ZoneInfo(self.setup.timezone)

    @cached_property
    def today(self) -> date:
        """The date at the clinic."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def services(self) -> dict[str, str]:
        """The id of a service by each of its names, in any language."""
        named = {
            name.casefold(): service.id
            for service in self.setup.services
            for name in (*service.names.values(), service.name)
        }
        return named | {service.id.casefold(): service.id for service in self.setup.services}

    @cached_property
    def rooms(self) -> dict[str, str]:
        """The id of a room by its name."""
        named = {room.name.casefold(): room.id for room in self.setup.rooms}
        return named | {room.id.casefold(): room.id for room in self.setup.rooms}


class NotTaken(Exception):
    """This row cannot be used; the remark says why."""

    def __init__(self, remark: Remark):
        super().__init__(remark.code)
        self.remark = remark


def short(text: str) -> str:
    """The text as far as a sentence needs it."""
    return text if len(text) <= 40 else f"{text[:39]}…"
