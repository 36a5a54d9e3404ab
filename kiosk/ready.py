"""What is good to know while one waits: what to have ready, and where things are. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from clinic.line import Line, Visit
from clinic.setup import READY, Setup
from messages import AROUND
from messages import READY as WORDS

WAITS = ("waiting", "on_hold")


@dataclass(frozen=True)
class Ready:
    """`words`: what to have ready, as sentences of the catalogues; `also`: the same in the clinic's own words.

    `around`: what is there for who waits, each as a sentence of the catalogues and the clinic's words.
    """

    words: tuple[str, ...]
    also: tuple[str, ...]
    around: tuple[tuple[str, str], ...]


def ready(line: Line, visits: Collection[Visit]) -> Ready | None:
    """What those of `visits` who wait please have ready; None when nobody of them waits or somebody is called."""
    waiting = [visit for visit in visits if visit.status in WAITS]
    if not waiting or any(visit.status == "called" for visit in visits):
        return None
    key = ("ready", tuple(visit.service for visit in waiting))
    if key not in line.worked_out:  # the same for all who wait for the same
        line.worked_out[key] = _ready(line.setup, key[1])
    found: Ready = line.worked_out[key]
    return found


def _ready(setup: Setup, wanted: Collection[str]) -> Ready:
    services = [service for one in wanted if (service := setup.service(one))]
    codes = {code for service in services for code in service.ready}
    also = dict.fromkeys(own for service in services if (own := service.ready_also.rstrip(". ")))
    around = ((words, getattr(setup, name)) for name, words in AROUND.items())
    return Ready(
        words=tuple(WORDS[code] for code in READY if code in codes),
        also=tuple(also),
        around=tuple((words, where) for words, where in around if where),
    )
