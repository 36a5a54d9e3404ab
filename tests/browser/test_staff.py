"""The console: hands on the keyboard, forms that stay as they were left, and sixty people that stay readable."""

import json
from functools import partial

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conditions import all_live, press_until, ticket, too_wide
from tests.browser.conftest import Screens
from tests.browser.server import Clinic, until

NAMES = ("Maya Okafor", "عائشة الزهراء", "王 秀英", "Ñandú O'Brien-Jones", "Łukasz Wójcik", "Zoë Müller")


def pressed(page: Page, room: str) -> Locator:
    """The main button of this room's card."""
    return page.locator(f"#do-{room}")


def focused(page: Page) -> str:
    """The id of what has the keyboard."""
    return str(page.evaluate("document.activeElement.id"))


def test_half_typed_text_survives_what_others_do(screens: Screens, clinic: Clinic) -> None:
    staff = screens.staff(clinic)
    all_live([staff])
    search = staff.locator("#search")
    search.press_sequentially("Oka")
    search.press("ArrowLeft")

    clinic.check_in(name="Maya Okafor")
    clinic.check_in(name="Tom Whitfield")
    expect(staff.locator("tbody tr[data-find]")).to_have_count(2)
    expect(search).to_have_value("Oka")
    assert focused(staff) == "search"
    assert search.evaluate("field => field.selectionStart") == 2
    # what was sought is still sought
    expect(staff.get_by_role("row", name="Maya Okafor")).to_be_visible()
    expect(staff.get_by_role("row", name="Tom Whitfield")).to_be_hidden()

    search.press("Escape")
    staff.locator("#new").click()
    name = staff.locator("#new-name")
    name.press_sequentially("Lucía Peñ")
    staff.get_by_role("radio", name="Nurse").check()
    name.focus()
    clinic.check_in(name="Andrés Quispe")
    clinic.staff("call-next", room="room-1")
    expect(staff.locator("tbody tr[data-find]")).to_have_count(3)
    expect(staff.locator("#room-room-1")).to_contain_text("Called")
    expect(name).to_have_value("Lucía Peñ")
    expect(staff.get_by_role("radio", name="Nurse")).to_be_checked()
    assert focused(staff) == "new-name"


def test_a_button_with_the_keyboard_says_what_it_does_now(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])
    button = pressed(staff, "room-2")
    button.focus()
    expect(button).to_contain_text(f"Call {ticket('A 01')} to Room 2")
    urgent = clinic.check_in()
    clinic.staff("prioritise", visit=urgent["visit"], reason="unwell")
    expect(button).to_contain_text(f"Call {ticket('A 02')} to Room 2")
    expect(button).to_be_focused()
    staff.keyboard.press("Enter")
    expect(button).to_contain_text(f"{ticket('A 02')} is here")
    assert [clinic.status_of(number) for number in ("A 01", "A 02")] == ["waiting", "called"]


