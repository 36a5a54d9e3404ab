"""Networks that break, are slow, or carry only one way; clients that never read, and clients that never finish.

The screens here are programs that watch as our pages do. What a page itself says, and when, needs a browser:
tests/browser/test_network.py has each of these networks under tablet, TV, phone, companion and staff pages.
"""

import contextlib
import http.client
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import percentile
from bench.frames import TEXT, from_client, hello, split
from clinic.store import look_into
from faults.outcome import Loop, Outcome, Size
from tests.browser.proxy import CUT, HOLE, ONE_WAY, ROAMING, SLOW, UNHEARD, WELL, Network
from tests.browser.server import Clinic, until

WIRE = "/socket.io/?EIO=4&transport=websocket"
SEQ = re.compile(rb'"seq":\s*(\d+)')

SILENCE = 8.0
"""Seconds without a word after which a screen connects anew: as static/live.js does."""
PAUSE = 0.5
"""Seconds between two tries to connect."""
OPENING = 4.0
"""Seconds for a try on a quick network."""

RIGHT_AGAIN = 5.0
"""Seconds within which every screen is right after a network is."""
PING_LIMIT = 10.0
"""Seconds after which who answers no ping is dropped: five until it is asked, five to answer."""
MARGIN = 2.0
"""Seconds for a machine with other work."""


