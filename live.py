"""The wire: who watches which screen, and what they get when it changes. It knows no screen by name.

Up comes `watch(key)`, answered with the current screen and with the edition of our pages; down goes `screen {key, seq,
html}`. A bare "?" asks whether we hear, and is answered with "!". Nothing else. A key is `screen/target/language`. A
screen is rendered once for all who watch it, at most ten times a second, and sent only when it differs from what was
sent before. The doors say who may connect and watch, and who no longer may: that is looked at every two seconds, and
such a connection is closed.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from flask import request
from flask_socketio import SocketIO, join_room, leave_room

from clinic.clock import Clock
from clinic.desk import Desk
from clinic.store import Unavailable
from doors.limits import Bucket

WINDOW = 0.1
"""Seconds between two pushes: faster is not seen, and would tire small machines."""

LOOK = 2.0
"""Seconds between two looks at whether all who watch still may."""

MESSAGES, MESSAGES_AT_ONCE = 5.0, 50.0
"""Messages that one connection may send: a second, in the long run, and at once. A screen asks every few seconds."""

HEARS_US, WE_DO = "?", "!"
"""What a screen asks, and is answered: where only one direction of a network died it still hears us, and not we it."""

TURN = 5.0
"""Seconds within which the loop of the pushes turns at least once, also when nothing changes."""

BREATH = 0.005
"""Seconds of making and sending screens after which others are answered first."""

SHARE = 0.1
"""So much of a processor at most works out what people are told. Where very many wait it is not done at every push, but
at least once a minute: a rush at the door would leave a small machine no time for anything else."""

KEY_LENGTH = 120

log = logging.getLogger("kindline.live")

Show = Callable[[str, str], str | None]
Still = Callable[[], bool]


class Doors(Protocol):
    """Who may come in, asked while the request of a connection is at hand."""

    def connect(self) -> bool:
        """Whether this one may be opened."""

    def disconnect(self) -> None:
        """It is closed."""

    def show(self, key: str) -> bool:
        """Whether who asks by an ordinary request may be answered with this screen."""

    def admit(self, key: str) -> Still | None:
        """None for who may not watch this screen, else what tells later whether they still may."""


class Live:
    """The watchers of one desk's screens."""

    def __init__(self, socketio: SocketIO, desk: Desk, clock: Clock, doors: Doors, edition: Callable[[], str]):
        self._socketio, self._desk, self._clock, self._doors = socketio, desk, clock, doors
        self.edition = edition
        self._shows: dict[str, list[Show]] = {}
        self._watching: dict[str, str] = {}
        self._still: dict[str, Still] = {}
        self._watchers: dict[str, int] = {}
        # By key, the screen that all its watchers have, and the minute it is of.
        self._sent: dict[str, tuple[dict[str, Any], datetime]] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._running = False
        self._tell_at, self._told, self._is_owed = 0.0, self._minute(), False
        # For who watches the machine: when the loop of the pushes last turned, and what each push took.
        self.turned: float | None = None
        self.pushed: Callable[[str, float, float], None] = lambda _key, _made, _sent: None
        desk.listeners.append(self._wake.set)
        self._heard = Bucket(MESSAGES, MESSAGES_AT_ONCE)
        socketio.server.eio.on("message", self._hear)
        socketio.on_event("connect", self._come)
        socketio.on_event("watch", self._watch)
        socketio.on_event("disconnect", self._gone)

    def show(self, screen: str, show: Show) -> None:
        """Let `show(target, language)` make fragments of `screen`; it answers None to who has no right to it.

        Several may share a screen: the first that knows the target makes it.
        """
        self._shows.setdefault(screen, []).append(show)

    def wake(self) -> None:
        """Something that is shown changed, though not at the desk."""
        self._wake.set()

    def beside(self, task: Callable[..., None], *args: Any) -> None:
        """Do this beside everything else, by whichever engine runs."""
        self._socketio.start_background_task(task, *args)

    def current(self, key: str) -> dict[str, Any] | None:
        """The screen with this key as it is now, or None when there is none for this watcher."""
        screen, _, rest = key.partition("/")
        target, _, language = rest.rpartition("/")
        shows = self._shows.get(screen, []) if target else []
        seq = self._desk.line.seq
        made = (show(target, language) for show in shows)
        html = next((one for one in made if one is not None), None)
        return None if html is None else {"key": key, "seq": seq, "html": html}

    def shown(self, key: str) -> dict[str, Any] | None:
        """The screen with this key for who asks by an ordinary request, or None when they may not have it."""
        return self.current(key) if self._doors.show(key) else None

    def watchers(self) -> dict[str, int]:
        """How many watch the screen with each key."""
        with self._lock:
            return dict(self._watchers)

    def start(self) -> None:
        """Begin to push; what was due while nobody served is done at once."""
        self._running, self.turned = True, time.monotonic()
        self._wake.set()
        self._socketio.start_background_task(self._push_for_ever)
        self._socketio.start_background_task(self._look_for_ever)

    def part(self) -> None:
        """Close every connection: each screen comes back by itself, and shows what is then."""
        eio = self._socketio.server.eio
        for client in list(eio.sockets.values()):
            self.beside(eio.disconnect, client.sid)

    def stop(self) -> None:
        """Push no more."""
        self._running = False
        self._wake.set()

    def push(self) -> None:
        """Send every watched screen that changed, once for all its watchers."""
        self._wake.clear()  # what changes from here on is for the next push
        minute = self._minute()
        self._is_owed = time.monotonic() < self._tell_at and minute == self._told
        if not self._is_owed:
            self._tell()
            self._told = minute
        breathed = time.monotonic()
        for key in list(self._watchers):
            self.turned = began = time.monotonic()
            if began - breathed > BREATH:
                self._socketio.sleep(0)
                breathed = began = time.monotonic()
            try:
                screen, minute = self.current(key), self._minute()
            except Exception:  # one broken screen must not silence all the others
                log.exception("A %s screen could not be made", key.partition("/")[0])
                continue
            if screen is None:
                continue
            with self._lock:
                if key not in self._watchers:  # the last of them has just left
                    continue
                before, self._sent[key] = self._sent.get(key), (screen, minute)
            made = time.monotonic()
            if before is None or before[0]["html"] != screen["html"]:
                self._socketio.emit("screen", screen, to=key)
                self.pushed(key, made - began, time.monotonic() - made)

    def _tell(self) -> None:
        """What people are owed by now is said to them, on record."""
        began = time.thread_time()
        try:
            self._desk.tell()
        except Unavailable as problem:
            log.info("What people were told could not be written: %s", problem)  # the store itself says it, once
        except Exception:  # an estimate that fails must not keep a call from the screens
            log.exception("What people are told could not be worked out")
        rest = (time.thread_time() - began) * (1 / SHARE - 1)
        self._tell_at = time.monotonic() + rest if rest > WINDOW else 0.0  # pushes are a window apart anyway

    def look(self) -> None:
        """Close the connection of everybody who may no longer watch what they watch."""
        for sid, still in list(self._still.items()):
            try:
                may = still()
            except Exception:  # what cannot be looked up is not allowed
                log.exception("Whether a screen may still be watched could not be looked up")
                may = False
            if not may:
                try:
                    self._cut(sid)
                except KeyError:
                    log.info("A connection was closed while it was to be cut")
            self._socketio.sleep(0)

    def _cut(self, sid: str) -> None:
        server = self._socketio.server
        connection = server.manager.eio_sid_from_sid(sid, "/")
        server.disconnect(sid)
        if connection:
            self.beside(server.eio.disconnect, connection)

    def _look_for_ever(self) -> None:
        while self._running:
            self._socketio.sleep(LOOK)
            try:
                self.look()
            except Exception:  # a look that failed must not be the last one
                log.exception("A look at who may still watch failed")

    def _push_for_ever(self) -> None:
        while self._running:
            began = time.monotonic()
            try:
                self._wait()
                began = time.monotonic()
                self.push()
            except Exception:  # a push that failed must not be the last one
                log.exception("A push failed")
            took = time.monotonic() - began
            self._socketio.sleep(max(WINDOW - took, BREATH))

    def _wait(self) -> None:
        """Until something changed, something is owed to people, or another minute began. The loop is seen to turn."""
        end = time.monotonic() + self._until_next_minute()
        end = min(end, self._tell_at) if self._is_owed else end
        while not self._wake.wait(max(0.0, min(TURN, end - time.monotonic()))) and time.monotonic() < end:
            self.turned = time.monotonic()
        self.turned = time.monotonic()

    def _until_next_minute(self) -> float:
        """Real seconds until the clinic's clock shows another minute: nothing else changes by itself."""
        now = self._clock.now()
        return max(0.02, self._clock.real_seconds(60 - now.second - now.microsecond / 1e6))

    def _hear(self, connection: str, message: Any) -> None:
        """A message from a browser. One that cannot be read, or one too many, ends its connection, without more ado."""
        server = self._socketio.server
        if self._heard.allows(connection):
            if message == HEARS_US:
                server.eio.send(connection, WE_DO)
                return
            try:
                server._handle_eio_message(connection, message)
                return
            except Exception as problem:  # whatever a stranger sends is no fault of ours
                log.info("A connection sent what cannot be read: %s", type(problem).__name__)
        self.beside(server.eio.disconnect, connection)

    def _come(self, *_auth: Any) -> bool | None:
        if self._doors.connect():
            return None
        server, sid = self._socketio.server, request.sid  # type: ignore[attr-defined]  # Flask-SocketIO adds it
        connection = server.manager.eio_sid_from_sid(sid, "/")
        if connection:
            self.beside(server.eio.disconnect, connection)
        return False

    def _watch(self, key: Any = None, *_more: Any) -> dict[str, Any]:
        if not isinstance(key, str) or len(key) > KEY_LENGTH:
            return {"code": "unknown_screen"}
        try:
            still = self._doors.admit(key)
        except Unavailable as problem:
            log.error("Who watches could not be written down: %s", problem)
            return {"code": "unavailable"}
        if still is None:
            return {"code": "not_allowed"}
        screen, minute = self._as_sent(key) or self.current(key), self._minute()
        if screen is None:
            return {"code": "unknown_screen"}
        sid: str = request.sid  # type: ignore[attr-defined]  # Flask-SocketIO adds it to the request
        self._forget(sid)
        join_room(key)
        with self._lock:
            self._watching[sid], self._still[sid] = key, still
            self._watchers[key] = self._watchers.get(key, 0) + 1
            self._sent.setdefault(key, (screen, minute))
        # From here on every change is pushed to this watcher too; one that came in between is answered now.
        screen = self._as_sent(key) or screen
        now = screen if self._desk.line.seq == screen["seq"] else self.current(key) or screen
        return {**now, "edition": self.edition()}

    def _as_sent(self, key: str) -> dict[str, Any] | None:
        """The screen that all have who watch it, unless it may have changed since: made once, however many come."""
        screen, minute = self._sent.get(key, (None, None))
        changed = self._wake.is_set() or screen is None or screen["seq"] != self._desk.line.seq
        return None if changed or minute != self._minute() else screen

    def _minute(self) -> datetime:
        return self._clock.now().replace(second=0, microsecond=0)

    def _gone(self, *_reason: Any) -> None:
        self._doors.disconnect()
        still = self._still.get(request.sid)  # type: ignore[attr-defined]  # see above
        if still:
            try:
                still()  # whom the last push showed
            except Exception:
                log.exception("Whom a screen showed last could not be written down")
        self._forget(request.sid, connected=False)  # type: ignore[attr-defined]  # see above

    def _forget(self, sid: str, connected: bool = True) -> None:
        with self._lock:
            key = self._watching.pop(sid, None)
            self._still.pop(sid, None)
            if key is None:
                return
            self._watchers[key] -= 1
            if not self._watchers[key]:
                del self._watchers[key]
                self._sent.pop(key, None)
        if connected:
            leave_room(key)