def test_the_frequent_things_need_no_mouse(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in(name="Maya Okafor")
    staff = screens.staff(clinic)
    all_live([staff])
    keyboard = staff.keyboard

    keyboard.press("1")
    expect(staff.locator("#toast")).to_contain_text(f"{ticket('A 01')} is called to Room 1.")
    assert clinic.status_of("A 01") == "called"
    keyboard.press("u")
    expect(staff.locator("#toast")).to_contain_text("Undone.")
    assert clinic.status_of("A 01") == "waiting"

    keyboard.press("/")
    assert focused(staff) == "search"
    keyboard.type("1")
    expect(staff.locator("#search")).to_have_value("1")
    assert clinic.status_of("A 01") == "waiting"
    keyboard.press("Escape")
    expect(staff.locator("#search")).to_have_value("")

    keyboard.press("c")
    expect(staff.locator("dialog")).to_be_visible()
    until(lambda: focused(staff) == "new-name", 2, "The name has the keyboard")
    keyboard.type("cu1/")
    expect(staff.locator("#new-name")).to_have_value("cu1/")
    keyboard.press("Escape")
    expect(staff.locator("dialog")).to_be_hidden()

    # the same key goes on: call, is here, finish
    for status in ("called", "in_room", "done"):
        done = partial(lambda status: clinic.status_of("A 01") == status, status)
        press_until(lambda: keyboard.press("1"), done, f"A 01 is {status}")


def test_somebody_is_checked_in_by_keyboard_alone(screens: Screens, clinic: Clinic) -> None:
    staff = screens.staff(clinic)
    all_live([staff])
    staff.keyboard.press("c")
    until(lambda: focused(staff) == "new-name", 2, "The name has the keyboard")
    staff.keyboard.type("عائشة")
    staff.keyboard.press("Tab")
    staff.keyboard.press("ArrowDown")
    staff.keyboard.press("Enter")
    expect(staff.locator("dialog")).to_be_hidden()
    expect(staff.locator("#toast")).to_contain_text(f"{ticket('H 01')} is checked in.")
    expect(staff.get_by_role("row", name="عائشة")).to_contain_text("Nurse")
    assert clinic.people()[0]["name"] == "عائشة"


def test_single_keys_can_be_turned_off_and_stay_off(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])
    toggle = staff.locator("#keys")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    staff.reload()
    all_live([staff])
    expect(toggle).to_have_attribute("aria-pressed", "false")
    for key in ("1", "c", "/"):
        staff.keyboard.press(key)
    expect(staff.locator("dialog")).to_be_hidden()
    assert focused(staff) != "search"
    assert clinic.status_of("A 01") == "waiting"

    toggle.click()
    staff.keyboard.press("1")
    expect(staff.locator("#toast")).to_be_visible()
    assert clinic.status_of("A 01") == "called"


def test_undo_stands_for_ten_seconds(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    staff = screens.staff(clinic, clock=True)
    all_live([staff])
    staff.keyboard.press("1")
    expect(staff.locator("#undo")).to_be_visible()
    staff.clock.fast_forward(9_000)
    expect(staff.locator("#undo")).to_be_visible()
    staff.clock.fast_forward(1_500)
    expect(staff.locator("#toast")).to_be_hidden()
    staff.keyboard.press("u")
    assert clinic.status_of("A 01") == "called"


def test_undo_covers_no_row(screens: Screens, clinic: Clinic) -> None:
    for _ in range(20):
        clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])
    staff.keyboard.press("1")
    toast = staff.locator("#toast")
    expect(toast).to_be_visible()
    where, people = toast.bounding_box(), staff.locator(".people").bounding_box()
    assert where
    assert people
    assert where["x"] >= people["x"] + people["width"]


def test_who_comes_too_late_reads_why_and_what_to_do(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])

    def another_was_quicker(route: Route) -> None:
        clinic.staff("call-next", room="room-2")
        route.continue_()

    staff.route("**/staff/call-next", another_was_quicker, times=1)
    pressed(staff, "room-1").click()
    alert = staff.get_by_role("alert")
    expect(alert).to_contain_text("A 02 is next now. Look at the button and press it again.")
    expect(pressed(staff, "room-1")).to_contain_text(ticket("A 02"))
    assert clinic.status_of("A 02") == "waiting"

    press_until(pressed(staff, "room-1").click, lambda: clinic.status_of("A 02") == "called", "A 02 is called")
    expect(staff.locator("#toast")).to_contain_text(f"{ticket('A 02')} is called to Room 1.")
    expect(alert).to_be_hidden()


