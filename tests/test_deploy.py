"""What installs Kindline on a computer for good: the unit, the container's recipe, the browser of a wall."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from clinic.setup import TEMPLATES
from health import PUSH_STUCK
from settings import Settings, read

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


def unit() -> dict[str, list[str]]:
    """The settings of the unit, by name."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "kindline.service").read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def variables(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^(KINDLINE_\w+)=(.*)$", path.read_text(), re.MULTILINE))


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """Something that answers /healthz with the status in `server.status`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(self.server.status if self.path == "/healthz" else 404)  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *_about: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as answering:
        answering.status = 200  # type: ignore[attr-defined]
        thread = threading.Thread(target=answering.serve_forever, args=(0.02,))
        thread.start()
        yield answering
        answering.shutdown()
        thread.join()


def test_the_unit_waits_longer_than_a_loop_may_take_and_gives_up_never() -> None:
    found = unit()
    assert found["Type"] == ["notify"]
    assert float(found["WatchdogSec"][0]) > 2 * PUSH_STUCK, "a loop counts as stuck before systemd ends it"
    assert found["Restart"] == ["always"]
    assert found["StartLimitIntervalSec"] == ["0"]


def test_the_unit_starts_what_is_there_and_keeps_its_data_where_it_may_write() -> None:
    found = unit()
    folder = found["WorkingDirectory"][0]
    python, program = found["ExecStart"][0].split()
    assert python == f"{folder}/.venv/bin/python"
    assert (ROOT / program).is_file()
    assert f"KINDLINE_DATA=/var/lib/{found['StateDirectory'][0]}" in found["Environment"][0].split()
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]


def test_the_settings_it_comes_with_are_ones_we_know() -> None:
    chosen = variables(DEPLOY / "kindline.env")
    assert chosen
    settings = read(chosen, tuple(TEMPLATES))
    fields = {name.removeprefix("KINDLINE_").lower() for name in chosen}
    assert fields <= set(Settings.__dataclass_fields__)
    assert settings.url == chosen["KINDLINE_URL"]


def test_a_container_has_nothing_of_a_clinic_and_runs_as_nobody_special() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"data", "**/*.db", "**/*.key", ".*"} <= set(ignored)
    recipe = (ROOT / "Dockerfile").read_text()
    last = recipe.rpartition("FROM ")[2]
    assert re.search(r"^USER kindline$", last, re.MULTILINE)
    assert "pip install" not in last, "what is installed was made before"
    for name in re.findall(r"^COPY (\S+) ", last, re.MULTILINE):
        assert name == "." or name.startswith("--from=") or (ROOT / name).exists()


@pytest.mark.parametrize(("status", "exits"), [(200, 0), (503, 1), (404, 1)])
def test_a_container_is_healthy_when_the_server_says_so(server: HTTPServer, status: int, exits: int) -> None:
    server.status = status  # type: ignore[attr-defined]
    assert _health(server.server_port) == exits


def test_a_container_whose_server_is_gone_is_not_healthy(server: HTTPServer) -> None:
    port = server.server_port
    server.shutdown()
    server.server_close()
    assert _health(port) == 1


def _health(port: int) -> int:
    """The exit status of the recipe's own check."""
    found = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert found
    _python, *command = json.loads(found[1])
    environ = {**os.environ, "KINDLINE_PORT": str(port)}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environ, capture_output=True, timeout=20).returncode


def test_the_browser_of_a_wall_waits_for_the_server_and_comes_back(tmp_path: Path) -> None:
    """With programs in place of Chromium, curl and sleep: the third start of the browser ends the test."""
    page = "http://192.168.1.10:8000/display"
    _program(tmp_path / "chromium", 'echo "$@" >>"$SAW"; [ "$(wc -l <"$SAW")" -lt 3 ] || kill "$PPID"')
    _program(tmp_path / "curl", 'echo "$@" >>"$ASKED"; [ "$(wc -l <"$ASKED")" -gt 2 ]')
    _program(tmp_path / "sleep", 'echo "$1" >>"$SLEPT"')
    files = {name.upper(): str(tmp_path / name) for name in ("saw", "slept", "asked")}
    environ = {**os.environ, **files, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run([str(DEPLOY / "kiosk.sh"), page], env=environ, timeout=20)

    saw = (tmp_path / "saw").read_text().splitlines()
    assert len(saw) == 3, "each time it ends it is started again"
    assert all(one.endswith(page) for one in saw)
    assert all("--kiosk" in one and "--autoplay-policy=no-user-gesture-required" in one for one in saw)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 5, "twice nobody answered; then once before each start"
    assert all(one.endswith("http://192.168.1.10:8000/healthz") for one in asked)
    assert (tmp_path / "slept").read_text().splitlines() == ["2"] * 4


def _program(path: Path, does: str) -> None:
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
