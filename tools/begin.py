"""A new clinic's path, walked in real browsers: from the first start to a paired tablet and TV and a signed-in
receptionist. It says how long the machine's part took; its pictures are those of the README, in docs/begin/.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "begin"
PORT, ADDRESS = "8151", "http://192.168.1.10:8000"
TABLET, TV, DESK = (1280, 800), (1920, 1080), (1440, 900)

MANAGERS, SAMS = "seven quiet herons wade", "nine slow otters drift by"

Open = Callable[[tuple[int, int]], Page]
Picture = Callable[[Page, str], None]


def walk(open_browser: Open, url: str, link: str, picture: Picture) -> tuple[Page, Page, Page]:
    """From the link that the start printed to the tablet, the TV and the desk at work: these three pages."""
    manager = open_browser(DESK)
    manager.goto(link)
    manager.get_by_label("Your name").fill("Olga Marin")
    manager.get_by_label("Name to sign in with").fill("olga")
    manager.get_by_label("Password", exact=False).first.fill(MANAGERS)
    manager.get_by_label("The password once more").fill(MANAGERS)
    picture(manager, "1-manager")
    manager.get_by_role("button", name="Save and sign in").click()

    manager.get_by_label("Name, as the TV shows it").fill("Riverside Practice")
    manager.get_by_role("button", name="Save and open the day").click()
    expect(manager.get_by_role("heading", name="What to do next")).to_be_visible()
    picture(manager, "2-next")

    tablet, tv = open_browser(TABLET), open_browser(TV)
    tablet.goto(f"{url}/kiosk")
    tv.goto(f"{url}/display")
    picture(tv, "3-code")
    for screen, name, place in ((tablet, "Tablet by the door", "Entrance"), (tv, "TV by the window", "Waiting room")):
        manager.goto(f"{url}/")
        manager.locator("#step-tablet a, #step-tv a").first.click()
        manager.get_by_label("Code").fill(screen.locator(".code").inner_text())
        manager.get_by_role("button", name="Find the screen").click()
        manager.get_by_label("Name", exact=True).first.fill(name)
        manager.get_by_label("Where it stands").first.fill(place)
        if screen is tv:
            picture(manager, "4-pair")
        manager.get_by_role("button", name="Pair it").click()

    manager.goto(f"{url}/")
    manager.locator("#step-accounts a").click()
    manager.get_by_label("Name, as colleagues").fill("Sam Okafor")
    manager.get_by_label("Name to sign in with").fill("sam")
    manager.get_by_role("button", name="Add, and make their link").click()
    picture(manager, "5-account")
    invited = manager.locator("#address").input_value()

    desk = open_browser(DESK)
    desk.goto(url + invited[invited.index("/first/") :])
    desk.get_by_label("Password", exact=False).first.fill(SAMS)
    desk.get_by_label("The password once more").fill(SAMS)
    desk.get_by_role("button", name="Save and sign in").click()
    for page in (desk, tablet, tv):
        expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=15_000)
    picture(tv, "6-tv")
    picture(desk, "7-desk")
    return tablet, tv, desk


def main() -> None:
    """Walk it on a throw-away clinic, and leave the pictures behind."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    url, began = f"http://127.0.0.1:{PORT}", time.monotonic()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_")}
    with tempfile.TemporaryDirectory(prefix="kindline-begin-") as folder, sync_playwright() as play:
        environ |= {"KINDLINE_DATA": folder, "KINDLINE_PORT": PORT, "KINDLINE_URL": ADDRESS}
        with subprocess.Popen(
            [sys.executable, "serve.py"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        ) as server:
            try:
                secret = first_secret(server)
                started = time.monotonic()
                root = ["--no-sandbox"] if os.geteuid() == 0 else []
                chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=root)

                def open_browser(size: tuple[int, int]) -> Page:
                    width, height = size
                    return chromium.new_context(viewport={"width": width, "height": height}).new_page()

                walk(open_browser, url, f"{url}/first/{secret}", take)
                done = time.monotonic()
                chromium.close()
            finally:
                server.terminate()
    print(f"The server was ready after {started - began:.1f} s; the path took the machine {done - started:.1f} s.")
    print("Pictures:", *sorted(path.name for path in FOLDER.iterdir()), sep="\n  ")


def first_secret(server: "subprocess.Popen[str]") -> str:
    """What the link ends in that the start prints. Raises RuntimeError where it prints none."""
    assert server.stdout
    said = []
    for line in server.stdout:
        said.append(line)
        if line.startswith("Ready."):
            break
    found = re.search(r"/first/(\S+)", "".join(said))
    if not found:
        raise RuntimeError("The server printed no first link:\n" + "".join(said))
    return found[1]


def take(page: Page, name: str) -> None:
    """One picture, once what is pushed and faded has come to rest."""
    page.wait_for_timeout(350)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
