"""Hostile texts through every input onto every screen, with Chromium as the victim (TRUST A1, A2).

Nothing of them runs, the policy has nothing to forbid, no element comes of them, and people read them as text.
"""

import json
import time
import uuid
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.names import clean_name, short_name
from clinic.setup import LETTERS
from tests.browser.conditions import RIGHT_AGAIN, all_live
from tests.browser.conftest import PHONE, STAFF, TABLET, TV, Screens
from tests.browser.server import Clinic, until
from tests.hostile import FORBIDDEN, NAMES, fitting

LISTEN = """window.violations = [];
addEventListener("securitypolicyviolation", (one) => violations.push(`${one.violatedDirective} ${one.blockedURI}`));"""

LOOK = """(names) => {
    const foreign = [...document.querySelectorAll("img, iframe, object, embed, math, marquee, base, video, audio, " +
        "style, [srcdoc], [href^='javascript:' i], [action^='javascript:' i], script:not([src^='/static/'])")];
    const loose = [], texts = [document.title];
    for (const node of document.querySelectorAll("*")) {
        for (const one of node.attributes) {
            if (one.name.startsWith("on")) foreign.push(node);
            if (["title", "aria-label", "data-say", "data-title"].includes(one.name)) texts.push(one.value);
        }
        if (node.matches("input")) texts.push(node.value);
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode;
        texts.push(data);
        if (!parentElement.closest("bdi, [dir=auto], option") && names.some((name) => data.includes(name)))
            loose.push(parentElement.outerHTML);
    }
    const html = (nodes) => nodes.map((one) => one.outerHTML);
    return { pwned: typeof window.pwned, violations, foreign: html(foreign), loose, texts }; }"""

ROUNDS = 12
"""Set-ups in which each text is the name of a room and of a service once, and in three languages."""

DISTINCT = tuple({clean_name(name).casefold(): name for name in NAMES}.values())
"""Rooms and clinicians each have a name of their own."""

GOES, LEFT, SEEN = fitting(30)[::3], NAMES[::9], 10
"""Who goes to somebody who asked; who left unseen; how many were seen and say what they think, in all the texts."""

WORDS = ("null", "undefined", "NaN")
ISOLATED = tuple(name for name in map(clean_name, NAMES) if name not in WORDS)
"""What may turn the words around it, unless it is set apart."""


def some(names: tuple[str, ...], count: int, after: int) -> list[str]:
    """So many of these names, beginning after so many, round and round."""
    return list(islice(cycle(names), after % len(names), after % len(names) + count))


def set_up(clinic: Clinic, at: int, **more: str) -> dict[str, str]:
    """The clinic's set-up with hostile texts in every field, others in each round; the fields that were sent."""
    own = ("name", "phone", "seating", "water", "toilets", "wifi")
    fields = dict(zip(own, some(NAMES, len(own), at * 5), strict=True))
    fields |= {
        "language": "en", "timezone": "UTC", "tv_inches": "50", "tv_metres": "4", "px_per_mm": "5.9",
        "names_on_tv": "on", "voice": "on", "volume": "80", "quiet_from": "", "quiet_until": "",
    }  # fmt: skip
    texts = iter(some(NAMES, 4 * len(LETTERS), at * 4 * len(LETTERS)))
    for letter in LETTERS:
        fields |= {f"id-{letter}": "doctor" if letter == "A" else letter, f"minutes-{letter}": "10"}
        fields |= {f"service-{letter}{lang}": next(texts) for lang in ("", "-es", "-ar")}
        fields |= {f"ready-also-{letter}": next(texts), f"ready-{letter}-letter": "on"}
    for slot, name in enumerate(some(DISTINCT, 12, at * 12)):
        fields |= {f"room-id-{slot}": f"room-{slot + 1}", f"room-{slot}": name}
        fields |= {f"serves-{slot}-{letter}": "on" for letter in LETTERS}
    fields |= more
    status, said = clinic.ask("POST", "/setup", fields, form=True)
    assert status == 303, said.decode(errors="replace")
    return fields


class Victims:
    """One browser for each kind of screen, with somebody who listens for what goes wrong in it."""

    def __init__(self, screens: Screens, clinic: Clinic):
        self._screens, self._clinic = screens, clinic
        self._pages: dict[str, Page] = {}

    def open(self, name: str, kind: dict[str, Any], path: str) -> Page:
        """This device, the same again for the same name, at this page, which must be there."""
        if name not in self._pages:
            page = self._pages[name] = self._screens.open(self._clinic.url + "/kiosk/sizes.css", kind)
            page.context.add_init_script(LISTEN)
        answer = self._pages[name].goto(self._clinic.url + path)
        assert answer
        assert answer.ok, path
        return self._pages[name]


