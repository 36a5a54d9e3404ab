"""A delay in Chromium: two clicks say sorry, two clicks note its reason, and every screen can be read whole."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import expect

from clinic import commands
from tests.browser.axe import violations
from tests.browser.booked import before_it_starts
from tests.browser.conditions import all_live, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic
from tests.browser.test_day_staff import Mouse
from tests.browser.test_tv import CUT
from tests.conftest import FakeClock

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
LANGUAGES = ["en", "es", "ar"]
TECHNICAL = "We have a technical problem."


def late(folder: Path, *minutes: int) -> Clinic:
    """A clinic at half past ten whose patients, Patient 0 and on, were booked so many minutes ago and still wait."""
    clinic, clock = Clinic(folder, START=f"{NOW:%Y-%m-%dT%H:%M}"), FakeClock(NOW - timedelta(hours=2))
    with before_it_starts(clinic, clock) as desk:
        for n, over in enumerate(minutes):
            booked = NOW - timedelta(minutes=over)
            clock.time = booked - timedelta(minutes=5)
            desk.do(
                commands.check_in, by="test", visit=f"late-{n}", service="doctor", booked=booked, name=f"Patient {n}"
            )
    return clinic.start()


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Callable[..., Clinic]]:
    """Starts the one clinic of a test, that many minutes behind."""
    clinics: list[Clinic] = []

    def start(*minutes: int) -> Clinic:
        clinics.append(late(tmp_path, *minutes))
        return clinics[-1]

    yield start
    for clinic in clinics:
        clinic.stop()


@pytest.fixture(scope="module")
def long_delay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """A clinic with long waits that said sorry and why: the tests of how it looks share it, and change nothing."""
    clinic = late(tmp_path_factory.mktemp("late"), 65, 35, 20)
    clinic.staff("apologise", reason="more_time")
    clinic.staff("note-delay", reason="technical")
    yield clinic
    clinic.stop()


def phone_of(clinic: Clinic, visit: str) -> str:
    """The path of this patient's own page."""
    status, said = clinic.ask("GET", f"/staff/visit/{visit}")
    assert status == 200
    return "/t/" + said.decode().split("/t/", 1)[1][:22]


def test_an_apology_is_read_before_it_goes_and_takes_two_clicks(
    screens: Screens, behind: Callable[..., Clinic]
) -> None:
    clinic = behind(50, 35, 31, 10)
    staff, phone = screens.staff(clinic), screens.phone(clinic, phone_of(clinic, "late-1"))
    all_live([staff, phone])
    expect(staff.locator("#sorry-doctor")).to_contain_text("3 people need a sorry")
    mouse = Mouse()
    mouse.click(staff.locator("#apologise-doctor"))
    expect(staff.locator("#preview")).to_contain_text("We're sorry. We are running about 45 minutes late.")
    expect(staff.locator("#preview")).to_contain_text("step out and come back, or ask us for another time.")
    assert violations(staff) == []
    mouse.click(staff.locator("dialog #sorry-short_of_staff"))
    expect(staff.locator("#toast")).to_contain_text("3 people can read it now.")
    assert mouse.clicks == 2
    expect(staff.locator("#undo")).to_be_hidden()
    expect(staff.locator("#sorry-doctor")).to_have_count(0)
    expect(phone.locator("h1")).to_have_text("We're sorry. We are running about 30 minutes late.")
    expect(phone.locator("#sorry")).to_contain_text("We are short of staff today.")
    assert violations(phone) == []


def test_only_a_person_s_click_ends_a_task_to_speak_to_somebody(
    screens: Screens, behind: Callable[..., Clinic]
) -> None:
    clinic = behind(65)
    staff, phone = screens.staff(clinic), screens.phone(clinic, phone_of(clinic, "late-0"))
    all_live([staff, phone])
    expect(staff.locator("#speak-late-0")).to_contain_text("Patient 0")
    expect(phone.locator("#speak")).to_have_text("Someone will come and speak to you by 10:35.")
    assert violations(staff) == []
    staff.locator("#spoken-late-0").click()
    expect(staff.locator("#speak-late-0")).to_have_count(0)
    expect(phone.locator("#speak")).to_have_text("You can ask us at the desk at any time.")
    staff.locator("#undo").click()
    expect(staff.locator("#speak-late-0")).to_be_visible()


def test_a_delay_note_is_two_clicks_and_one_ends_it(screens: Screens, behind: Callable[..., Clinic]) -> None:
    clinic = behind(10)
    staff, phone, tv = screens.staff(clinic), screens.phone(clinic, phone_of(clinic, "late-0")), screens.tv(clinic)
    tablet = screens.tablet(clinic, "/kiosk/place?letter=A&number=1")
    all_live([staff, phone, tv])
    mouse = Mouse()
    mouse.click(staff.locator("#note-delay"))
    expect(staff.locator("dialog #note-technical")).to_be_visible()
    assert violations(staff) == []
    mouse.click(staff.locator("dialog #note-technical"))
    assert mouse.clicks == 2
    for screen in (phone, tv, tablet):
        tablet.reload()
        expect(screen.locator("#screen, body").first).to_contain_text(TECHNICAL)
    staff.get_by_role("button", name="The delay is over").click()
    for screen in (phone, tv):
        expect(screen.locator("body")).not_to_contain_text(TECHNICAL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_delay_can_be_read_whole_on_a_small_phone_and_the_tablet(
    screens: Screens, long_delay: Clinic, language: str
) -> None:
    clinic = long_delay
    phone = screens.phone(clinic, "/t")
    phone.set_viewport_size({"width": 320, "height": 640})
    tablet = screens.tablet(clinic)
    for n in range(3):
        phone.goto(f"{clinic.url}{phone_of(clinic, f'late-{n}')}?lang={language}")
        assert not too_wide(phone)
        for size in ("normal", "large"):
            tablet.goto(f"{clinic.url}/kiosk/place?letter=A&number={n + 1}&lang={language}&size={size}")
            for width, height in ((1280, 800), (1024, 768)):
                tablet.set_viewport_size({"width": width, "height": height})
                worse, footer = tablet.locator(".worse").bounding_box(), tablet.locator("footer").bounding_box()
                assert worse
                assert footer
                assert worse["y"] + worse["height"] <= footer["y"] + 1, f"{n}, {size}, {width}"
                assert footer["y"] + footer["height"] <= height, f"{n}, {size}, {width}"


def test_delay_notes_can_be_read_whole_on_the_tv_beside_calls_and_without(
    screens: Screens, behind: Callable[..., Clinic]
) -> None:
    clinic = behind(20, 15, 10, 5)
    clinic.check_in("nurse")
    clinic.staff("note-delay", reason="urgent_care", service="nurse")
    tv = screens.tv(clinic)
    for calls in (0, 2):
        for room in ("room-1", "room-3")[:calls]:
            clinic.staff("call-next", room=room)
        for reason in ("more_time", "short_of_staff"):
            clinic.staff("note-delay", reason=reason, service="doctor")
            for at, mode in product(LANGUAGES, ("main", "large")):
                tv.goto(f"{clinic.url}/display?lang={at}&mode={mode}")
                all_live([tv])
                expect(tv.locator(".tv-call")).to_have_count(calls)
                for line in range(int(tv.locator("#tv").get_attribute("data-lines") or 0)):
                    tv.evaluate("line => { document.body.dataset.line = line; }", str(line))
                    assert tv.evaluate(CUT) == [], f"{tv.url}: {reason}, {calls} calls, line {line}"
