"""What the server's own log says of a fault: its kind and its places, and no name, secret or other value."""

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from werkzeug.debug.tbtools import DebugTraceback

from server_log import WithoutValues, keep_values_out
from tests import faces
from tests.faces import Practice

opens, practice = faces.opens, faces.practice

CANARY = "Canary-7F3A"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What stderr has after the server's start; it all is put back at the end."""
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    for name in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    before = list(logging.getLogger().handlers)
    keep_values_out()
    yield text.getvalue
    logging.getLogger().handlers = before


def told(problem: str = CANARY) -> None:
    """A fault whose own words hold a name, as it comes from another that does too."""
    nobody: dict[str, str] = {}
    try:
        nobody[problem]
    except KeyError as missing:
        raise ValueError(f"no {problem}\n  File {problem}, line 1\nTraceback of {problem}") from missing


def test_a_fault_on_a_page_is_logged_by_its_kind_and_place(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, written: Callable[[], str]
) -> None:
    monkeypatch.setattr(practice.desk, "kept_people", told)

    assert practice.client.get("/staff/privacy").status_code == 500

    said = written()
    assert "A fault of ours at GET staff.privacy" in said
    assert "in told\n" in said
    assert said.index("KeyError") < said.index("ValueError"), "the cause comes first, as Python has it"
    assert CANARY not in said


def test_a_fault_of_a_screen_or_of_the_wire_names_nobody(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, written: Callable[[], str]
) -> None:
    socket = practice.app.extensions["socketio"].test_client(practice.app)
    ana = practice.arrives("Ana")
    secret = practice.phone(ana).rsplit("/", 1)[1]
    socket.emit("watch", f"phone/{secret}/en", callback=True)
    monkeypatch.setattr(practice.desk, "visit_of", told)

    practice.live.push()
    socket.emit("watch", f"phone/{secret}/es")  # nobody has this one yet
    assert not socket.get_received(), "who gets no answer connects anew; an empty one would leave the screen old"

    said = written()
    assert "A phone screen could not be made" in said
    assert "A fault of ours on the wire" in said
    assert said.count("\nValueError\n") == 2
    assert [one for one in (CANARY, secret) if one in said] == []


def test_a_traceback_that_another_library_writes_is_written_anew(written: Callable[[], str]) -> None:
    try:
        told()
    except ValueError as problem:
        text = DebugTraceback(problem).render_traceback_text()
        assert CANARY in text
        logging.getLogger("werkzeug").error("Error on request:\n%s", text)

    said = written()
    assert said.startswith("Error on request:\nTraceback")
    assert "in told\n" in said
    assert CANARY not in said


def test_a_traceback_whose_fault_is_gone_is_left_out(written: Callable[[], str]) -> None:
    logging.getLogger("other").error("Traceback (most recent call last):\n  %s", CANARY)

    assert written() == "Its traceback is left out.\n"


def test_another_handler_that_came_first_leaves_no_values_behind() -> None:
    record = logging.LogRecord("kindline", logging.ERROR, "", 1, "Fault", (), None)
    try:
        told()
    except ValueError:
        record.exc_info = sys.exc_info()
    assert CANARY in logging.Formatter().format(record)

    assert CANARY not in WithoutValues().format(record)


def test_what_nobody_catches_names_nobody(written: Callable[[], str]) -> None:
    thread = threading.Thread(target=told)
    thread.start()
    thread.join()
    try:
        told()
    except ValueError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]  # there is an exception here

    said = written()
    assert said.count("A fault that nobody caught") == 2
    assert said.count("\nValueError\n") == 2
    assert CANARY not in said


def test_what_is_no_fault_is_logged_as_it_is(written: Callable[[], str]) -> None:
    logging.getLogger("kindline").error("The database did not answer: %s", "database or disk is full")

    assert written() == "The database did not answer: database or disk is full\n"
