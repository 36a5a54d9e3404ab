"""The wire: who watches a screen has it at once and again when it changes, and nobody watches without the right."""

import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask_socketio.test_client import SocketIOTestClient

import life
import live
from clinic.store import Unavailable
from live import KEY_LENGTH
from tests import faces
from tests.faces import Page, Practice, say, say_many, shown

opens, practice = faces.opens, faces.practice

UNKNOWN = {"code": "unknown_screen"}
TV, STAFF = "display/main/en", "staff/main/en"


class Watcher:
    """One device on the wire."""

    def __init__(self, practice: Practice, key: str | None = None):
        self.socket = SocketIOTestClient(practice.app, practice.app.extensions["socketio"])
        self.first = self.watch(key) if key else None

    def watch(self, *key: Any) -> Any:
        return self.socket.emit("watch", *key, callback=True)

    def pushed(self) -> list[dict[str, Any]]:
        """What came since this was last asked."""
        received = self.socket.get_received()
        assert all(one["name"] == "screen" and len(one["args"]) == 1 for one in received)
        return [one["args"][0] for one in received]


def phone(practice: Practice, visit: dict[str, Any], lang: str = "en") -> str:
    return f"phone/{practice.phone(visit)[3:]}/{lang}"


KEYS = [TV, "display/large/ar", STAFF, "kiosk/start-normal/en", "kiosk/services-large/es"]


@pytest.mark.parametrize("key", KEYS)
def test_who_watches_a_screen_is_answered_with_it(practice: Practice, key: str) -> None:
    answer = Watcher(practice).watch(key)
    assert set(answer) == {"key", "seq", "html", "edition"}
    assert (answer["key"], answer["seq"]) == (key, practice.desk.line.seq)
    assert answer["html"].strip().startswith("<div")


@pytest.mark.parametrize(("key", "path"), [(TV, "/display"), (STAFF, "/staff"), ("kiosk/start-normal/en", "/kiosk")])
def test_the_first_page_and_the_wire_show_the_same(practice: Practice, key: str, path: str) -> None:
    practice.crowd(3)
    html = practice.get(path)
    answer = Watcher(practice).watch(key)
    of_this_life = f'<input type="hidden" name="{life.FIELD}" value="{practice.desk.life}">'
    assert answer["html"].strip() in html.replace(of_this_life, "")  # our scripts say that in a header
    assert f'data-key="{key}"' in html
    assert f'data-seq="{answer["seq"]}"' in html


def test_a_page_knows_of_which_edition_it_is_as_the_wire_says_it(practice: Practice) -> None:
    edition = Watcher(practice).watch(TV)["edition"]
    assert edition
    for path in ("/display", "/kiosk", "/staff", "/staff/appointments", "/staff/screens", "/setup", "/nowhere"):
        root = practice.page(path, 404 if path == "/nowhere" else 200).every("html")[0]
        assert root.get("data-edition") == edition, path
        assert root.get("data-answer") is None, path


def test_a_page_that_answers_a_form_is_not_to_be_had_again(practice: Practice) -> None:
    answer = practice.client.post("/kiosk/check-in", data={"service": "doctor", "request": "one"})
    assert Page(answer.text).every("html")[0].get("data-answer") is not None


