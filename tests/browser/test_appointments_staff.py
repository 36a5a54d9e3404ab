"""Appointments on the staff's screen: a list comes in, one tap checks people in, paper outlives the server."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conditions import all_live, all_say_so, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until

HEADS = "Cita ID,Date,Time,Minutes,Service,Clinician,Whom,Date of Birth,Needs"
START = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - as the list writes it
NAMES = ("Maya Okafor", "عائشة الزهراء", "Ñandú O'Brien-Jones", "Łukasz Wójcik", "Zoë Müller", "Sam Lee")


def as_list(people: int, first: int = 10, step: int = 6) -> bytes:
    """So many people of today, from so many minutes after nine on."""
    rows = [HEADS]
    for n in range(people):
        at = START + timedelta(minutes=first + n * step)
        service, clinician = ("Nurse", "") if n % 3 == 2 else ("Doctor", "Dr Ruiz" if n % 2 else "")
        needs = ("", "wheelchair", "", "interpreter; more time")[n % 4]
        rows.append(
            f"{n},{at:%Y-%m-%d},{at:%H:%M},15,{service},{clinician},{NAMES[n % len(NAMES)]} {n},1984-03-27,{needs}"
        )
    return "\r\n".join(rows).encode()


@pytest.fixture
def office(found: Any) -> Clinic:
    """A clinic at nine on the lists' own day."""
    clinic: Clinic = found(START="2026-11-23T09:00")
    return clinic


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The same with nine people booked, one of them here: for the tests that look and change nothing."""
    clinic = Clinic(tmp_path_factory.mktemp("listed"), START="2026-11-23T09:00").start()
    send(clinic, as_list(9))
    clinic.staff("check-in", visit=visits(clinic)[0]["visit"])
    yield clinic
    clinic.stop()


def send(clinic: Clinic, data: bytes, **fields: str) -> dict[str, Any]:
    """A program brings this list in, with its column of names matched."""
    columns = json.dumps({"id": "Cita ID", "name": "Whom", **fields})
    body = b"".join(
        b'--xx\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name, more, value)
        for name, more, value in ((b"columns", b"", columns.encode()), (b"file", b'; filename="a.csv"', data))
    )
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", clinic.port, timeout=30)
    kind = "multipart/form-data; boundary=xx"
    connection.request("POST", "/staff/appointments", body + b"--xx--\r\n", {"Content-Type": kind})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    assert answer.status == 200, said
    connection.close()
    return dict(said)


def visits(clinic: Clinic) -> list[dict[str, Any]]:
    """The day's appointments as programs read them."""
    return list(json.loads(clinic.ask("GET", "/staff/appointments.json")[1])["appointments"])