def test_a_command_without_an_answer_says_so_and_counts_once_when_tried_again(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    staff.route("**/staff/check-in", lose_the_answer, times=1)
    staff.locator("#new").click()
    staff.locator("#new-name").fill("Begoña Ibáñez")
    staff.get_by_role("button", name="Check in", exact=True).click()
    expect(staff.locator("dialog").get_by_role("alert")).to_contain_text("The server did not answer.")
    expect(staff.locator("#new-name")).to_have_value("Begoña Ibáñez")
    staff.get_by_role("button", name="Check in", exact=True).click()
    expect(staff.locator("dialog")).to_be_hidden()
    expect(staff.get_by_role("row", name="Begoña Ibáñez")).to_have_count(1)
    assert len(clinic.people()) == 3


def test_a_filter_hides_the_others_and_still_does_after_a_push(screens: Screens, clinic: Clinic) -> None:
    for number, name in enumerate(NAMES):
        clinic.check_in("nurse" if number % 2 else "doctor", name=name)
    staff = screens.staff(clinic)
    all_live([staff])
    rows = staff.locator("tbody tr[data-find]:visible")
    expect(rows).to_have_count(6)

    staff.locator("#filter-nurse").click()
    expect(rows).to_have_count(3)
    clinic.check_in("doctor", name="Somebody Else")
    expect(staff.locator("tbody tr[data-find]")).to_have_count(7)
    expect(rows).to_have_count(3)
    expect(staff.locator("#filter-nurse")).to_have_attribute("aria-pressed", "true")

    staff.locator("#filter-all").click()
    for asked, name in (("o'brien", "Ñandú O'Brien-Jones"), ("عائشة", "عائشة الزهراء"), ("h02", "Ñandú O'Brien-Jones"),
                        ("A 03", "Łukasz Wójcik")):  # fmt: skip
        staff.locator("#search").fill(asked)
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(name)
    staff.locator("#search").fill("nobody at all")
    expect(staff.locator("#nothing")).to_be_visible()
    clinic.check_in("doctor")
    expect(staff.locator("tbody tr[data-find]")).to_have_count(8)
    expect(rows).to_have_count(0)
    staff.locator("#search").fill("")
    expect(rows).to_have_count(8)


def test_sixty_people_stay_readable(screens: Screens, clinic: Clinic) -> None:
    long = "Wolfeschlegelsteinhausenbergerdorff Keihanaikukauakahihuliheekahaunaele-Smith"
    visits = [clinic.check_in("nurse" if n % 3 else "doctor", name=NAMES[n % 6] if n else long) for n in range(60)]
    clinic.staff("prioritise", visit=visits[1]["visit"], reason="needs_care_sooner")
    clinic.staff("hold", visit=visits[7]["visit"])
    staff = screens.staff(clinic)
    all_live([staff])
    rows = staff.locator("tbody tr[data-find]")
    expect(rows).to_have_count(60)
    assert not too_wide(staff)
    assert staff.locator("#people-scroll").evaluate("box => box.scrollWidth <= box.clientWidth")
    height = staff.viewport_size["height"] if staff.viewport_size else 0
    seen = [box for row in rows.all()[:14] if (box := row.bounding_box()) and box["y"] + box["height"] <= height]
    assert len(seen) >= 9
    assert all(box["height"] <= 52 for box in seen[1:]), "a long name makes no row higher"
    # nobody's number is cut
    cut = "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).length"
    assert staff.locator("tbody th").evaluate_all(cut) == 0
    # everybody can be reached
    rows.last.scroll_into_view_if_needed()
    expect(rows.last).to_be_in_viewport()


def test_smaller_desks_do_not_scroll_sideways(screens: Screens, clinic: Clinic) -> None:
    for n in range(12):
        clinic.check_in(name=NAMES[n % 6])
    staff = screens.staff(clinic)
    all_live([staff])
    for width, height in ((1280, 720), (1024, 768)):
        staff.set_viewport_size({"width": width, "height": height})
        assert not too_wide(staff), width


def test_a_rows_actions_do_what_they_say(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    visit = clinic.check_in(name="Maya Okafor")["visit"]
    staff = screens.staff(clinic)
    all_live([staff])
    row, dialog = staff.locator(f"#row-{visit}"), staff.locator("dialog")

    def act(words: str) -> None:
        staff.locator(f"#menu-{visit}").click()
        expect(dialog).to_contain_text("Maya Okafor")
        dialog.get_by_role("button", name=words, exact=True).click()
        expect(dialog).to_be_hidden()

    act("Stepped out")
    expect(row).to_contain_text("Stepped out")
    assert clinic.status_of("A 02") == "on_hold"
    act("Is back")
    expect(row).not_to_contain_text("Stepped out")
    assert clinic.status_of("A 02") == "waiting"

    staff.locator(f"#menu-{visit}").click()
    staff.locator("#reason").select_option(label="Small child")
    dialog.get_by_role("button", name="Move up").click()
    expect(row).to_contain_text("Small child")
    expect(staff.locator("tbody tr").first).to_contain_text("Maya Okafor")
    expect(pressed(staff, "room-1")).to_contain_text(ticket("A 02"))

    staff.locator(f"#menu-{visit}").click()
    staff.locator("#service").select_option(label="Nurse")
    dialog.get_by_role("button", name="Transfer").click()
    expect(row).to_contain_text("Nurse")
    expect(pressed(staff, "room-3")).to_contain_text(ticket("A 02"))

    act("Leaves without being seen")
    expect(row).to_have_count(0)
    assert clinic.status_of("A 02") == "left"
    staff.locator("#undo").click()
    expect(row).to_be_visible()


def test_a_room_pauses_closes_and_opens_again(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])
    card, dialog = staff.locator("#room-room-1"), staff.locator("dialog")

    def is_room(state: str) -> bool:
        return str(clinic.line()["rooms"][0]["state"]) == state

    staff.locator("#room-menu-room-1").click()
    dialog.get_by_role("button", name="15 minutes").click()
    expect(card).to_contain_text("Back at")
    press_until(card.get_by_role("button", name="Open now").click, partial(is_room, "open"), "The room opens")
    expect(card).to_contain_text("Free")
    staff.locator("#room-menu-room-1").click()
    dialog.get_by_role("button", name="Close the room").click()
    expect(card.get_by_role("button", name="Open")).to_be_visible()
    press_until(lambda: staff.keyboard.press("1"), partial(is_room, "open"), "The room opens")
    expect(card).to_contain_text("Free")


def test_closing_the_day_names_who_is_still_here(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in(name="Maya Okafor")
    staff = screens.staff(clinic)
    all_live([staff])
    staff.locator("#day").click()
    dialog = staff.locator("dialog")
    expect(dialog).to_contain_text("Maya Okafor")
    dialog.get_by_role("button", name="I have told each of them. Close the day.").click()
    expect(staff.locator(".closed-day")).to_be_visible()
    staff.locator("#open-day").click()
    dialog.get_by_role("button", name="Open the day").click()
    expect(staff.locator(".closed-day")).to_be_hidden()
    assert json.loads(clinic.ask("GET", "/staff/line.json")[1])["visits"] == []


def test_a_room_by_any_name_is_named_as_it_is(screens: Screens, clinic: Clinic) -> None:
    room = "Dr O'Brien & <Son>"
    clinic.new_day(**{"room-0": room})
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])
    pressed(staff, "room-1").click()
    expect(staff.locator("#toast")).to_contain_text(f"is called to {room}.")
    staff.locator("#undo").click()
    expect(staff.locator("#toast")).to_contain_text("Undone.")

    def another_was_quicker(route: Route) -> None:
        clinic.staff("call-next", room="room-2")
        route.continue_()

    staff.route("**/staff/call-next", another_was_quicker, times=1)
    alert = staff.locator("#problem")
    press_until(pressed(staff, "room-1").click, alert.is_visible, "The console says why not")
    expect(alert).to_contain_text(f"Nobody is waiting for {room}.")


def test_help_calls_ring_and_are_answered(screens: Screens, clinic: Clinic) -> None:
    clinic.check_in()
    staff = screens.staff(clinic)
    all_live([staff])
    staff.evaluate("""() => { window.rings = []; window.chime = () => rings.push(
        [...document.querySelectorAll("[data-help]")].map(node => node.dataset.help)); }""")
    clinic.post("/kiosk/help", place="tablet", request="one")
    clinic.post("/kiosk/help", place="A 01", request="two")
    expect(staff.locator("#help-one")).to_contain_text("Help at the tablet")
    expect(staff.locator("#help-two")).to_contain_text("Help for A 01")
    staff.locator("#take-two").click()
    expect(staff.locator("#help-two")).to_have_count(0)
    expect(staff.locator("#help-one")).to_be_visible()
    # each new one rings, two at the same moment once; taking one does not
    assert staff.evaluate("window.rings") in ([["one"], ["one", "two"]], [["one", "two"]])