def look(page: Page, names: list[str]) -> tuple[dict[str, Any], list[str]]:
    """What is on this page, and which of these cannot be read there though a push had its time to bring them."""
    end = time.monotonic() + RIGHT_AGAIN
    while True:
        found = page.evaluate(LOOK, ISOLATED)
        texts = [" ".join(text.split()) for text in found["texts"]]
        missing = [name for name in names if not any(name in text for text in texts)]
        if not missing or time.monotonic() > end:
            return found, missing
        time.sleep(0.03)


def unharmed(page: Page, *expected: str) -> None:
    """Nothing ran on this page, nothing came of any text but text, and all of these can be read there."""
    found, missing = look(page, [*map(clean_name, expected)])
    assert found["pwned"] == "undefined"
    assert found["violations"] == []
    assert found["foreign"] == []
    assert found["loose"] == [], page.url
    assert not (FORBIDDEN - set("\n\t")) & {c for text in found["texts"] for c in text}, page.url
    assert not missing, page.url


def calls(tv: Page, *tickets: str) -> bool:
    """Whether this TV calls all of these now."""
    band = " ".join((tv.locator(".tv-band").text_content() or "").split())
    return all(ticket in band for ticket in tickets)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path_factory.mktemp("hostile"), START="2026-11-23T09:00").start()
    yield clinic
    clinic.stop()


@pytest.fixture(scope="module")
def victims(browser: Browser, clinic: Clinic) -> Iterator[Victims]:
    screens = Screens(browser)
    yield Victims(screens, clinic)
    screens.close()


def test_what_is_pushed_to_live_screens_stays_text(clinic: Clinic, victims: Victims) -> None:
    set_up(clinic, ROUNDS)
    tv = victims.open("TV", TV, "/display")
    tablet = victims.open("tablet", TABLET, "/kiosk/services")
    phone = victims.open("phone", PHONE, clinic.check_in()["path"])
    staff = victims.open("staff", STAFF, "/staff")
    all_live([tv, tablet, phone, staff])
    for at in range(ROUNDS):
        fields = set_up(clinic, at)
        clinic.post("/staff/we-did", **{"line-1": fields["water"], "line-2": fields["wifi"]})
        called = some(NAMES, 3, at * 3)
        visits = [clinic.check_in(name=name, call_me="name") for name in called]
        for room, visit in enumerate(visits, 1):
            clinic.staff("call", visit=visit["visit"], room=f"room-{room}")
        until(partial(calls, tv, *(visit["ticket"] for visit in visits)), 5, "The TV calls them")
        short = [short_name(clean_name(name)) for name in called]
        rooms = [fields[f"room-{n}"] for n in range(12)]
        unharmed(tv, fields["name"], *rooms[:3], *short)
        unharmed(tablet, *(fields[f"service-{letter}"] for letter in LETTERS))
        unharmed(phone)
        unharmed(staff, *called, *rooms)
        for visit in visits:
            clinic.staff("leave", visit=visit["visit"])


@pytest.fixture
def crowd(clinic: Clinic) -> dict[str, dict[str, Any]]:
    """Everybody whose name is hostile, by name. Some asked for a person; some left or were seen before, and said so."""
    people = {f"clinician-{at}": name for at, name in enumerate(DISTINCT)}
    set_up(clinic, 1, also_called="\n".join(NAMES), **people)
    for room, clinician in enumerate(DISTINCT[:12], 1):
        clinic.staff("sign-in", room=f"room-{room}", name=clinician)
    for at in range(SEEN):
        seen = clinic.check_in(name=NAMES[at])
        clinic.staff("call", visit=seen["visit"], room="room-1")
        clinic.staff("finish", visit=seen["visit"])
        comment = " ".join(NAMES[at::SEEN])
        said = {"rating": "poor", "comment": comment, "asks": "yes", "contact": NAMES[at * 7]}
        status, answer = clinic.ask("POST", f"{seen['path']}/feedback", said, form=True)
        assert status == 303, answer.decode()
    for name in LEFT:
        left = clinic.check_in(name=name)["visit"]
        clinic.staff("leave", visit=left)
        clinic.staff("owner", whose=left, owner=name[:40], due="2026-11-24")
    here = {}
    for name in NAMES:
        here[name] = clinic.check_in(name=name, **{"need-interpreter": "yes", "spoken": name[:40]})
        if name in GOES:
            asked = {"place": here[name]["ticket"], "about": "payment", "request": uuid.uuid4().hex}
            clinic.staff("take-help", help=clinic.post("/kiosk/help", **asked)["help"], who=name)
    return here


