"""Start Kindline: `python serve.py`. The only file that knows which asynchronous engine runs underneath.

Eventlet must replace the blocking calls of the standard library before anything else is imported. So the first lines
read KINDLINE_ASYNC and patch, also when a test imports this module; an import does nothing else. Everything below is
what the stock start of either engine gets wrong for a room full of screens: see the comments.
"""

import os
import sys
import warnings

# A value that is neither engine is refused by settings.read, with a sentence.
if (os.environ.get("KINDLINE_ASYNC", "").strip() or "eventlet") == "eventlet":
    # Its own name resolver does not know .local names.
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")
        import eventlet
        import eventlet.tpool
        import eventlet.wsgi
    eventlet.monkey_patch()

import contextlib
import errno
import gc
import logging
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakSet

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

import direct
import flood
import health
import output
from clinic.store import Unavailable
from doors.limits import Places
from gate import BUFFER, PATIENCE, Gate
from server_log import keep_values_out
from settings import Settings, WrongSetting, is_everywhere, is_loopback, read
from strict import Strict

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# A websocket holds a connection for as long as it lives; eventlet's default of 1024 shuts everybody else out.
CONNECTIONS = 10_000
# Of the handles the system allows: those for the database, logs and pipes.
OTHER_HANDLES = 100
# After a restart all screens come back within one second; the usual 50 would turn most of them away.
BACKLOG = 2048
# Of an address: a quarter of all places, so that who takes what there is keeps nobody else out. On threads, of which
# there is no end, as many as the screens they are for, and some more.
SHARE, ON_THREADS = 4, 500
# Seconds at the end for screens to take their leave, and for running requests to be answered.
GOODBYE, GRACE = 0.5, 3.0

FACES = {"tablet": "/kiosk", "TV": "/display", "staff": "/staff"}


class CannotListen(Exception):
    """The address or port cannot be had; the text says what to do."""


class Guest:
    """One request being answered, or one open websocket."""


@dataclass(frozen=True)
class Traffic:
    """Who is here now. Weak, because Werkzeug forgets to close the answer to some who hang up on it."""

    requests: WeakSet[Guest] = field(default_factory=WeakSet)
    sockets: WeakSet[Guest] = field(default_factory=WeakSet)


class Listener(socket.socket):
    """A listening socket that outlives a client gone again before it was accepted: eventlet's server would not."""

    def accept(self) -> tuple[Any, Any]:
        """The next client. Raises OSError only when this socket itself is closed."""
        while True:
            try:
                return super().accept()
            except OSError as problem:
                if problem.errno in (errno.EBADF, errno.EINVAL):
                    raise
                time.sleep(0.05)