def accessible(page: Page) -> None:
    found = violations(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_list_comes_in_with_a_column_matched_by_hand_and_the_next_one_by_one_click(
    screens: Screens, office: Clinic, tmp_path: Path, lang: str
) -> None:
    file = tmp_path / "today.csv"
    file.write_bytes(as_list(12) + b"\r\n99,2026-11-23,25:99,15,Doctor,,Nobody,1984-03-27,")
    staff = screens.staff(office, f"/staff/appointments?lang={lang}")
    all_live([staff])
    expect(staff.locator("#bring form")).to_be_visible()
    accessible(staff)

    staff.locator("#file").set_input_files(file)
    staff.locator("#look").click()
    expect(staff.locator("#matching")).to_be_visible()
    accessible(staff)
    assert not too_wide(staff)
    staff.get_by_label("Cita ID", exact=True).select_option("id")
    staff.get_by_label("Whom", exact=True).select_option("name")
    staff.locator("#look").click()
    expect(staff.locator(".wide")).to_contain_text("Maya Okafor 0")
    expect(staff.locator(".remarks")).to_contain_text("25:99")
    staff.locator("#bring-in").click()

    expect(staff.locator("#to-list")).to_be_visible()
    expect(staff.locator(".counts")).to_contain_text("12")
    expect(staff.locator(".remarks")).to_contain_text("14")
    accessible(staff)
    staff.locator("#to-list").click()
    expect(staff.locator("tbody tr")).to_have_count(12)

    file.write_bytes(as_list(13, first=20))
    staff.locator("#bring summary").click()
    staff.locator("#file").set_input_files(file)
    staff.locator("#look").click()
    expect(staff.locator("#bring-in")).to_be_focused()
    expect(staff.locator("#matching")).not_to_have_attribute("open", "")
    staff.keyboard.press("Enter")
    expect(staff.locator("#to-list")).to_be_visible()
    assert len(visits(office)) == 13


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(
    screens: Screens, listed: Clinic, tmp_path: Path
) -> None:
    file = tmp_path / "large.csv"
    with file.open("wb") as large:
        large.truncate(17 * 1024 * 1024)
    staff = screens.staff(listed, "/staff/appointments")
    staff.locator("#bring summary").click()
    staff.locator("#file").set_input_files(file)

    expect(staff.locator("#file-problem")).to_contain_text("16 MB")
    assert staff.locator("#file").input_value() == ""


def test_the_bar_fills_while_people_check_in(screens: Screens, office: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_bytes(as_list(3000, first=0, step=0))
    staff = screens.staff(office, "/staff/appointments")
    staff.locator("#file").set_input_files(file)
    staff.locator("#look").click()
    staff.locator("#bring-in").click()
    expect(staff.locator("#bar, #to-list").first).to_be_visible()
    assert office.check_in()["ticket"]
    expect(staff.locator("#to-list")).to_be_visible(timeout=60_000)
    expect(staff.locator(".counts")).to_contain_text("3000")


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_one_tap_checks_in_misses_and_brings_back(screens: Screens, office: Clinic, lang: str) -> None:
    send(office, as_list(8, first=0))
    first, second = (one["visit"] for one in visits(office)[:2])
    staff, other = (screens.staff(office, f"/staff/appointments?lang={lang}") for _ in range(2))
    console = screens.staff(office, f"/staff?lang={lang}")
    all_live([staff, other, console])
    expect(console.locator("#expected-count")).to_have_text("8")
    accessible(staff)
    assert not too_wide(staff)

    staff.locator(f"#in-{first}").click()
    for page in (staff, other):
        expect(page.locator(f"#row-{first} .chip")).to_contain_text(re.compile("[AH]\u202f01"))
    expect(console.locator("#expected-count")).to_have_text("7")
    staff.locator(f"#off-{second}").focus()
    staff.keyboard.press("Enter")
    expect(other.locator(f"#in-{second}")).to_be_visible()
    expect(staff.locator("#undo")).to_be_visible()
    staff.keyboard.press("u")
    expect(other.locator(f"#off-{second}")).to_be_visible()

    third = visits(office)[2]["visit"]
    expect(staff.locator(f"#missed-{third}")).to_be_disabled()
    expect(staff.locator("html")).to_have_attribute("lang", lang)


def test_who_missed_it_is_back_by_one_tap(screens: Screens, office: Clinic) -> None:
    send(office, as_list(3, first=-30))
    first = visits(office)[0]["visit"]
    staff = screens.staff(office, "/staff/appointments")
    all_live([staff])
    staff.locator("#filter-late").click()
    expect(staff.locator("tbody tr:visible")).to_have_count(3)
    staff.locator(f"#missed-{first}").click()
    expect(staff.locator("tbody tr:visible")).to_have_count(2)
    staff.locator("#filter-missed").click()
    staff.locator(f"#back-{first}").click()
    expect(staff.locator("#nothing")).to_be_visible()
    staff.locator("#filter-all").click()
    expect(staff.locator(f"#in-{first}")).to_be_visible()


def test_somebody_is_found_by_a_few_letters_among_three_hundred(screens: Screens, office: Clinic) -> None:
    send(office, as_list(300, first=0, step=2))
    staff = screens.staff(office, "/staff/appointments")
    all_live([staff])
    expect(staff.locator("tbody tr")).to_have_count(300)
    staff.keyboard.press("/")
    staff.keyboard.type("nandu o'brien-jones 8")
    expect(staff.locator("tbody tr:visible")).to_have_count(3)  # 8, 80 and 86
    sizes = (
        staff.locator("tbody tr:visible")
        .first.locator("button")
        .evaluate_all(
            "buttons => buttons.map(one => one.getBoundingClientRect()).map(box => Math.min(box.width, box.height))"
        )
    )
    assert sizes
    assert min(sizes) >= 48


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_at_twice_the_size_nothing_is_cut_off(screens: Screens, listed: Clinic, lang: str) -> None:
    page = screens.staff(listed, viewport={"width": 720, "height": 450})
    for path in ("appointments", "paper", f"invitation/{visits(listed)[3]['visit']}"):
        page.goto(f"{listed.url}/staff/{path}?lang={lang}")
        expect(page.locator("main")).to_be_visible()
        assert not too_wide(page), path
        accessible(page)


def test_it_works_without_scripts(screens: Screens, office: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "today.csv"
    file.write_bytes(as_list(3).replace(b"Cita ID", b"Appointment ID").replace(b"Whom", b"Patient Name"))
    staff = screens.staff(office, "/staff/appointments", java_script_enabled=False)
    staff.locator("#file").set_input_files(file)
    staff.locator("#look").click()
    staff.locator("#bring-in").click()
    expect(staff.locator("#to-list")).to_be_visible(timeout=10_000)
    staff.locator("#to-list").click()
    visit = visits(office)[0]["visit"]
    staff.locator(f"#in-{visit}").click()
    expect(staff.locator(f"#row-{visit} .chip")).to_be_visible()
    assert visits(office)[0]["state"] == "waiting"


def test_the_paper_holds_everybody_and_prints_when_the_server_is_gone(
    screens: Screens, found: Any, tmp_path: Path
) -> None:
    office: Clinic = found(START="2026-11-23T09:00")
    send(office, as_list(100, first=-20, step=3))
    for one in visits(office)[:40]:
        office.staff("check-in", visit=one["visit"])
    paper = screens.staff(office, "/staff/paper")
    all_live([paper])
    expect(paper.locator("[aria-labelledby=here] tbody tr")).to_have_count(40)
    expect(paper.locator("[aria-labelledby=expected] tbody tr")).to_have_count(60)
    office.check_in(name="Late Walker")
    expect(paper.locator("[aria-labelledby=here]")).to_contain_text("Late Walker")

    office.kill()
    all_say_so([paper])
    expect(paper.locator("#stale")).to_contain_text("09:0")
    paper.emulate_media(media="print")
    for hidden in ("#print", "#back", "#stale", ".hint"):
        expect(paper.locator(hidden)).to_be_hidden()
    expect(paper.locator("[aria-labelledby=here]")).to_contain_text("Late Walker")
    colours = paper.locator("#sheet td").evaluate_all("cells => cells.map(cell => getComputedStyle(cell).color)")
    assert set(colours) == {"rgb(0, 0, 0)"}
    made = paper.pdf(prefer_css_page_size=True)
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", made)) <= 6
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", made)}
    assert all(abs(width - 595) < 2 and abs(height - 842) < 2 for _, _, width, height in boxes), boxes
    until(lambda: paper.locator("body").get_attribute("data-live") != "live", 5, "The page says so")
