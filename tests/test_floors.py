"""What Kindline is made of: every version is pinned, and none is older than the mending of a known hole (TRUST A27)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(ROOT.glob("requirements*.txt"))

FLOORS = {
    "Flask": "3.1.3",  # CVE-2026-27205
    "Werkzeug": "3.1.9",
    "Jinja2": "3.1.6",
    "python-engineio": "4.13.2",  # CVE-2026-48802: heartbeats that end no thread
    "python-socketio": "5.16.2",  # a client could have resources held; before 5.14 also pickle in a queue
    "eventlet": "0.40.3",  # a request smuggled in the trailers of another
    "pysqlite3": "0.6.1",  # SQLite before 3.51.3 can damage a file when it resets the write-ahead log
}


def pins(path: Path) -> dict[str, str]:
    """The lines of this file that ask for something, with the version each asks for."""
    lines = [line.partition("#")[0].partition(";")[0].strip() for line in path.read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-r ")]
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)", line) for line in wanted]
    return {one[1]: one[2] for one in found if one} if all(found) else {"": f"{path.name} has a line without a version"}


def parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_version_is_pinned_and_nothing_is_asked_for_twice(path: Path) -> None:
    found = pins(path)
    assert found
    assert "" not in found, found[""]
    lines = [line for line in path.read_text().splitlines() if "==" in line]
    assert len(found) == len(lines)


@pytest.mark.parametrize("name", FLOORS)
def test_nothing_is_older_than_its_floor(name: str) -> None:
    assert parts(pins(ROOT / "requirements.txt")[name]) >= parts(FLOORS[name])


def test_each_file_includes_the_one_before_so_that_all_fit_together() -> None:
    included = {path.name: re.findall(r"^-r (.+)$", path.read_text(), re.MULTILINE) for path in FILES}
    assert included == {
        "requirements.txt": [],
        "requirements-dev.txt": ["requirements.txt"],
        "requirements-fuzz.txt": ["requirements-dev.txt"],
        "requirements-audit.txt": ["requirements-fuzz.txt"],
    }
