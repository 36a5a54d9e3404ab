"""A network that breaks between the screens and a server that is well: they say so, and heal by themselves."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conditions import RIGHT_AGAIN, all_live, all_say_so, by_its_end, keep, ticket, were_kept
from tests.browser.conftest import PHONE, STAFF, TABLET, TV, Screens
from tests.browser.proxy import CUT, HOLE, ONE_WAY, ROAMING, SLOW, UNHEARD, WELL, Network
from tests.browser.server import Clinic, until

SEEN = 200
"""Milliseconds within which a tap is seen to have been taken, whatever the network does."""

# Says how long after a press the page first showed that it had been heard.
WATCH_TAPS = """() => {
    let tapped = null;
    addEventListener("click", () => { tapped = performance.now(); }, true);
    new MutationObserver(() => {
        const busy = document.getElementById("busy");
        if (tapped === null || !(document.querySelector("[aria-busy=true]") || (busy && !busy.hidden))) return;
        console.log("seen", performance.now() - tapped);
        tapped = null;
    }).observe(document.body, { subtree: true, attributes: true, childList: true });
}"""


@pytest.fixture
def networks(clinic: Clinic) -> Iterator[dict[str, Network]]:
    """A network for each way to break, all of them well so far."""
    networks = {mode: Network(clinic.port) for mode in (CUT, HOLE, ONE_WAY, UNHEARD)}
    yield networks
    for network in networks.values():
        network.close()


@pytest.fixture
def network(networks: dict[str, Network]) -> Network:
    """One of them."""
    return networks[CUT]


def told(what: str, seconds: float) -> None:
    """Keep this figure in the file that KINDLINE_FIGURES names, if it names one."""
    if os.environ.get("KINDLINE_FIGURES"):
        with Path(os.environ["KINDLINE_FIGURES"]).open("a") as figures:
            figures.write(f"{seconds:5.1f} s  {what}\n")


def test_broken_networks_are_said_and_heal(screens: Screens, clinic: Clinic, networks: dict[str, Network]) -> None:
    clinic.check_in()
    visit = clinic.check_in()
    shared = re.search(r"/c/[\w-]+", clinic.ask("GET", visit["path"] + "/share")[1].decode())
    assert shared
    tvs = [screens.open(network.url + "/display", TV) for network in networks.values()]
    phones = [screens.open(network.url + visit["path"], PHONE) for network in networks.values()]
    staff = screens.open(networks[HOLE].url + "/staff", STAFF)
    others = [
        screens.open(networks[UNHEARD].url + "/kiosk", TABLET),
        screens.open(networks[ONE_WAY].url + shared[0], PHONE),
        screens.open(networks[UNHEARD].url + "/staff/appointments", STAFF),
        screens.open(networks[ONE_WAY].url + "/staff/screens", STAFF),
    ]
    pages = [*tvs, *phones, staff, *others]
    all_live(pages)
    keep(pages)

    for mode, network in networks.items():
        network.become(mode)
    began = time.monotonic()
    for page in (*tvs, *phones, *others, staff):
        all_say_so([page], 10 - (time.monotonic() - began))
        told(f"until {page.url} says so", time.monotonic() - began)
    clinic.staff("call-next", room="room-1")
    clinic.staff("call-next", room="room-2")
    for tv in tvs[:3]:
        expect(tv.locator(".tv-call")).to_have_count(0)

    for network in networks.values():
        network.become(WELL)
    end = time.monotonic() + RIGHT_AGAIN
    for tv in tvs:
        expect(tv.locator(".tv-call")).to_have_count(2, timeout=by_its_end(end))
    for phone in phones:
        expect(phone.locator(".room")).to_contain_text("Room 2", timeout=by_its_end(end))
    expect(staff.locator("#do-room-1")).to_contain_text(f"{ticket('A 01')} is here", timeout=by_its_end(end))
    all_live(pages, end - time.monotonic())
    told("until all are right again", RIGHT_AGAIN - (end - time.monotonic()))
    were_kept(pages)


def test_a_long_outage_heals_as_quickly(screens: Screens, clinic: Clinic, network: Network) -> None:
    tv = screens.open(network.url + "/display", TV, clock=True)
    all_live([tv])
    network.become(HOLE)
    for _ in range(12):
        tv.clock.fast_forward(4_500)
    expect(tv.locator("#stale")).to_be_visible()
    # it comes back at the worst moment: another attempt was just lost, and takes its time to notice
    before = network.lost

    def tried_again() -> bool:
        tv.clock.fast_forward(500)
        return network.lost > before

    until(tried_again, 10, "The TV tries again")
    network.become(WELL)
    all_live([tv])


def test_a_staff_command_into_a_dead_network_says_so(screens: Screens, clinic: Clinic, network: Network) -> None:
    clinic.check_in()
    staff = screens.open(network.url + "/staff", STAFF)
    all_live([staff])
    network.become(CUT)
    staff.locator("#do-room-1").click()
    expect(staff.get_by_role("alert")).to_contain_text("The server did not answer.")
    assert clinic.status_of("A 01") == "waiting"
    network.become(WELL)
    staff.locator("#do-room-1").click()
    expect(staff.locator("#toast")).to_contain_text(f"{ticket('A 01')} is called to Room 1.")


def test_a_tap_whose_answer_is_lost_counts_once(screens: Screens, clinic: Clinic, network: Network) -> None:
    """At the tablet, which sends it again until it gives up, and at the desk, where somebody presses again."""
    tablet = screens.open(network.url + "/kiosk", TABLET)
    staff = screens.open(network.url + "/staff", STAFF)
    all_live([tablet, staff])
    tablet.locator("#check-in").tap()
    tablet.get_by_role("button", name="Doctor").tap()
    expect(tablet.locator("#get-number")).to_be_visible()

    network.become(ONE_WAY)
    tablet.locator("#get-number").tap()
    until(lambda: len(clinic.people()) == 1, 5, "The check-in arrives, and its answer does not")
    expect(tablet.locator("#stale")).to_contain_text("Please come to the desk.", timeout=8000)
    network.become(WELL)
    expect(tablet.locator("#number")).to_have_text(ticket("A 01"), timeout=12_000)
    assert len(clinic.people()) == 1

    clinic.check_in()
    all_live([staff])
    network.become(ONE_WAY)
    staff.locator("#do-room-1").click()
    until(lambda: clinic.status_of("A 01") == "called", 5, "The call arrives, and its answer does not")
    network.become(CUT)  # so that the answer is known to be lost
    expect(staff.get_by_role("alert")).to_contain_text("Try again: it counts once.")
    network.become(WELL)
    staff.locator("#do-room-1").click()  # the same press again, or what the button says once the screen is right
    expect(staff.locator("#toast")).to_contain_text(ticket("A 01"))
    assert clinic.status_of("A 02") == "waiting"


def test_a_slow_network_is_bearable(screens: Screens, clinic: Clinic, network: Network) -> None:
    """A second and a half each way, and five kilobytes a second (TRUST F11)."""
    visit = clinic.check_in()
    tablet = screens.open(network.url + "/kiosk", TABLET)
    staff = screens.open(network.url + "/staff", STAFF)
    phone = screens.open(network.url + visit["path"], PHONE)
    tv = screens.open(network.url + "/display", TV)
    pages = [tablet, staff, phone, tv]
    all_live(pages)
    network.become(SLOW)
    for page in (tablet, staff, phone):
        page.evaluate(WATCH_TAPS)
    for page, button in ((phone, "#worse"), (tablet, "#check-in"), (staff, "#do-room-1")):
        took = pressed(page, button)
        told(f"until a tap on {page.url} was seen, on a slow network", took / 1000)
        assert took <= SEEN, page.url
    expect(staff.locator("#toast")).to_contain_text("is called to Room 1.", timeout=15_000)
    expect(tv.locator(".tv-call")).to_have_count(1, timeout=15_000)
    expect(tablet.get_by_role("button", name="Doctor")).to_be_visible(timeout=15_000)
    network.become(WELL)
    all_live([tablet, staff, tv], 15)


def pressed(page: Page, button: str) -> float:
    """Press this; the milliseconds until the page showed that it was heard."""
    with page.expect_console_message(lambda said: said.text.startswith("seen ")) as heard:
        page.locator(button).click()
    return float(heard.value.text.removeprefix("seen "))


def test_a_device_that_roams_shows_nothing_old_and_rings_once(
    screens: Screens, clinic: Clinic, network: Network
) -> None:  # fmt: skip
    clinic.check_in()
    clinic.check_in()
    tv = screens.open(network.url + "/display", TV)
    all_live([tv])
    tv.evaluate("""() => {
        window.seqs = [];
        document.addEventListener("screen", (event) => seqs.push(event.detail.seq));
    }""")
    network.become(ROAMING)
    clinic.staff("call-next", room="room-1")
    expect(tv.locator(".tv-call")).to_have_count(1)
    clinic.staff("call-next", room="room-2")
    expect(tv.locator(".tv-call")).to_have_count(2)
    until(lambda: len(tv.evaluate("seqs")) >= 4, 12, "The connection was reset and came back")
    network.become(WELL)
    all_live([tv])
    seqs = tv.evaluate("seqs")
    assert seqs == sorted(seqs), "no older screen after a newer one"
    heard = "Object.values(JSON.parse(sessionStorage.heard)).map((one) => one.times)"
    until(lambda: sum(tv.evaluate(heard)) >= 2, 15, "Both calls are announced")
    assert tv.evaluate(heard) == [1, 1]


def test_an_hour_without_the_server(screens: Screens, found: Callable[..., Clinic]) -> None:
    """The list stays where it was open, to be printed; the TV and the tablet say where to go (TRUST F29)."""
    clinic = found()
    clinic.check_in(name="Maya Okafor")
    tv, tablet, paper = (
        screens.open(clinic.url + path, kind, clock=True)
        for path, kind in (("/display", TV), ("/kiosk", TABLET), ("/staff/paper", STAFF))
    )
    all_live([tv, tablet, paper])
    keep([tv, tablet, paper])
    by_hand = paper.locator(".by-hand li", has_text="Doctor").locator("b").inner_text()
    clinic.kill()
    for page in (tv, tablet, paper):
        page.clock.fast_forward(3_600_000)
    all_say_so([tv, tablet, paper])
    for page in (tv, tablet, paper):
        expect(page.locator("body")).to_have_attribute("data-live", "lost")
    expect(tv.locator("#stale")).to_contain_text("Listen for your number.")
    expect(tv.locator("#wait-A-01")).to_be_visible()
    expect(tablet.locator("#stale")).to_contain_text("Please come to the desk.")
    expect(paper.locator("#stale")).to_contain_text("You can print it.")
    expect(paper.locator("[aria-labelledby=here]")).to_contain_text("Maya Okafor")

    clinic.start()
    all_live([tv, tablet, paper], 10)
    were_kept([tv, tablet, paper])
    assert ticket(clinic.check_in()["ticket"]) == by_hand, "who got a number by hand is entered with that number"
