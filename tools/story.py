"""A bad day lived by one patient, with a picture whenever her phone says something new: what docs/story.md shows.

It runs the demo's bad day on a real server and follows one person without an appointment from her check-in to the
thank-you; beside her phone, the TV and the staff page at some moments. The pictures go to docs/story/, named by their
time.
"""

import os
import shutil
import socket
import sys
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402 - the project's own folder comes first

import simulated  # noqa: E402
from bookings import MINUTE  # noqa: E402
from demo import Clinic, running  # noqa: E402
from simulated import Answer, Day, Person  # noqa: E402

PORT, SPEED, SEED = "8149", 30.0, 7
START = datetime.fromisoformat("2026-11-24T08:55:00+00:00")
FOLDER = ROOT / "docs" / "story"
PHONE, TV, DESK = (390, 844), (1920, 1080), (1440, 900)
LONGEST = 180 * MINUTE
SHE_COMES = 18 * MINUTE
GONE_HOME = 4 * MINUTE


class Told(Day):
    """The bad day, with one patient whose phone we look at over her shoulder: `hers` is its path, once she has one."""

    hers = ticket = ""
    done_at = 0.0

    def check_in(self, service: str, surely: bool = False, **more: str) -> Answer | None:
        """Who comes for a doctor without an appointment once the room has filled is the one we follow."""
        ours = service == "doctor" and self.now > SHE_COMES and not self.hers
        answer = super().check_in(service, surely or ours, **more, **({"language": "en"} if ours else {}))
        if answer and ours:
            self.hers, self.ticket = self.people[answer["visit"]].phone, answer["ticket"]
        return answer

    def wishes(self, language: str) -> dict[str, str]:
        """What would help the others; she asks for nothing."""
        return super().wishes(language) if self.hers or self.now <= SHE_COMES else {}

    def answers_call(self, person: Person, answers_in: float) -> Generator[float, None, bool]:
        """She says that she is on the way."""
        if person.ticket != self.ticket:
            return (yield from super().answers_call(person, answers_in))
        yield 0.5 * MINUTE
        self.says(person, "coming", "is on the way")
        yield MINUTE
        return True

    def tell(self, command: str, said: str, **fields: Any) -> Answer | None:
        """As ever; and when hers has ended, we know."""
        answer = super().tell(command, said, **fields)
        if answer and self.hers and answer.get("ticket") == self.ticket and answer.get("status") == "done":
            self.done_at = self.now
        return answer


class Camera:
    """Takes a picture of her phone when it says something new, and of what else is asked for."""

    def __init__(self, phone: Page, tv: Page, desk: Page):
        self.phone, self.tv, self.desk = phone, tv, desk
        self.seen = ""
        self.taken: list[str] = []

    def look(self, day: Told) -> None:
        """A picture if her page says another thing than at the last one."""
        if not self.phone.url.endswith(day.hers + "?lang=en"):
            self.phone.goto(f"http://127.0.0.1:{PORT}{day.hers}?lang=en")
        told = "h1, #place, #first, .card.estimate, #sorry, #delay, #speak, .closing"
        said = " | ".join(" ".join(one.inner_text().split()) for one in self.phone.query_selector_all(told))
        # Minutes that only count down are no news.
        news = " | ".join(part for part in said.split(" | ") if not part.startswith(("About", "Within")))
        if news != self.seen:
            self.seen = news
            self.take(self.phone, day, "phone")
            print("   ", said, flush=True)

    def take(self, page: Page, day: Told, name: str) -> None:
        """One picture, named by the clinic's time."""
        at = START + timedelta(seconds=day.now)
        page.wait_for_timeout(350)  # a push and its fade
        self.taken.append(f"{at:%H%M}-{name}.png")
        page.screenshot(path=FOLDER / self.taken[-1])


def live(clinic: Clinic, camera: Camera) -> None:
    """The day until she has gone home."""
    moments = {"tv": 30 * MINUTE, "staff": 60 * MINUTE, "staff-late": 79 * MINUTE}

    def wait_until(when: float) -> None:
        clinic.wait_until(when)
        if day.hers:
            camera.look(day)
        for name, at in list(moments.items()):
            if day.hers and day.now >= at:
                camera.take(camera.tv if name == "tv" else camera.desk, day, name)
                del moments[name]

    day = Told(clinic.post, clinic.read, clinic.say, Random(SEED), 0.0, START, bad=True)
    day.plan(0, stop(day))
    day.play(wait_until)


def stop(day: Told) -> Any:
    """End the day when she has gone home."""
    while not (day.done_at and day.now > day.done_at + GONE_HOME) and day.now < LONGEST:
        yield 15.0
    day.over = True


def main() -> None:
    """Live it, and leave the pictures behind."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    # Pictures show no boxes where a machine has no font for a name.
    simulated.NAMES["en"] = tuple(name for name in simulated.NAMES["en"] if name.isascii())
    bell, _button = socket.socketpair()
    chosen = {"SPEED": str(SPEED), "START": START.isoformat(), "ASYNC": "eventlet"}
    with sync_playwright() as play, running(bell, PORT, **chosen) as clinic:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=root)
        pages = [chromium.new_page(viewport={"width": w, "height": h}) for w, h in (PHONE, TV, DESK)]
        clinic.begin(START, SPEED)
        pages[1].goto(f"http://127.0.0.1:{PORT}/display")
        pages[2].goto(f"http://127.0.0.1:{PORT}/staff")
        camera = Camera(*pages)
        live(clinic, camera)
        print("Pictures:", *camera.taken, sep="\n  ")
        chromium.close()


if __name__ == "__main__":
    main()