def test_a_check_in_reaches_tv_staff_and_the_phones_of_those_before(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    tv, staff, mine = (Watcher(practice, key) for key in (TV, STAFF, phone(practice, ana)))
    practice.arrives("Bo")
    practice.live.push()
    for watcher, words in [
        (tv, "A 02"),
        (staff, "Bo"),
        (mine, say_many("%(n)s person has joined after you.", "%(n)s people have joined after you.", 1)),
    ]:
        (screen,) = watcher.pushed()
        assert set(screen) == {"key", "seq", "html"}
        assert screen["seq"] == practice.desk.line.seq
        assert words in shown(screen["html"])


def test_a_call_reaches_tv_phone_and_tablet_in_one_push(practice: Practice) -> None:
    ana = practice.arrives("Ana", language="es")
    secret = practice.phone(ana)[3:]
    watchers = [Watcher(practice, key) for key in (TV, f"phone/{secret}/es", f"ticket/{secret}/es")]
    practice.calls(ana)
    practice.live.push()
    for watcher, lang in zip(watchers, ("en", "es", "es"), strict=True):
        (screen,) = watcher.pushed()
        assert "Room 1" in shown(screen["html"])
        assert lang == "en" or say("It's your turn.", lang) in shown(screen["html"])


def test_only_what_changed_is_sent(practice: Practice) -> None:
    ana, nurse = practice.arrives(), practice.arrives(service="nurse")
    watchers = {
        key: Watcher(practice, key) for key in (TV, STAFF, phone(practice, ana), phone(practice, nurse), *KEYS[3:])
    }
    practice.live.push()
    assert {key: watcher.pushed() for key, watcher in watchers.items()} == {key: [] for key in watchers}
    practice.arrives()
    practice.live.push()
    changed = {key for key, watcher in watchers.items() if watcher.pushed()}
    assert changed == {TV, STAFF, phone(practice, ana)}
    practice.live.push()
    assert not any(watcher.pushed() for watcher in watchers.values())


def test_minutes_age_by_the_clock_alone(practice: Practice) -> None:
    ana = practice.crowd(4)[-1]
    tv, mine = Watcher(practice, TV), Watcher(practice, phone(practice, ana))
    practice.later(seconds=59)
    assert (tv.pushed(), mine.pushed()) == ([], [])
    practice.later(seconds=1)
    assert "09:01" in tv.pushed()[0]["html"]
    assert say("Updated %(time)s.", time="09:01") in shown(mine.pushed()[0]["html"])


NOWHERE = ["", "/", "//", "staff", "staff/main", "staff/main/", "staff/main/xx", "staff/other/en", "display/main/EN",
           "nobody/x/en", "kiosk/details/en", "kiosk/start/en", "phone//en", f"phone/{'x' * 22}/en", "ticket/x/en",
           "help/x/en", "\ud800/x/en", "phone/%/en", "../staff/main/en", "staff/main/en/en", " staff/main/en",
           "main/en", "\0"]  # fmt: skip


@pytest.mark.parametrize("key", NOWHERE)
def test_an_unknown_screen_is_not_shown(practice: Practice, key: str) -> None:
    practice.arrives("Ana")
    assert Watcher(practice).watch(key) == UNKNOWN


@pytest.mark.parametrize(
    "key", [None, 5, 1.5, True, [TV], {"key": TV}, b"staff/main/en", [], "x" * 121, TV + " " * 200]
)
def test_what_is_no_key_is_no_screen(practice: Practice, key: Any) -> None:
    watcher = Watcher(practice)
    assert watcher.watch(key) == UNKNOWN
    practice.arrives()
    practice.live.push()
    assert watcher.pushed() == []


def test_a_watch_with_nothing_or_too_much_is_no_fault(practice: Practice) -> None:
    watcher = Watcher(practice)
    assert watcher.watch() == UNKNOWN
    assert watcher.watch(TV, "more")["key"] == TV


def test_every_key_of_our_own_fits(practice: Practice) -> None:
    practice.client.post("/kiosk/help", json={"request": "x" * 100})
    answer = Watcher(practice).watch(f"help/{'x' * 100}/en")
    assert answer["html"]
    assert len(answer["key"]) <= KEY_LENGTH


def test_a_key_longer_than_any_of_ours_is_not_even_looked_up(practice: Practice) -> None:
    practice.live.show("probe", lambda target, lang: "shown")
    room = KEY_LENGTH - len("probe//en")
    assert Watcher(practice).watch(f"probe/{'x' * room}/en")["html"] == "shown"
    assert Watcher(practice).watch(f"probe/{'x' * (room + 1)}/en") == UNKNOWN


def test_the_wire_takes_no_other_word(practice: Practice) -> None:
    before = practice.desk.line
    watcher = Watcher(practice, TV)
    for event in ("call-next", "screen", "message", "json", "leave", "join", "staff"):
        assert watcher.socket.emit(event, {"room": "room-1", "key": STAFF, "html": "x"}, callback=True) is None
    practice.live.push()
    assert watcher.pushed() == []
    assert practice.desk.line == before


@pytest.mark.parametrize("face", ["phone", "ticket"])
def test_a_patient_s_screen_needs_their_own_secret(practice: Practice, face: str) -> None:
    ana, bo = practice.arrives("Ana"), practice.arrives("Bo")
    secret = practice.phone(ana)[3:]
    code = practice.desk.links.code(ana["visit"])
    others = {secret[:-1], secret + "A", secret[::-1], secret.swapcase(), secret[:-1] + practice.phone(bo)[-1], code,
              ana["visit"], ana["ticket"], "A%2001", f"{secret}/x", f"x/{secret}"}  # fmt: skip
    assert Watcher(practice).watch(f"{face}/{secret}/en")["html"]
    for wrong in others - {secret}:
        assert Watcher(practice).watch(f"{face}/{wrong}/en") == UNKNOWN, wrong


def test_a_patient_s_secret_opens_nobody_else_s_screen(practice: Practice) -> None:
    secret = practice.phone(practice.arrives("Ana"))[3:]
    for key in (f"staff/{secret}/en", f"display/{secret}/en", f"help/{secret}/en", f"kiosk/{secret}/en"):
        assert Watcher(practice).watch(key) == UNKNOWN, key


def test_a_screen_is_made_once_for_all_who_watch_it(practice: Practice) -> None:
    made: list[tuple[str, str]] = []

    def show(target: str, lang: str) -> str:
        made.append((target, lang))
        return f"{target} {lang} {practice.desk.line.seq}"

    practice.live.show("probe", show)
    watchers = [Watcher(practice, "probe/one/en") for _ in range(20)]
    other = Watcher(practice, "probe/one/es")
    made.clear()
    practice.arrives()
    practice.live.push()
    assert sorted(made) == [("one", "en"), ("one", "es")]
    assert all(len(watcher.pushed()) == 1 for watcher in [*watchers, other])


def test_however_many_come_back_at_once_a_screen_is_made_once_until_something_changes(practice: Practice) -> None:
    made: list[str] = []

    def show(target: str, lang: str) -> str:
        made.append(target)
        return f"made {len(made)}"

    practice.live.show("probe", show)
    practice.live.push()
    answers = [Watcher(practice, "probe/one/en").first for _ in range(20)]
    assert [answer["html"] for answer in answers if answer] == ["made 1"] * 20

    practice.clock.time += timedelta(minutes=1)  # what a screen says of the time is another
    assert (Watcher(practice, "probe/one/en").first or {})["html"] == "made 2"
    practice.live.wake()  # something else that is shown, and not yet pushed
    assert (Watcher(practice, "probe/one/en").first or {})["html"] == "made 3"
    practice.live.push()
    practice.arrives()
    assert (Watcher(practice, "probe/one/en").first or {})["html"] == "made 5"


def test_a_screen_that_nobody_watches_is_not_made(practice: Practice) -> None:
    made: list[str] = []
    practice.live.show("probe", lambda target, _lang: made.append(target) or f"{len(made)}")  # type: ignore[func-returns-value]
    first, second = Watcher(practice, "probe/one/en"), Watcher(practice, "probe/one/en")
    made.clear()
    first.socket.disconnect()
    practice.live.push()
    assert made == ["one"]
    second.socket.disconnect()
    practice.live.push()
    assert made == ["one"]


def test_who_watches_another_screen_has_left_the_first(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    watcher = Watcher(practice, STAFF)
    stays = Watcher(practice, STAFF)
    assert watcher.watch(phone(practice, ana))["html"]
    practice.arrives("Bo")
    practice.live.push()
    assert [screen["key"] for screen in watcher.pushed()] == [phone(practice, ana)]
    assert [screen["key"] for screen in stays.pushed()] == [STAFF]


def test_a_watch_that_is_refused_changes_nothing(practice: Practice) -> None:
    watcher = Watcher(practice, STAFF)
    assert watcher.watch("phone/x/en") == UNKNOWN
    practice.arrives()
    practice.live.push()
    assert [screen["key"] for screen in watcher.pushed()] == [STAFF]


def test_watching_the_same_screen_again_is_still_one_push(practice: Practice) -> None:
    watcher = Watcher(practice, TV)
    assert watcher.watch(TV) == watcher.first
    practice.arrives()
    practice.live.push()
    assert len(watcher.pushed()) == 1


def test_who_comes_back_has_the_screen_as_it_is_now(practice: Practice) -> None:
    first = Watcher(practice, TV)
    first.socket.disconnect()
    practice.arrives()
    practice.live.push()
    again = Watcher(practice, TV)
    assert again.first
    assert "A\u202f01" in again.first["html"]
    practice.live.push()
    assert again.pushed() == []


@pytest.mark.parametrize("others", [0, 1])
def test_a_change_while_a_screen_is_being_fetched_is_not_lost(practice: Practice, others: int) -> None:
    """Somebody begins to watch, and in that very moment somebody checks in and that is pushed."""
    racing = [False]

    def show(target: str, lang: str) -> str:
        seen = f"{len(practice.desk.line.visits)} here"
        if racing[0]:
            racing[0] = False
            practice.arrives()
            practice.live.push()
        return seen

    practice.live.show("probe", show)
    for _ in range(others):
        Watcher(practice, "probe/one/en")
    practice.live.wake()  # so that the screen is made anew for who comes
    racing[0] = True
    late = Watcher(practice, "probe/one/en")
    practice.live.push()
    assert late.first
    assert [late.first, *late.pushed()][-1]["html"] == "1 here"


def test_no_name_ever_goes_to_a_tv_that_was_not_chosen(practice: Practice) -> None:
    watchers = [
        Watcher(practice, f"display/{mode}/{lang}") for mode in ("main", "large") for lang in ("en", "es", "ar")
    ]
    ana = practice.arrives("Zebediah Quux")
    bo = practice.arrives("Philippa Okapi", call_me="name")
    practice.live.push()
    practice.calls(ana)
    practice.live.push()
    practice.calls(bo, room="room-2")
    practice.live.push()
    for watcher in watchers:
        pushed = [screen["html"] for screen in watcher.pushed()]
        assert len(pushed) == 3
        assert not [html for html in pushed if "Zebediah" in html or "Quux" in html or "Okapi" in html]
        assert ["Philippa O." in html for html in pushed] == [False, False, True]


def test_a_phone_whose_link_has_ended_hears_no_more(practice: Practice) -> None:
    ana = practice.arrives()
    key = phone(practice, ana)
    mine = Watcher(practice, key)
    practice.does("leave", visit=ana["visit"])
    practice.live.push()
    assert len(mine.pushed()) == 1
    practice.later(minutes=121)
    practice.arrives()
    practice.live.push()
    assert mine.pushed() == []
    assert mine.watch(key) == UNKNOWN


def test_what_people_were_told_is_written_before_it_is_shown(practice: Practice) -> None:
    ana = practice.crowd(3)[-1]
    mine = Watcher(practice, phone(practice, ana))
    practice.does("pause-room", room="room-1")
    practice.does("pause-room", room="room-2")
    practice.live.push()
    (screen,) = mine.pushed()
    assert say("We can't give you a fair time right now.") in shown(screen["html"])
    told = practice.visit(ana).told
    assert told
    assert told.why == "rooms_paused"
    assert screen["seq"] == practice.desk.line.seq


def test_a_database_that_does_not_answer_holds_up_no_screen(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> None:
        raise Unavailable("disk full")

    tv = Watcher(practice, TV)
    practice.arrives()
    monkeypatch.setattr(practice.desk, "tell", full)
    with caplog.at_level(logging.INFO):
        practice.live.push()
    assert len(tv.pushed()) == 1
    assert "disk full" in caplog.text


def test_one_broken_screen_holds_up_no_other(practice: Practice, caplog: pytest.LogCaptureFixture) -> None:
    broken = {"is": False}

    def show(target: str, lang: str) -> str:
        if broken["is"]:
            raise RuntimeError("broken")
        return "fine"

    practice.live.show("probe", show)
    Watcher(practice, "probe/one/en")
    tv = Watcher(practice, TV)
    broken["is"] = True
    practice.arrives()
    with caplog.at_level(logging.ERROR):
        practice.live.push()
    assert len(tv.pushed()) == 1
    assert "A probe screen could not be made" in caplog.text


def test_where_it_takes_long_to_work_out_what_people_are_told_that_rests_between_pushes_and_is_made_up_for(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, worked, waits = 100.0, 0, list[float]()

    def tell() -> None:
        nonlocal at, worked
        worked += 1
        at += 0.05

    def waits_for(seconds: float) -> bool:
        nonlocal at
        waits.append(seconds)
        at += seconds
        return False

    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: at, thread_time=lambda: at))
    monkeypatch.setattr(practice.desk, "tell", tell)
    tv = Watcher(practice, TV)
    for _ in range(3):
        practice.arrives("Ana")
        practice.live.push()
    assert worked == 1  # once, for three pushes
    assert len(tv.pushed()) == 3  # which came all the same

    monkeypatch.setattr(practice.live._wake, "wait", waits_for)
    practice.live._wait()
    assert sum(waits) == pytest.approx(0.05 / live.SHARE - 0.05)
    practice.live.push()
    assert worked == 2
