"""Figures for Prometheus: counted where things happen, looked up when somebody asks for them at /metrics.

Each app has its own, so several can live in one process. No figure is about one person, and a label has only values
that are known from the start (endpoints, kinds of screens, services, states, alarms): no stranger can make a new one.
"""

import gc
import logging
import platform
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from clinic.desk import Desk
from clinic.line import HERE
from clinic.store import Unavailable
from clinic.trust import Record, record
from doors.limits import Bucket
from doors.table import SCREENS, beginning
from health import Health
from live import Live
from messages import ALARMS
from output import news
from upkeep import Upkeep

ANSWERED = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
PUSHED = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Bounds of the histograms, in seconds."""

SLOW = 1.0
"""Seconds from which an answer is worth a line."""

LINES, LINES_AT_ONCE = 1 / 60, 5.0
"""Such lines for one page: a second in the long run, and at once. A disk that is full must not be filled with them."""

PROMISES_EVERY = timedelta(seconds=60)
"""They are read from the end of the log."""

STATES = ("expected", *HERE)

log = logging.getLogger("kindline.watching")

# When each series began is of no use here, and would be a line more for each.
disable_created_metrics()

Backup = tuple[datetime, Path]
"""When the last good backup was made, and which file it is."""


class Watching:
    """The figures of one app. `backup`, where somebody makes them, says which one is the last good one, if any is."""

    def __init__(
        self, desk: Desk, live: Live, upkeep: Upkeep, health: Health, sockets: Callable[[], int], about: dict[str, str]
    ):  # fmt: skip
        """sockets: how many live connections are open; about: what runs here, as its version."""
        self.backup: Callable[[], Backup | None] | None = None
        self._desk, self._live, self._upkeep, self._health = desk, live, upkeep, health
        self._sockets, self._about = sockets, {**about, "python": platform.python_version()}
        self._registry = CollectorRegistry()
        self._requests = Counter("kindline_requests", "Answered.", ("endpoint", "status"), registry=self._registry)
        self._seconds = self._times("request", "From a request's coming to its answer's going.", "endpoint", ANSWERED)
        self._made = self._times("push_render", "To make a screen that changed.", "screen", PUSHED)
        self._sent = self._times("push_emit", "To send it to all who watch it.", "screen", PUSHED)
        ProcessCollector(registry=self._registry)
        self._registry.register(_LookedUp(self._look_up))
        self._lines = Bucket(LINES, LINES_AT_ONCE)
        self._garbage = {"times": 0, "seconds": 0.0, "longest": 0.0, "began": 0.0}
        self._promises: tuple[datetime, Record] | None = None
        self._opened = desk.line.opened_at
        live.pushed = self.pushed
        desk.listeners.append(self._day)

    def answered(self, endpoint: str | None, status: int, seconds: float) -> None:
        """A request to this endpoint was answered; None for an address that leads nowhere."""
        where = endpoint or "none"
        self._requests.labels(where, f"{status // 100}xx").inc()
        self._seconds.labels(where).observe(seconds)
        # A fault has its own lines already, with its places.
        if (seconds > SLOW or status > 500) and self._lines.allows(f"{where} {status}"):
            what = "An answer of trouble" if status > 500 else "A slow answer"
            fields = {"endpoint": where, "status": status, "ms": round(seconds * 1000)}
            log.warning(what, extra={"fields": fields})

    def pushed(self, key: str, made: float, sent: float) -> None:
        """The screen with this key was made and sent in so many seconds each."""
        kind = _kind(key)
        self._made.labels(kind).observe(made)
        self._sent.labels(kind).observe(sent)

    def listen_to_garbage(self) -> None:
        """Take the time of every collection of garbage in this process."""
        # Plain numbers: a collection may begin while a figure of the library's is locked.
        gc.callbacks.append(self._collected)

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self._registry)

    def _times(self, what: str, says: str, label: str, bounds: tuple[float, ...]) -> Histogram:
        return Histogram(f"kindline_{what}_seconds", says, (label,), buckets=bounds, registry=self._registry)

    def _collected(self, phase: str, _info: Mapping[str, int]) -> None:
        now, kept = time.perf_counter(), self._garbage
        if phase == "start":
            kept["began"] = now
            return
        took = now - kept["began"]
        kept["times"] += 1
        kept["seconds"] += took
        kept["longest"] = max(kept["longest"], took)

    def _day(self) -> None:
        """A day that was opened or closed is worth a line."""
        opened, before = self._desk.line.opened_at, self._opened
        self._opened = opened
        if opened != before:
            news("The day is open" if opened else "The day is closed", seq=self._desk.line.seq)

    # --- what is looked up ---

    def _look_up(self) -> Iterator[Metric]:
        yield InfoMetricFamily("kindline", "What runs here.", value=self._about)
        yield from self._of_the_line()
        yield from self._of_the_screens()
        yield from self._of_the_computer()

    def _of_the_line(self) -> Iterator[Metric]:
        line = self._desk.line
        yield _gauge("seq", "The number of the last fact.", line.seq)
        yield _gauge("day_open", "Whether the day is open.", line.opened_at is not None)
        people = [visit for visit in line.visits.values() if visit.is_here or visit.is_expected]
        states = {state: sum(visit.status == state for visit in people) for state in STATES}
        yield _gauges("people", "Who is here or expected today.", "state", states)
        waiting = [visit for visit in people if visit.status == "waiting" and visit.is_here]
        services = {one.id: sum(visit.service == one.id for visit in waiting) for one in line.setup.services}
        yield _gauges("waiting", "Who waits.", "service", services)
        silent = any(visit.told and visit.told.why == "not_heard" for visit in waiting)
        yield _gauge("estimate_silent", "Whether people are told no time, as nobody records anything.", silent)
        kept = self._record()
        if kept:
            how = {"inside": kept.count.inside, "earlier": kept.count.earlier, "later": kept.count.later}
            yield _gauges("promises", "How the last 200 promised windows went.", "how", how)
            if kept.count.all:
                yield _gauge("promises_kept_percent", "Of those, called inside it.", kept.count.percent)

    def _record(self) -> Record | None:
        """As the console has it, or None where the file cannot be read; that it cannot is a figure of its own."""
        now = self._desk.clock.now()
        if self._promises is None or not self._promises[0] <= now < self._promises[0] + PROMISES_EVERY:
            try:
                self._promises = (now, record(self._desk.promises(), self._desk.line.setup, None))
            except Unavailable:
                return None
        return self._promises[1]

    def _of_the_screens(self) -> Iterator[Metric]:
        yield _gauge("sockets", "Live connections that are open.", self._sockets())
        watchers = dict.fromkeys((_kind(start) for start in SCREENS), 0)
        for key, count in self._live.watchers().items():
            watchers[_kind(key)] = watchers.get(_kind(key), 0) + count
        yield _gauges("watchers", "Who watches a screen.", "screen", watchers)

    def _of_the_computer(self) -> Iterator[Metric]:
        look = self._health.look()
        parts = {"storage": look.storage, "push": look.push, "upkeep": look.upkeep}
        yield _gauges("well", "Whether it works: a row is written and read, a loop turns.", "part", parts)
        yield _gauge("storage_seconds", "To write a row and read it back.", look.seconds)
        standing = {alarm.kind for alarm in self._upkeep.alarms()}
        alarms = {kind: kind in standing for kind in (*ALARMS, *standing)}
        yield _gauges("alarm", "Whether this alarm stands on the console.", "kind", alarms)
        folder = self._desk.store.folder
        sizes = {"database": _size(folder / "kindline.db"), "wal": _size(folder / "kindline.db-wal")}
        yield _gauges("file_bytes", "The clinic's file, and what is still to go into it.", "file", sizes)
        yield _gauge("disk_free_bytes", "Left on the disk of the data.", shutil.disk_usage(folder).free)
        if self.backup:
            last = self.backup()
            made = last[0].timestamp() if last else 0
            yield _gauge("backup_time_seconds", "When the last good backup was made; 0 for never.", made)
            yield _gauge("backup_bytes", "Its size.", _size(last[1]) if last else 0)
        yield _gauge("threads", "Threads of this process.", _threads())
        yield CounterMetricFamily("kindline_garbage_collections", "Times.", self._garbage["times"])
        yield CounterMetricFamily("kindline_garbage_seconds", "Time spent in them.", self._garbage["seconds"])
        yield _gauge("garbage_longest_seconds", "The longest of them since the start.", self._garbage["longest"])


def watch(app: Flask, watching: Watching) -> None:
    """Count every request of this app, from before the doors to after the last header, and answer /metrics."""

    @app.before_request
    def began() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def ended(response: Response) -> Response:
        watching.answered(request.endpoint, response.status_code, time.perf_counter() - g.began)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(watching.text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _LookedUp(Collector):
    """Figures made when they are asked for."""

    def __init__(self, look_up: Callable[[], Iterable[Metric]]):
        self._look_up = look_up

    def collect(self) -> Iterable[Metric]:
        return self._look_up()

    def describe(self) -> Iterable[Metric]:
        """None ahead of time: naming them would mean to look everything up at the start."""
        return []


def _gauge(name: str, says: str, value: Any) -> Metric:
    return GaugeMetricFamily(f"kindline_{name}", says, value=float(value))


def _gauges(name: str, says: str, label: str, values: Mapping[str, Any]) -> Metric:
    family = GaugeMetricFamily(f"kindline_{name}", says, labels=(label,))
    for one, value in values.items():
        family.add_metric((one,), float(value))
    return family


def _kind(key: str) -> str:
    """The kind of the screen with this key, which may hold a patient's secret: never more than the table has of it."""
    return beginning(key, SCREENS).rstrip("/-") or "other"


def _size(path: Path) -> int:
    try:
        return int(path.stat().st_size)
    except FileNotFoundError:  # nothing is written beside the database just now; a backup is gone
        return 0


def _threads() -> int:
    """As the system counts them, also those that Python does not know; elsewhere than on Linux only Python's."""
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir())
    except FileNotFoundError:
        return threading.active_count()