def test_what_was_typed_is_text_on_every_page(
    clinic: Clinic, victims: Victims, crowd: dict[str, dict[str, Any]]
) -> None:
    first, asked = crowd[NAMES[0]]["visit"], crowd[GOES[-1]]["path"]
    for path, expected in {
        "": NAMES, "/day": NAMES, "/paper": NAMES, "/follow-ups": LEFT, "/feedback": NAMES, "/trust": (), "/new": (),
        "/screens": (), "/day-in-pictures": (), "/appointments": (), "/delay": (), "/apology/doctor": (),
        f"/visit/{first}": NAMES[:1], "/room/room-1": DISTINCT, "/clinician/clinician-1": DISTINCT[:1],
    }.items():  # fmt: skip
        unharmed(victims.open("staff", STAFF, f"/staff{path}"), *expected)
    unharmed(victims.open("staff", STAFF, "/setup"), *DISTINCT)
    unharmed(victims.open("staff", STAFF, "/"))
    unharmed(victims.open("phone", PHONE, asked), GOES[-1])
    for path in ("/leave", "/share", "/matters", "/question"):
        unharmed(victims.open("phone", PHONE, asked + path))
    for path in ("/display", "/display?mode=large", "/display/plain"):
        unharmed(victims.open("TV", TV, path))
    for path in ("/kiosk", "/kiosk/services", "/kiosk/details?service=doctor", "/kiosk/place?letter=A&number=1"):
        unharmed(victims.open("tablet", TABLET, path))


def test_what_somebody_types_at_the_tablet_comes_back_as_text(victims: Victims) -> None:
    tablet = victims.open("tablet", TABLET, "/kiosk/details?service=doctor")
    for at in range(0, len(NAMES), 10):
        # A field of one line takes no line ends.
        typed = "".join(some(NAMES, 10, at)).replace("\r", "").replace("\n", "") + "x" * 80
        tablet.locator("#name").evaluate("(field, text) => { field.value = text; field.id = 'typed'; }", typed)
        tablet.locator("#get-number").tap()
        expect(tablet.locator("#name")).to_have_value(clean_name(typed))
        expect(tablet.locator("#busy")).to_be_hidden()
        unharmed(tablet)


def test_what_another_system_sends_is_text_on_its_pages(clinic: Clinic, victims: Victims) -> None:
    set_up(clinic, 2, **{"service-A": "Doctor"})
    staff = victims.open("staff", STAFF, brought(clinic, appointments()))
    unharmed(staff)
    staff.locator("button[value=bring]").click()
    expect(staff.locator("#to-list")).to_be_visible()
    unharmed(staff)
    rows = json.loads(clinic.ask("GET", "/staff/appointments.json")[1])["appointments"]
    names = [row["name"] for row in rows]
    assert len(names) > 84
    unharmed(victims.open("staff", STAFF, "/staff/appointments"), *names[:40])
    unharmed(victims.open("staff", STAFF, "/staff/paper"), *names)
    unharmed(victims.open("staff", STAFF, f"/staff/invitation/{rows[0]['visit']}"), names[0])


def appointments() -> bytes:
    """One appointment for each name, and other hostile texts in its other parts; a few are for no service of ours."""
    rows = []
    for at, name in enumerate(NAMES):
        one, other = some(NAMES, 2, at + 7)
        rows.append({
            "id": f"{at} {one}", "start": f"2026-11-23T{12 + at // 60}:{at % 60:02}", "name": name, "clinician": other,
            "service": "Doctor" if at % 9 else one, "room": one, "needs": other, "language": one,
        })  # fmt: skip
    return json.dumps(rows).encode()


def brought(clinic: Clinic, data: bytes) -> str:
    """A person chooses this list; the path of the page that shows it."""
    head = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="list.json"\r\n\r\n'
    asked = Request(
        clinic.url + "/staff/appointments", head + data + b"\r\n--xx--\r\n",
        {"Content-Type": "multipart/form-data; boundary=xx", "Accept": "text/html"},
    )  # fmt: skip
    with urlopen(asked) as answer:
        return str(answer.url).removeprefix(clinic.url)