class Screen:
    """A screen of this key: it watches, answers pings, and comes back by itself, until it is closed."""

    def __init__(self, port: int, key: str = "display/main/en", opening: float = OPENING):
        self.seq, self.went_back, self.connections = 0, False, 0
        self.shown_at: dict[int, float] = {}
        self._port, self._key, self._opening = port, key, opening
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Be gone."""
        self._over.set()
        self._thread.join(SILENCE + OPENING)

    def _live(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                self._watch()
            self._over.wait(PAUSE)

    def _watch(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port), self._opening) as wire:
            wire.sendall(hello(self._port, WIRE))
            rest = wire.recv(65536).partition(b"\r\n\r\n")[2]
            wire.sendall(from_client(b"40") + from_client(f'420["watch","{self._key}"]'.encode()))
            # What was shown before a restart or a restore counts no more once the server answers.
            self.connections += 1
            wire.settimeout(max(SILENCE, self._opening))
            while not self._over.is_set():
                done = 0
                for kind, start, end in split(rest):
                    self._take(wire, kind, rest[start:end])
                    done = end
                rest = rest[done:]
                heard = wire.recv(65536)
                if not heard:
                    return
                rest += heard

    def _take(self, wire: socket.socket, kind: int, said: bytes) -> None:
        if kind == TEXT and said == b"2":
            wire.sendall(from_client(b"3"))
        found = SEQ.search(said) if kind == TEXT else None
        if found:
            seq = int(found[1])
            self.went_back = self.went_back or seq < self.seq
            self.seq = seq
            self.shown_at.setdefault(seq, time.monotonic())


@dataclass
class Tablet:
    """Sends a tap until it is answered, under the same request, as the tablet does. `wait`: seconds for an answer."""

    port: int
    wait: float = 2.0
    told: dict[str, str] = field(default_factory=dict)
    taps: int = 0
    slowest: float = 0.0

    def check_in(self, seconds: float = 90.0) -> None:
        """One tap. Raises AssertionError when it is not answered within so many seconds."""
        request, began = uuid.uuid4().hex, time.monotonic()
        while request not in self.told:
            assert time.monotonic() - began < seconds, "A tap was never answered"
            self.taps += 1
            try:
                self.told[request] = self._send(request)
            except (OSError, http.client.HTTPException):
                time.sleep(PAUSE)
        self.slowest = max(self.slowest, time.monotonic() - began)

    def _send(self, request: str) -> str:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.wait)) as connection:
            body = json.dumps({"service": "doctor", "request": request})
            connection.request("POST", "/kiosk/check-in", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 201, said
            return str(json.loads(said)["ticket"])


@contextlib.contextmanager
def screens(count: int, port: int, key: str = "display/main/en", opening: float = OPENING) -> Iterator[list[Screen]]:
    """So many screens, all of them showing something."""
    found = [Screen(port, key, opening) for _ in range(count)]
    try:
        until(lambda: all(one.seq for one in found), 30, "All screens are there")
        yield found
    finally:
        for one in found:
            one._over.set()
        for one in found:
            one.close()


@contextlib.contextmanager
def broken(folder: Path) -> Iterator[tuple[Clinic, Network]]:
    """A clinic, and a network to it that is well so far."""
    clinic = Clinic(folder).start()
    network = Network(clinic.port)
    try:
        yield clinic, network
    finally:
        network.close()
        clinic.kill()


def port_of(network: Network) -> int:
    """The port of the server as seen through this network."""
    return int(network.url.rpartition(":")[2])


def in_step(clinic: Clinic, shown: list[Screen], seconds: float) -> float:
    """Seconds until all of them show what the server has."""
    seq = int(json.loads(clinic.ask("GET", "/healthz")[1])["seq"])
    began = time.monotonic()
    until(lambda: all(one.seq >= seq for one in shown), seconds, "All screens are in step")
    return time.monotonic() - began


def counted(clinic: Clinic, tablet: Tablet) -> tuple[int, int]:
    """How many that were told a number are not in the log with it, and how many requests it has twice."""
    with look_into(clinic.folder / "data") as db:
        rows = db.execute(
            "select request, json_extract(data, '$.ticket') from event where kind = 'CheckedIn' and request is not null"
        ).fetchall()
    known = dict(rows)
    lost = sum(known.get(request) != ticket for request, ticket in tablet.told.items())
    return lost, len(rows) - len(known)


def _outages(folder: Path, fault: str, done: str, modes: tuple[str, ...], rounds: int, seconds: float) -> Outcome:
    """Networks break for so many seconds, each in its way; people check in elsewhere and into each of them."""
    clinic, slowest = Clinic(folder).start(), 0.0
    networks = [Network(clinic.port) for _ in modes]
    tablets = [Tablet(port_of(network)) for network in networks]
    try:
        with contextlib.ExitStack() as stack:
            hands = stack.enter_context(ThreadPoolExecutor(len(tablets)))
            shown = [one for network in networks for one in stack.enter_context(screens(5, port_of(network)))]
            for _ in range(rounds):
                for network, mode in zip(networks, modes, strict=True):
                    network.become(mode)
                taps = [hands.submit(tablet.check_in, seconds + 30) for tablet in tablets]
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    clinic.check_in()
                    time.sleep(0.5)
                for network in networks:
                    network.become(WELL)
                slowest = max(slowest, in_step(clinic, shown, 60))
                for tap in taps:
                    tap.result()  # one that was never answered ends it
            went_back = any(one.went_back for one in shown)
        told = Tablet(clinic.port, told={key: ticket for tablet in tablets for key, ticket in tablet.told.items()})
        lost, doubled = counted(clinic, told)
    finally:
        for network in networks:
            network.close()
        clinic.kill()
    held = slowest <= RIGHT_AGAIN and not lost and not doubled and not went_back
    taps_sent = sum(one.taps for one in tablets)
    note = f"right again within {slowest:.1f} s; {taps_sent} taps came to {len(told.told)} check-ins"
    return Outcome(fault, done, len(modes) * rounds, held, len(told.told), lost, doubled, slowest, note)


def cable_out(folder: Path, size: Size) -> Outcome:
    """A cable is pulled for a minute and put back."""
    rounds, seconds = (5, 60.0) if size is Size.FULL else (1, 1.0)
    return _outages(folder, "F8", f"cable out for {seconds:g} s, screens and a tablet", (CUT,), rounds, seconds)


def dead(folder: Path, size: Size) -> Outcome:
    """A network carries nothing, or only one way, and tells nobody."""
    rounds, seconds = (2, 120.0) if size is Size.FULL else (1, SILENCE + 1)
    modes = (HOLE, ONE_WAY, UNHEARD)
    return _outages(folder, "F9", f"dead and one-way networks for {seconds:g} s", modes, rounds, seconds)


def roaming(folder: Path, size: Size) -> Outcome:
    """All connections are reset every three seconds."""
    seconds = 120.0 if size is Size.FULL else 4.0
    with broken(folder) as (clinic, network), screens(10, port_of(network)) as shown:
        tablet = Tablet(port_of(network))
        network.become(ROAMING)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            tablet.check_in()
            time.sleep(0.2)
        network.become(WELL)
        slowest = in_step(clinic, shown, 60)
        lost, doubled = counted(clinic, tablet)
        went_back = any(one.went_back for one in shown)
    held = slowest <= RIGHT_AGAIN and not lost and not doubled and not went_back
    note = f"{sum(one.connections for one in shown)} connections; no screen showed an older state after a newer"
    done = f"connections reset every 3 s for {seconds:g} s"
    return Outcome("F10", done, len(tablet.told), held, len(tablet.told), lost, doubled, tablet.slowest, note)


def slow(folder: Path, size: Size) -> Outcome:
    """1.5 seconds each way and 5 kB a second: screens stay on, taps are answered."""
    taps = 20 if size is Size.FULL else 1
    with broken(folder) as (clinic, network), screens(3, port_of(network), opening=12.0) as shown:
        before = sum(one.connections for one in shown)
        network.become(SLOW)
        tablet = Tablet(port_of(network), wait=8.0)
        behind = 0.0
        for _ in range(taps):
            tablet.check_in()
            behind = max(behind, in_step(clinic, shown, 60))
        again = sum(one.connections for one in shown) - before
        lost, doubled = counted(clinic, tablet)
    held = tablet.taps == len(tablet.told) and not lost and not doubled and again == 0
    note = f"screens {behind:.1f} s behind at most, {again} connected anew; that a tap is seen at once: test_network.py"
    done = "1.5 s each way and 5 kB/s, 3 screens and a tablet"
    return Outcome("F11", done, taps, held, len(tablet.told), lost, doubled, tablet.slowest, note)


DEAF = 20


def deaf(folder: Path, size: Size) -> Outcome:
    """Twenty clients never read what they are sent, while full screens are pushed."""
    changes = 100 if size is Size.FULL else 15
    clinic = Clinic(folder).start()
    try:
        for _ in range(40):
            clinic.check_in(name="Wolfeschlegelsteinhausenbergerdorff")
        with screens(10, clinic.port, "staff/main/en") as shown:
            _latencies(clinic, shown, 5)
            at_first = _memory(clinic)
            without = _latencies(clinic, shown, changes)
            memory, handles = _memory(clinic), _handles(clinic)
            wires = [_never_reads(clinic.port) for _ in range(DEAF)]
            began = time.monotonic()
            beside = _latencies(clinic, shown, changes)
            until(lambda: _handles(clinic) <= handles, 60, "The deaf are dropped")
            dropped, grown = time.monotonic() - began, _memory(clinic) - memory
            usual = memory - at_first
            for wire in wires:
                wire.close()
    finally:
        clinic.kill()
    before, after = percentile(without, 99), percentile(beside, 99)
    allowed = max(2 * before, 0.3) if size is Size.FULL else 1.0  # so few tell nothing of a hundredth
    held = dropped <= PING_LIMIT + MARGIN and after <= allowed and grown < usual + 20_000
    note = f"p99 to the last screen {before * 1000:.0f} ms, beside them {after * 1000:.0f} ms; dropped within "
    note += f"{dropped:.1f} s; memory {grown:+} KiB, without them {usual:+} KiB"
    return Outcome("F12", f"{DEAF} clients that never read, whole screens pushed", changes, held, hang=after, note=note)


def _latencies(clinic: Clinic, shown: list[Screen], changes: int) -> list[float]:
    """Seconds from each of so many check-ins until the last screen shows it."""
    found = []
    for _ in range(changes):
        began = time.monotonic()
        clinic.check_in(name="Keihanaikukauakahihuliheekahaunaele")
        in_step(clinic, shown, 30)
        found.append(time.monotonic() - began)
    return found


def _small(port: int) -> socket.socket:
    """A connection that takes in little before somebody reads it."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.settimeout(10)
    wire.connect(("127.0.0.1", port))
    return wire


