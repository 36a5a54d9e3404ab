"""Backups under way, restores, wrong files, upgrades that are killed: the clinic is whole, or says what to do."""

import contextlib
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import websocket
from sqlite_utils.utils import sqlite3

from clinic.copies import BEFORE, check, found, reading
from clinic.schema import SCHEMA
from faults.kill import Asked
from faults.outcome import Loop, Outcome, Size
from tests.browser.server import ROOT, Clinic, until

BACKUPS = {Size.FULL: 60, Size.SHORT: 3}
UPGRADES = {Size.FULL: 40, Size.SHORT: 1}
"""Kills of the upgrade of each format."""

SCREENS = {Size.FULL: 50, Size.SHORT: 10}
CLIENTS = 4
LATE = 5
"""People who check in after the backup to which the clinic goes back."""

KEYS = ("display/main/en", "staff/main/en", "kiosk/start-normal/en")

FIXTURES = sorted((ROOT / "tests" / "upgrade").glob("format-*.sql"))


def command(folder: Path, module: str, *arguments: str) -> subprocess.Popen[str]:
    """One of `make backup` and `make restore`, on this data folder."""
    environ = {**os.environ, "KINDLINE_DATA": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environ, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def run(folder: Path, module: str, *arguments: str) -> str:
    """The same, to its end: what it says. Raises RuntimeError when it does not do it."""
    process = command(folder, module, *arguments)
    said = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"{module}: {said}")
    return said


def refused(clinic: Clinic) -> str:
    """What a start says that is refused; empty when it was not."""
    try:
        clinic.start()
    except AssertionError as problem:
        return str(problem)
    clinic.kill()
    return ""


# --- F16 ---


def _overwrite(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * 3000)


