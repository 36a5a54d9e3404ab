"""A network that breaks between the screens and a server that is well: they say so, and heal by themselves."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conditions import RIGHT_AGAIN, all_live, all_say_so, by_its_end, keep, ticket, were_kept
from tests.browser.conftest import PHONE, STAFF, TV, Screens
from tests.browser.proxy import CUT, HOLE, ONE_WAY, WELL, Network
from tests.browser.server import Clinic, until


@pytest.fixture
def networks(clinic: Clinic) -> Iterator[dict[str, Network]]:
    """A network for each way to break, all of them well so far."""
    networks = {mode: Network(clinic.port) for mode in (CUT, HOLE, ONE_WAY)}
    yield networks
    for network in networks.values():
        network.close()


@pytest.fixture
def network(networks: dict[str, Network]) -> Network:
    """One of them."""
    return networks[CUT]


def test_broken_networks_are_said_and_heal(screens: Screens, clinic: Clinic, networks: dict[str, Network]) -> None:
    clinic.check_in()
    visit = clinic.check_in()
    tvs = [screens.open(network.url + "/display", TV) for network in networks.values()]
    phones = [screens.open(network.url + visit["path"], PHONE) for network in networks.values()]
    staff = screens.open(networks[HOLE].url + "/staff", STAFF)
    pages = [*tvs, *phones, staff]
    all_live(pages)
    keep(pages)

    for mode, network in networks.items():
        network.become(mode)
    all_say_so(pages)
    clinic.staff("call-next", room="room-1")
    clinic.staff("call-next", room="room-2")
    for tv in tvs:
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