class QuietHandler(Gate, Strict, WSGIRequestHandler):
    """Werkzeug's, strict, with an end to its patience and without a line for every request, served or refused."""

    timeout = PATIENCE

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (Werkzeug's name)
        """Say nothing."""

    def version_string(self) -> str:
        """What answers says no more of itself: which programs, of which version, would be told to everybody."""
        return "Kindline"


def main() -> int:
    """Run until told to stop. The exit status: 0 when stopped, 2 when it could not start."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a program's own output is text
    # Here, so that importing this module stays free of side effects.
    from app import create_app
    from clinic.opening import StoreError
    from clinic.setup import TEMPLATES

    handler = keep_values_out()
    try:
        settings = reachable(read(os.environ, templates=tuple(TEMPLATES)))
        handler.setFormatter(output.form(settings.log))
        # Before the database is opened: who connects meanwhile waits in the backlog instead of being turned away.
        listener = listen(settings.host, settings.port)
        app = create_app(settings)
    except (WrongSetting, CannotListen, StoreError) as sentence:
        print(sentence, file=sys.stderr)
        return 2
    except Unavailable as problem:
        print(
            f"The database in {settings.data} cannot be used ({problem}). "
            "Make room on its disk, or put it back from a backup with `make restore`.",
            file=sys.stderr,
        )
        return 2
    run(app, listener, settings)
    return 0


def run(app: Flask, listener: Listener, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, then stop so that nobody is cut off and nothing is lost."""
    traffic, socketio, live = Traffic(), app.extensions["socketio"], app.extensions["live"]
    upkeep = app.extensions["upkeep"]
    if settings.async_mode == "eventlet":
        # A password's hash takes a tenth of a second on purpose; in a thread of the system's it holds up nobody.
        app.extensions["doors"].accounts.beside = upkeep.beside = eventlet.tpool.execute
    wait_for_stop = catch_signals()
    start = {"eventlet": start_eventlet, "threading": start_threading}[settings.async_mode]
    # Behind a server of the house's own everybody comes from one address.
    stop_accepting = start(listener, outermost(app, traffic), settings.proxies == 0)
    live.start()
    upkeep.start(socketio.start_background_task, socketio.sleep)
    tune_garbage(socketio)
    app.extensions["watching"].listen_to_garbage()
    output.news("Kindline serves", engine=settings.async_mode, port=settings.port)
    print("\n".join([*addresses(settings), *first_link(app, settings)]), "Ready.", sep="\n")
    health.notify("READY=1")
    health.feed(app.extensions["health"], socketio.start_background_task, socketio.sleep)
    wait_for_stop()
    health.notify("STOPPING=1")
    print("Stopping.")
    upkeep.stop()
    stop_accepting()
    say_goodbye(socketio.server.eio)
    wait_until(lambda: not traffic.sockets, GOODBYE)
    gc.collect()  # who hung up in the middle of an answer can linger in a cycle
    wait_until(lambda: not traffic.requests, GRACE)
    live.stop()
    app.extensions["desk"].close()
    output.news("Kindline has stopped")


def listen(host: str, port: int) -> Listener:
    """A socket listening there. Raises CannotListen with a sentence that says what to do."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _protocol, _name, address = min(found, key=lambda info: info[0] != socket.AF_INET)
        listener = Listener(family, kind)
        # A restart need not wait until the last connections have timed out.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Small answers and pushes leave at once; accepted connections inherit this.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except UnicodeError as problem:
        raise CannotListen(f"KINDLINE_HOST={host[:40]} is no address. Use KINDLINE_HOST=127.0.0.1.") from problem
    except OSError as problem:
        raise CannotListen(_why_not(problem, host, port)) from problem
    return listener


def _why_not(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return f"Port {port} is in use. Stop the other program, or start with KINDLINE_PORT={other}."
    if problem.errno == errno.EACCES:
        return f"Port {port} is kept for the system. Start with KINDLINE_PORT=8000."
    return f"KINDLINE_HOST={host} is no address of this computer ({problem.strerror}). Use KINDLINE_HOST=127.0.0.1."


def catch_signals() -> Callable[[], None]:
    """From now on SIGTERM and SIGINT only ring a bell; the function returned waits for it.

    Python runs a signal's handler only when it is Python's turn, and eventlet's hub may sleep in epoll for many
    seconds. The byte that the wakeup socket gets is noticed at once.
    """
    bell, button = socket.socketpair()
    button.setblocking(False)
    signal.set_wakeup_fd(button.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        # The byte is the signal's number; a library may have a handler for another one.
        while bell.recv(1)[0] not in (signal.SIGTERM, signal.SIGINT):
            pass
        signal.set_wakeup_fd(-1)
        button.close()
        # Whoever asks a second time does not want to wait.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)

    return wait


def outermost(wsgi: Wsgi, traffic: Traffic) -> Wsgi:
    """What happens to every request, ahead of Socket.IO: it is counted, and websockets are kept plain."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not _is_sound(environ):
            start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [b"This request cannot be read.\n"]
        # Every browser offers compression. It would cost some 90 KiB and half as much time again for each screen.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        # With this, eventlet takes an open websocket for idle and cuts it when it stops, before it is told.
        environ.pop("eventlet.set_idle", None)
        is_socket = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        here, guest = traffic.sockets if is_socket else traffic.requests, Guest()
        here.add(guest)
        body: Iterable[bytes] | None = None
        try:
            body = wsgi(environ, start_response)
        finally:
            if is_socket or body is None:
                here.discard(guest)
        # Both servers close the body of an answer when all of it is written.
        return body if is_socket else ClosingIterator(body, lambda: here.discard(guest))

    return answer


def _is_sound(environ: dict[str, Any]) -> bool:
    """Whether the engines can read this: text in the address, and the one kind of websocket that browsers speak."""
    address = environ.get("PATH_INFO", "") + environ.get("QUERY_STRING", "")
    if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
        known = environ.get("HTTP_SEC_WEBSOCKET_KEY") and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        return bool(known) and "HTTP_SEC_WEBSOCKET_KEY1" not in environ
    try:
        address.encode("latin-1").decode()
    except UnicodeError:
        return False
    return True


def start_eventlet(listener: Listener, wsgi: Wsgi, by_address: bool = True) -> Callable[[], None]:
    """Serve in green threads; the function returned stops accepting. by_address: none may hold most places."""
    direct.install()
    log = logging.Logger("kindline.http")
    log.parent = logging.getLogger()  # whose handler keeps values out
    log.addFilter(_is_our_fault)
    # More connections than handles would make accept() fail; beyond the pool's size they wait in the backlog.
    most = min(CONNECTIONS, raise_handle_limit() - OTHER_HANDLES)
    pool, places = eventlet.GreenPool(most), Places(most // SHARE if by_address else most)
    # Without a line for every request that is no HTTP; the usual 24 KiB of buffers would stay with each screen.
    changes = {"log_message": lambda *_: None, "rbufsize": BUFFER, "wbufsize": BUFFER, "places": places}
    protocol = type("Quiet", (Gate, Strict, eventlet.wsgi.HttpProtocol), changes)
    options = {"protocol": protocol, "custom_pool": pool, "keepalive": PATIENCE, "socket_timeout": PATIENCE}
    server = eventlet.spawn(eventlet.wsgi.server, listener, wsgi, log=log, debug=False, **options)

    def stop_accepting() -> None:
        server.kill()
        listener.close()

    return stop_accepting


def _is_our_fault(record: logging.LogRecord) -> bool:
    """Eventlet reports served, broken and abandoned requests through one call; only broken ones are worth a line."""
    first, *_, last = [record.getMessage().strip(), *record.getMessage().strip().splitlines()]
    return first.startswith("Traceback") and not last.startswith(("BrokenPipeError", "ConnectionResetError"))


def start_threading(listener: Listener, wsgi: Wsgi, by_address: bool = True) -> Callable[[], None]:
    """Serve with a thread for each connection, for small clinics; likewise."""
    flood.install()
    raise_handle_limit()
    host, port = listener.getsockname()[:2]
    handler = type("Handler", (QuietHandler,), {"places": Places(ON_THREADS if by_address else CONNECTIONS)})
    server = make_server(host, port, wsgi, threaded=True, request_handler=handler, fd=listener.fileno())
    listener.close()  # the server has its own handle of the same socket
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    return server.shutdown


def raise_handle_limit() -> int:
    """Let this process open as many files and connections as the system allows; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return CONNECTIONS + OTHER_HANDLES if soft == resource.RLIM_INFINITY else soft


def tune_garbage(socketio: Any) -> None:
    """A full collection takes longer with every screen, up to a third of a second: have it while nobody waits."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1000)
    socketio.start_background_task(_collect_when_idle, socketio.sleep)


def _collect_when_idle(sleep: Callable[[float], None]) -> None:
    while True:
        sleep(60)
        for _ in range(60):
            before = time.process_time()
            sleep(1)
            if time.process_time() - before < 0.05:
                break
        gc.collect()


def say_goodbye(eio: Any) -> None:
    """Close all live connections with a word, so that the screens know at once and come back by themselves."""
    for client in list(eio.sockets.values()):
        with contextlib.suppress(Exception):
            client.close(wait=False, reason=eio.reason.SERVER_DISCONNECT)


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    """Let others work until `done`, but not for longer than that."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.005)


def addresses(settings: Settings) -> list[str]:
    """The lines that say where to point a browser, and who else can."""
    hosts = ["127.0.0.1", *lan_address()] if is_everywhere(settings.host) else [settings.host]
    lines = []
    for host in hosts:
        front = replace(settings, host=host, url="").public_url
        lines.append(f"Kindline, {'on this computer' if is_loopback(host) else 'on the network'}:  {front}/")
        lines += [f"  {name:<8}{front}{path}" for name, path in FACES.items()]
    if settings.url:
        lines.append(f"Links and QR codes lead to {settings.url}/")
    if settings.open_doors:
        lines.append("OPEN DOORS: whoever sits at this computer acts as staff, without a password.")
    return lines


def first_link(app: Flask, settings: Settings) -> list[str]:
    """The lines that lead to the first manager's account, while there is none or when another link was asked for."""
    try:
        link = app.extensions["doors"].first_link(settings.new_manager)
    except Unavailable:
        return ["No link for a manager could be made, because nothing can be saved now. Start again when it can be."]
    if link is None:
        return []
    what = "one more manager" if settings.new_manager else "the first manager"
    return [f"Open this link to make {what}. It works once, within 24 hours:", f"  {link}"]


def reachable(settings: Settings) -> Settings:
    """With an address that phones can open in their QR codes, where the setting only says "everywhere"."""
    if settings.url or not is_everywhere(settings.host):
        return settings
    host = next(iter(lan_address()), "127.0.0.1")
    return replace(settings, url=replace(settings, host=host).public_url)


def lan_address() -> list[str]:
    """This computer's address in its network, if it is in one. Nothing is sent: choosing the way is enough."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address reserved for documentation
        return [probe.getsockname()[0]]
    return []


if __name__ == "__main__":
    sys.exit(main())