WRONG = {
    "a corrupt header": lambda path: _overwrite(path, 0),
    "a corrupt page": lambda path: _overwrite(path, 4096),
    "a corrupt page in the middle": lambda path: _overwrite(path, path.stat().st_size // 2 // 4096 * 4096),
    "a file copied by half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100]),
    "a lost -wal after a kill": lambda path: path.with_name("kindline.db-wal").unlink(),
    "an empty file": lambda path: path.write_bytes(b""),
    "a missing file": lambda path: path.unlink(),
}


def wrong(folder: Path, _size: Size) -> Outcome:
    """Files that are corrupt, cut or lost: the start says so and names the backup, which brings the line back."""
    clinic = Clinic(folder).start()
    data, asked = folder / "data", Asked()
    for n in range(3):
        asked.ask(clinic.port, f"before {n}")
    run(data, "clinic.backups")
    clinic.stop()
    failed = []
    for what, break_it in WRONG.items():
        shutil.copytree(data, folder / "kept")
        clinic.start()
        clinic.kill()
        break_it(data / "kindline.db")
        said = refused(clinic)
        backup = found(data)[0].path
        if f"make restore FROM={backup}" not in said:
            failed.append(what)
        run(data, "clinic.restore", str(backup))
        clinic.start()
        if len(clinic.people()) != 3:
            failed.append(f"{what}: the line after the restore")
        clinic.kill()
        shutil.rmtree(data)
        (folder / "kept").rename(data)
    return Outcome("F16", "a file that is corrupt, cut or lost", len(WRONG), not failed, note=", ".join(failed))


# --- F21 ---


def backed_up(folder: Path, size: Size) -> Outcome:
    """Backups one after the other while people check in; some are killed, and the server too."""
    clinic, asked, over = Clinic(folder).start(), Asked(), threading.Event()
    data, dice = folder / "data", random.Random(21)

    def client() -> None:
        while not over.is_set():
            asked.ask(clinic.port, uuid.uuid4().hex)
            time.sleep(0.01)

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    lost = whole = killed = 0
    try:
        for n in range(BACKUPS[size]):
            with asked.lock:
                before = {request: ticket for request, ticket in asked.told.items() if ticket}
            process = command(data, "clinic.backups", str(folder / "made" / str(n)))
            if n % 3 == 1:
                time.sleep(dice.uniform(0.2, 0.6))
                process.kill()
                killed += 1
            elif n % 3 == 2:
                time.sleep(dice.uniform(0.2, 0.5))
                clinic.kill()
                clinic.start()
                killed += 1
            process.communicate()
            for path in (folder / "made" / str(n)).glob("*.db"):
                lost += _lacks(path, before)
                whole += 1
    finally:
        over.set()
        for one in clients:
            one.join()
        clinic.kill()
    held = lost == 0 and whole >= BACKUPS[size] // 3
    note = f"{killed} of them, or of the server, killed on the way; {whole} backups were whole, each with all before it"
    return Outcome("F21", "backups while 4 clients check in", BACKUPS[size], held, asked.acknowledged, lost, None,
                   asked.slowest, note)  # fmt: skip


def _lacks(path: Path, told: dict[str, str]) -> int:
    """How many that were told a number before it began this backup does not know. Raises Damaged for a broken one."""
    with reading(path) as source:
        check(source)
        known = dict(source.execute("select request, json_extract(data, '$.ticket') from event where request <> ''"))
    return sum(known.get(request) != ticket for request, ticket in told.items())


# --- F22 ---


class Screen:
    """One screen, as a browser has it open: it comes back by itself. `seq`: of which state it shows the clinic."""

    def __init__(self, port: int, key: str, over: threading.Event):
        self._port, self._key, self._over = port, key, over
        self.seq: int | None = None
        self._thread = threading.Thread(target=self._watch_for_ever, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until it is closed."""
        self._thread.join(15)

    def _watch_for_ever(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError, websocket.WebSocketException):
                self._watch()
            self.seq = None
            time.sleep(0.3)

    def _watch(self) -> None:
        wire = websocket.WebSocket()
        try:
            wire.connect(f"ws://127.0.0.1:{self._port}/socket.io/?EIO=4&transport=websocket", timeout=15)
            wire.settimeout(0.5)
            while not self._over.is_set():
                with contextlib.suppress(websocket.WebSocketTimeoutException):
                    self._hear(wire, str(wire.recv()))
        finally:
            wire.shutdown()

    def _hear(self, wire: websocket.WebSocket, text: str) -> None:
        if text[:1] == "2":
            wire.send("3")
        elif text[:1] == "0":
            wire.send("40")
        elif text[:2] == "40":
            wire.send("420" + json.dumps(["watch", self._key]))
        elif text[:3] == "430":
            self.seq = json.loads(text[3:])[0]["seq"]
        elif text[:2] == "42":
            # A state of before is not shown, as in static/live.js.
            self.seq = max(self.seq or 0, json.loads(text[2:])[1]["seq"])
        else:
            raise OSError("The server closed the connection")


def restored(folder: Path, size: Size) -> Outcome:
    """A restore into the running clinic: every screen shows the restored state, and old tabs can write nothing."""
    clinic, asked, over = Clinic(folder).start(), Asked(), threading.Event()
    data = folder / "data"
    for n in range(3):
        asked.ask(clinic.port, f"before {n}")
    run(data, "clinic.backups")
    (backup,) = found(data)[:1]
    for n in range(LATE):
        asked.ask(clinic.port, f"late {n}")
    before = {line["ticket"] for line in clinic.people()}
    old_life = _life(clinic)
    screens = [Screen(clinic.port, KEYS[n % len(KEYS)], over) for n in range(SCREENS[size])]
    try:
        until(lambda: all(one.seq for one in screens), 20, "Every screen is there")
        began = time.monotonic()
        run(data, "clinic.restore", str(backup.path))
        done = time.monotonic() - began
        seq = json.loads(clinic.ask("GET", "/healthz")[1])["seq"]
        until(lambda: all(one.seq == seq for one in screens), 20, "Every screen shows the restored state")
        took = time.monotonic() - began
        stale, code = _post(clinic, old_life)
        now = {line["ticket"] for line in clinic.people()}
        _post(clinic, _life(clinic))
        new = {line["ticket"] for line in clinic.people()} - now
    finally:
        over.set()
        for one in screens:
            one.join()
        clinic.kill()
    held = now == {"A 01", "A 02", "A 03"} and (stale, code) == (409, "restored") and len(new) == 1 and not new & before
    note = f"the command took {done:.1f} s; all screens at the restored revision {took:.1f} s after it began"
    return Outcome("F22", f"restore into the running clinic, {SCREENS[size]} screens", 1, held, len(asked.told),
                   None, len(new & before), took, note)  # fmt: skip


def _life(clinic: Clinic) -> str:
    """The life of the clinic, as a page that is loaded now knows it."""
    with closing(http.client.HTTPConnection("127.0.0.1", clinic.port, timeout=10)) as connection:
        connection.request("GET", "/kiosk")
        page = connection.getresponse().read().decode()
    return page.partition('data-edition="')[2].partition(".")[0]


def _post(clinic: Clinic, life: str) -> tuple[int, str]:
    """A check-in from a page of that life: its status and code."""
    with closing(http.client.HTTPConnection("127.0.0.1", clinic.port, timeout=10)) as connection:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Kindline-Life": life}
        said = {"service": "doctor", "request": f"of {life}"}
        connection.request("POST", "/kiosk/check-in", json.dumps(said), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()).get("code", "")


# --- F23, F24 ---

UPGRADE = """
import sys
from pathlib import Path
from clinic.store import Store
print("now", flush=True)
Store(Path(sys.argv[1])).close()
"""


def upgraded(folder: Path, size: Size) -> Outcome:
    """kill -9 in the middle of the upgrade of every format: the next start goes on, and everything is there."""
    dice, half, lost, times = random.Random(23), 0, 0, 0
    for fixture in FIXTURES:
        version = int(fixture.stem.partition("-")[2])
        for n in range(UPGRADES[size]):
            data = folder / f"{version}-{n}"
            data.mkdir()
            _old(data, fixture)
            before = _rows(data)
            # It is killed once it has written so much: that many steps of the upgrade are done then.
            written, log = dice.randrange(200_000), data / "kindline.db-wal"
            upgrade = [sys.executable, "-c", UPGRADE, str(data)]
            with subprocess.Popen(upgrade, cwd=ROOT, stdout=subprocess.PIPE) as process:
                try:
                    assert process.stdout
                    process.stdout.readline()
                    while process.poll() is None and _bytes_in(log) < written:
                        time.sleep(0.0002)
                finally:
                    process.kill()
            half += version < _version(data) < SCHEMA
            subprocess.run(upgrade, cwd=ROOT, check=True, capture_output=True)
            lost += _version(data) != SCHEMA or not before <= _rows(data)
            times += 1
            shutil.rmtree(data)
    note = f"{half} of the kills left a file between two formats"
    return Outcome("F23", "kill -9 during the upgrade of every format", times, lost == 0, None, lost, note=note)


def _bytes_in(path: Path) -> int:
    """How large this file is; 0 where it is not there, as when SQLite takes its log away at this very moment."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _old(data: Path, fixture: Path) -> None:
    with closing(sqlite3.connect(str(data / "kindline.db"), isolation_level=None)) as connection:
        connection.executescript(fixture.read_text())


def _rows(data: Path) -> set[tuple[str, Any]]:
    """The table and the first value, which is the key, of every row."""
    with closing(sqlite3.connect(str(data / "kindline.db"))) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        keys = ((table, connection.execute(f"select * from {table}")) for table in tables)  # noqa: S608 - a name of our own
        return {(table, row[0]) for table, rows in keys for row in rows}


def _version(data: Path) -> int:
    # Only reading: who opens the file to write brings in its log and takes it away, and the next start misses it.
    with reading(data / "kindline.db") as connection:
        return int(connection.execute("pragma user_version").fetchone()[0])


def rolled_back(folder: Path, _size: Size) -> Outcome:
    """An older program on a newer file refuses, and names the version and the backup from before."""
    data = folder / "data"
    data.mkdir()
    _old(data, FIXTURES[-2])
    clinic = Clinic(folder, template="").start()
    clinic.stop()
    (before,) = found(data, BEFORE)
    # As a newer program leaves them: its database, and the backups that it made since.
    for path in (data / "kindline.db", *(one.path for one in found(data))):
        with closing(sqlite3.connect(str(path), isolation_level=None)) as connection:
            connection.execute(f"pragma user_version = {SCHEMA + 1}")
    said = refused(clinic)
    held = f"format {SCHEMA + 1}" in said and f"make restore FROM={before.path}" in said
    run(data, "clinic.restore", str(before.path))
    clinic.start()
    held = held and len(clinic.people()) > 10
    clinic.kill()
    return Outcome("F24", "an older program on a newer file", 1, held)


LOOPS: dict[str, Loop] = {
    "F16": wrong, "F21": backed_up, "F22": restored, "F23": upgraded, "F24": rolled_back,
}  # fmt: skip