def _never_reads(port: int) -> socket.socket:
    wire = _small(port)
    wire.sendall(hello(port, WIRE))
    wire.recv(1024)
    wire.sendall(from_client(b"40") + from_client(b'420["watch","staff/main/en"]'))
    return wire


def _memory(clinic: Clinic) -> int:
    """The server's resident memory, in KiB."""
    status = Path(f"/proc/{clinic.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def _handles(clinic: Clinic) -> int:
    """How many files and connections the server has open."""
    return sum(1 for _ in Path(f"/proc/{clinic.pid}/fd").iterdir())


HEAD = b"POST /kiosk/check-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
UNFINISHED = {
    "says nothing": b"",
    "a head without an end": HEAD + b"X-A: b\r\n",
    "a body without an end": HEAD + b"Content-Length: 60000\r\n\r\n{",
}


FONT = b"/static/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
LARGE = b"GET " + FONT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
"""What has a large answer, which nobody reads."""


def unfinished(folder: Path, size: Size) -> Outcome:
    """Two hundred requests of each kind that never end, a byte now and then; others are answered."""
    each, seconds = (200, 90.0) if size is Size.FULL else (50, 2.0)
    clinic, wires, slowest, asked = Clinic(folder).start(), [], 0.0, 0
    try:
        before = _handles(clinic)
        for said in UNFINISHED.values():
            for _ in range(each):
                wires.append(socket.create_connection(("127.0.0.1", clinic.port), 10))
                wires[-1].sendall(said)
        for _ in range(each // 10):
            wires.append(_small(clinic.port))
            wires[-1].sendall(LARGE * 20)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for wire in wires[each : 3 * each]:
                with contextlib.suppress(OSError):
                    wire.sendall(b"a")
            for _ in range(5):
                began = time.monotonic()
                clinic.check_in()
                slowest, asked = max(slowest, time.monotonic() - began), asked + 1
            time.sleep(0.5)
        held_on = _handles(clinic) - before
    finally:
        for wire in wires:
            wire.close()
        clinic.kill()
    held = slowest <= 1.0 and (size is Size.SHORT or held_on <= each)
    note = f"{len(wires)} connections, {max(0, held_on)} of them still open after {seconds:g} s"
    return Outcome("F13", "requests that never end, answers never read", asked, held, asked, hang=slowest, note=note)


def away(folder: Path, size: Size) -> Outcome:
    """The server is gone; people get numbers by hand as the paper says, and are entered later in that order."""
    people = 20 if size is Size.FULL else 6
    clinic = Clinic(folder).start()
    try:
        for n in range(5):
            clinic.check_in("nurse" if n % 2 else "doctor")
        paper = clinic.ask("GET", "/staff/paper")[1].decode()
        following = dict(re.findall(r'<b><bdi dir="ltr">([A-Z])\u202f(\d+)</bdi></b>', paper))
        clinic.kill()
        by_hand = []
        for n in range(people):
            letter = "H" if n % 3 else "A"
            by_hand.append(f"{letter} {int(following[letter]):02d}")
            following[letter] = str(int(following[letter]) + 1)
        clinic.start()
        entered = [clinic.check_in("nurse" if one[0] == "H" else "doctor")["ticket"] for one in by_hand]
    finally:
        clinic.kill()
    same = sum(one == other for one, other in zip(by_hand, entered, strict=True))
    note = "an hour passes in a browser: tests/browser/test_network.py"
    return Outcome("F29", "server gone, numbers by hand, entered later", people, same == people, same, note=note)


LOOPS: dict[str, Loop] = {
    "F8": cable_out,
    "F9": dead,
    "F10": roaming,
    "F11": slow,
    "F12": deaf,
    "F13": unfinished,
    "F29": away,
}
