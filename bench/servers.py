"""Both servers as the bench sees them: started from outside, spoken to over HTTP, stopped with SIGTERM."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.crowd import WentWrong

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Server:
    """A running server, the tablet's connection to it, and who waits there, in order of arrival."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    tablet: http.client.HTTPConnection
    log: Path
    service: str = ""
    waiting: list[str] = field(default_factory=list)


def start_product(folder: Path, port: int | None = None) -> Server:
    """Kindline as a clinic starts it, for walk-ins, on a fresh folder or on the one it had."""
    port = port or free_port()
    chosen = {"DATA": str(folder / "data"), "PORT": str(port), "TEMPLATE": "walk-in", "ASYNC": "eventlet"}
    chosen["OPEN_DOORS"] = "loopback"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_")}
    environ = {**inherited, **{f"KINDLINE_{name}": value for name, value in chosen.items()}}
    product = _start("product", port, [sys.executable, "serve.py"], folder / "product.log", environ)
    product.service = _first_service(ask(product, "GET", "/staff/line.json")[1])
    return product


def start_limit(folder: Path, size: int) -> Server:
    """The bare server, pushing frames of `size` bytes."""
    port = free_port()
    command = [sys.executable, "-m", "bench.limit", str(port), str(folder / "limit"), str(size)]
    return _start("limit", port, command, folder / "limit.log", dict(os.environ))


def _start(name: str, port: int, command: list[str], log: Path, environ: dict[str, str]) -> Server:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    server = Server(name, port, process, http.client.HTTPConnection("127.0.0.1", port, timeout=10), log)
    end = time.monotonic() + 30
    while b"Ready." not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > end:
            problem = WentWrong(f"Not started. {condition(server)}")
            process.kill()
            raise problem
        time.sleep(0.02)
    return server


def stop(server: Server) -> float:
    """End it; the seconds that took. Raises WentWrong when it does not go."""
    start = time.monotonic()
    server.tablet.close()
    server.process.terminate()
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()
        raise WentWrong(f"The {server.name} did not stop within 10 seconds.") from None
    return time.monotonic() - start


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory(server: Server) -> int:
    """Its resident memory in KiB; 0 where /proc cannot tell."""
    status = Path("/proc") / str(server.process.pid) / "status"
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def worked(server: Server) -> float:
    """Seconds that a processor has worked for it; nothing where /proc cannot tell."""
    stat = Path("/proc") / str(server.process.pid) / "stat"
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(server: Server, method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, Any]:
    """One request on the tablet's connection: status, and the answer if it is JSON. A closed connection is renewed."""
    for again in (True, False):
        try:
            server.tablet.request(method, path, _json(body), headers(server.port))
            answer = server.tablet.getresponse()
            text = answer.read()
            break
        except (http.client.HTTPException, OSError) as problem:
            server.tablet.close()
            if not again:
                raise WentWrong(f"{method} {path}: {problem!r}. {condition(server)}") from problem
    is_json = "json" in (answer.getheader("Content-Type") or "")
    return answer.status, json.loads(text) if is_json else text.decode(errors="replace")


def condition(server: Server) -> str:
    """How it is doing, and the last it had to say."""
    status = server.process.poll()
    runs = "runs" if status is None else f"ended with status {status}"
    return f"The {server.name} {runs}. Its last lines:\n{server.log.read_text(errors='replace')[-2000:]}"


def check_in(server: Server) -> tuple[float, float]:
    """One check-in: when it was sent, when it was answered."""
    body = check_in_body(server)
    sent = time.monotonic()
    status, answer = ask(server, "POST", "/kiosk/check-in", body)
    answered = time.monotonic()
    if status != 201:
        raise WentWrong(f"A check-in was answered with {status}: {str(answer)[:300]} {condition(server)}")
    server.waiting.append(answer["visit"])
    return sent, answered


def check_in_body(server: Server) -> dict[str, str]:
    """What the tablet posts."""
    return {"service": server.service, "request": str(uuid.uuid4())}


def keep(server: Server, count: int) -> None:
    """Let the first in line leave until `count` wait."""
    while len(server.waiting) > count:
        body = {"visit": server.waiting.pop(0), "request": str(uuid.uuid4())}
        status, answer = ask(server, "POST", "/staff/leave", body)
        if status >= 400:
            raise WentWrong(f"Nobody can leave; {status}: {str(answer)[:300]}")


def headers(port: int) -> dict[str, str]:
    """What a browser sends with a command from one of our own pages."""
    return {
        "Host": f"127.0.0.1:{port}",
        "Origin": f"http://127.0.0.1:{port}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }


def _json(body: dict[str, str] | None) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _first_service(line: Any) -> str:
    services = line.get("services") if isinstance(line, dict) else None
    if not services:
        raise WentWrong(f"/staff/line.json names no service: {str(line)[:300]}")
    first = next(iter(services))
    return str(first["id"] if isinstance(first, dict) else first)
