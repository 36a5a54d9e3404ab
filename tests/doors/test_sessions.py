"""Being signed in: how it begins, when it ends, and that nobody takes it from somebody else (TRUST A12, A14, A29)."""

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher, profiles
from flask.testing import FlaskClient

import app as roof
import doors.accounts
from clinic.store import Store
from doors.accounts import EASY, PASSWORD_MOST, is_easy, strong_hasher
from doors.sessions import IDLE, PIN_TRIES, WHOLE, Sessions
from doors.tries import BY_SOURCE, EACH
from forms import BadInput
from settings import Settings
from tests.doors.house import PASSWORD, PIN, QUICK, House, said, watch

OTHER = "nine slow otters drift by"


def cookie(client: FlaskClient, name: str = "kindline_session") -> str:
    found = client.get_cookie(name)
    return found.value if found else ""


def with_cookie(house: House, value: str, address: str = "127.0.0.1") -> FlaskClient:
    """Somebody who has got hold of this cookie."""
    client = house.client(address)
    client.set_cookie("kindline_session", value)
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/staff").status_code == 200


def own(client: FlaskClient, what: str, **fields: str) -> Any:
    return client.post(f"/staff/my-{what}", json={"password": PASSWORD, **fields})


# --- A14: a session is nobody else's ---


def test_signing_in_never_keeps_what_the_browser_had_before(house: House) -> None:
    planted = "planted-by-somebody-else"
    client = with_cookie(house, planted)
    house.signs_in(house.owner, client)
    first = cookie(client)
    assert first not in ("", planted)
    assert len(first) >= 43, "256 bits"
    house.signs_in(house.owner, client)
    assert cookie(client) != first
    assert not is_in(with_cookie(house, planted))
    assert not is_in(with_cookie(house, first)), "the one before has ended"
    assert is_in(client)


def test_after_signing_out_the_cookie_is_worth_nothing_sockets_included(house: House) -> None:
    client = house.as_role("reception")
    kept, socket = cookie(client), house.watcher(client)
    assert "key" in watch(socket, "staff/main/en")
    answer = client.post("/logout")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"cache"')
    assert cookie(client) == ""
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    thief = with_cookie(house, kept)
    assert not is_in(thief)
    assert watch(house.watcher(thief), "staff/main/en") == {"code": "not_allowed"}


def test_another_password_ends_everything_begun_with_the_old_one(house: House) -> None:
    sam = house.add("reception")
    here, elsewhere = house.client(), house.client()
    house.signs_in(sam, here)
    house.signs_in(sam, elsewhere)
    kept, socket = cookie(here), house.watcher(elsewhere)
    assert "key" in watch(socket, "staff/main/en")
    assert own(here, "password", new=OTHER, again=OTHER).status_code == 303
    assert is_in(here), "who changed it stays, under a new session"
    assert cookie(here) != kept
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    assert not is_in(elsewhere)
    assert not is_in(with_cookie(house, kept))
    assert house.signs_in(sam).status_code == 401
    assert house.signs_in(sam, password=OTHER).status_code == 303


def test_another_password_needs_the_one_before(house: House) -> None:
    answer = own(house.manager, "password", password="a wrong guess of it", new=OTHER, again=OTHER)
    assert (answer.status_code, said(answer)["code"]) == (422, "password_not_yours")
    assert house.signs_in(house.owner, password=OTHER).status_code == 401
    assert house.signs_in(house.owner).status_code == 303


def test_somebody_sees_at_how_many_places_they_are_signed_in_and_ends_the_others(house: House) -> None:
    sam = house.add("reception")
    here, elsewhere, left, colleague = house.client(), house.client(), house.client(), house.as_role("reception")
    house.signs_in(sam, left)
    house.later(minutes=16)
    house.signs_in(sam, here)
    assert "at 1 place: here" in here.get("/staff/me").text, "the one that was left alone has ended"
    house.signs_in(sam, elsewhere)
    house.signs_in(house.owner, colleague)
    kept, socket = cookie(elsewhere), house.watcher(elsewhere)
    assert "key" in watch(socket, "staff/main/en")
    assert "at 2 places" in here.get("/staff/me").text
    answer = here.post("/staff/elsewhere", data={"password": "a wrong guess of it"})
    assert (answer.status_code, "at 2 places" in answer.text) == (422, True)
    assert is_in(elsewhere), "without the password nothing ends"

    assert here.post("/staff/elsewhere", data={"password": PASSWORD}).status_code == 303
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    assert not is_in(elsewhere)
    assert not is_in(with_cookie(house, kept))
    assert is_in(here)
    assert "at 1 place: here" in here.get("/staff/me").text
    assert is_in(colleague)


def test_what_ended_with_the_old_password_is_no_place_and_a_locked_desk_is_one(house: House) -> None:
    desk, other = house.client(), house.client()
    house.pairs(desk, "desk")
    house.signs_in(house.owner, desk)
    assert own(desk, "pin", pin=PIN).status_code == 303
    house.later(minutes=20)
    house.signs_in(house.owner, other)
    assert "at 2 places" in other.get("/staff/me").text, "the desk is locked and not over"
    assert own(other, "password", new=OTHER, again=OTHER).status_code == 303
    assert "at 1 place: here" in other.get("/staff/me").text


def test_another_role_ends_what_was_begun_with_the_old_one(house: House) -> None:
    sam = house.add("manager")
    client = house.client()
    house.signs_in(sam, client)
    socket = house.watcher(client)
    assert "key" in watch(socket, "staff/screens/en")
    house.doors.accounts.change(sam.id, sam.name, "clinician")
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    assert not is_in(client)


def test_a_new_link_that_is_used_ends_what_was_begun_before(house: House) -> None:
    sam = house.add("reception")
    client = house.client()
    house.signs_in(sam, client)
    house.doors.accounts.accept(house.doors.accounts.invite(sam.id), OTHER, "", "", "")
    assert not is_in(client)


def test_the_cookie_of_a_paired_desk_is_worth_nothing_elsewhere(house: House) -> None:
    desk = house.client()
    house.pairs(desk, "desk")
    house.signs_in(house.add("reception"), desk)
    assert is_in(desk)
    thief = with_cookie(house, cookie(desk), "192.0.2.66")
    assert not is_in(thief)
    assert watch(house.watcher(thief), "staff/main/en") == {"code": "not_allowed"}
    another = house.client()
    house.pairs(another, "desk")
    another.set_cookie("kindline_session", cookie(desk))
    assert not is_in(another), "nor at another desk"
    assert is_in(desk)


def test_a_desk_that_is_taken_away_signs_out_who_sits_at_it(house: House) -> None:
    desk = house.client()
    device = house.pairs(desk, "desk")
    house.signs_in(house.add("reception"), desk)
    socket = house.watcher(desk)
    assert "key" in watch(socket, "staff/main/en")
    assert house.manager.post("/staff/end-device", json={"device": device.id}).status_code == 200
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    assert not is_in(desk)


def test_unlocking_gives_a_new_session_that_ends_when_the_first_one_would_have(house: House) -> None:
    client = house.as_role("reception")
    began, before = house.time, cookie(client)
    while house.time - began < WHOLE - timedelta(minutes=4):
        house.later(minutes=4)
        client.post("/staff/lock")
        assert client.post("/staff/unlock", data={"password": PASSWORD}).status_code == 303
    assert cookie(client) != before
    assert not is_in(with_cookie(house, before))
    assert is_in(client)
    house.time = began + WHOLE
    assert not is_in(client)


def test_a_start_in_the_past_signs_everybody_out_who_was_seen_after_it(store: Store) -> None:
    """Nobody knows how long the computer was off."""
    nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
    secret = Sessions(store, lambda: nine).begin("owner", "", 0)

    started = Sessions(store, lambda: nine - timedelta(hours=1))
    assert started.find(secret) is None
    later = Sessions(store, lambda: nine + timedelta(minutes=1))
    assert later.find(secret) is None, "nor do they come back in when the clock gets there"


def test_who_does_nothing_is_signed_out_and_a_clock_set_back_signs_nobody_in(house: House) -> None:
    client = house.as_role("reception")
    house.time += IDLE
    assert client.get("/staff").location.startswith("/login?")
    other = house.as_role("reception")
    house.later(hours=-1)
    assert not is_in(other), "from before it began"


def test_nothing_but_a_pin_at_its_own_desk_keeps_somebody_in_behind_a_lock(house: House) -> None:
    desk = house.client()
    house.pairs(desk, "desk")
    sam = house.add("reception")
    house.doors.accounts.set_pin(sam.id, PIN)
    house.signs_in(sam, desk)
    house.later(hours=2)
    assert desk.get("/staff").location.startswith("/staff/unlock?")
    wrong = [said(desk.post("/staff/unlock", json={"pin": "111222"})) for _ in range(PIN_TRIES)]
    assert [one["code"] for one in wrong] == ["pin_not_yours"] * (PIN_TRIES - 1) + ["pin_too_often"]
    assert desk.post("/staff/unlock", json={"pin": PIN}).status_code == 401, "then only the password counts"
    assert desk.post("/staff/unlock", json={"password": PASSWORD}).status_code == 303
    assert is_in(desk)


def test_a_pin_is_counted_before_it_is_looked_at(house: House) -> None:
    desk = house.client()
    house.pairs(desk, "desk")
    sam = house.add("reception")
    house.signs_in(sam, desk)
    session = house.doors.sessions.find(cookie(desk))
    assert session
    # However many come with the same old number of misses in hand, no more than these are looked at.
    left = [house.doors.sessions.try_pin(session) for _ in range(PIN_TRIES + 3)]
    assert left == [*range(PIN_TRIES - 1, -1, -1), None, None, None]


# --- A12: guessing ---


def tries(house: House, login: str, client: FlaskClient, times: int, seconds: int = 0) -> list[int]:
    answers = []
    for n in range(times):
        house.later(seconds=seconds)
        answers.append(client.post("/login", json={"login": login, "password": f"wrong guess number {n}"}).status_code)
    return answers


def test_who_guesses_at_five_accounts_is_slowed_down_and_nobody_is_locked_out(house: House, tmp_path: Any) -> None:
    team = [house.add("reception") for _ in range(5)]
    at_home = house.client("192.0.2.10")
    assert house.signs_in(team[0], at_home).status_code == 303
    attacker = house.client("192.0.2.66")
    answers = [answer for one in team for answer in tries(house, one.login, attacker, 20)]
    assert answers.count(401) <= 5 * 4, "after three slips each has to wait"
    assert set(answers) == {401, 429}
    for one in team:
        assert house.signs_in(one, attacker).status_code == 429, "not even the right password from there"
        assert house.signs_in(one, house.client("192.0.2.11")).status_code == 303, "but from anywhere else"
    desk = house.client("192.0.2.66")
    house.pairs(desk, "desk")
    assert house.signs_in(team[1], desk).status_code == 303, "and at a paired desk behind the same address"

    # A restart forgives nothing.
    house.app.extensions["desk"].close()
    again = roof.create_app(Settings("127.0.0.1", data=tmp_path / "house", async_mode="threading"))
    again.testing = True
    again.extensions["doors"].now = lambda: house.time
    try:
        client = again.test_client()
        client.environ_base["REMOTE_ADDR"] = "192.0.2.66"
        answer = client.post("/login", json={"login": team[0].login, "password": PASSWORD})
        assert (answer.status_code, said(answer)["code"]) == (429, "tries_wait")
    finally:
        again.extensions["desk"].close()


def test_a_patient_guesser_has_few_tries_a_day(house: House) -> None:
    sam = house.add("reception")
    attacker = house.client("192.0.2.66")
    at_one = tries(house, sam.login, attacker, 60, seconds=16 * 60)
    assert at_one.count(401) == EACH
    more = [answer for n in range(20) for answer in tries(house, f"guess-{n}", attacker, 3, seconds=5)]
    assert more.count(401) == BY_SOURCE - EACH
    assert house.signs_in(sam, house.client("192.0.2.10")).status_code == 303


def test_many_addresses_that_guess_at_one_account_do_not_shut_out_its_owner(house: House) -> None:
    sam = house.add("reception")
    phone = house.client("192.0.2.10")
    assert house.signs_in(sam, phone).status_code == 303
    for n in range(120):
        house.client().post(
            "/login", json={"login": sam.login, "password": "x"}, environ_base={"REMOTE_ADDR": f"198.51.100.{n}"}
        )
    stranger = house.client("203.0.113.9")
    assert house.signs_in(sam, stranger).status_code == 429, "from where nobody ever came in: too many by now"
    assert house.signs_in(sam, phone).status_code == 303
    house.later(days=1, minutes=1)
    assert house.signs_in(sam, stranger).status_code == 303


def test_an_unknown_login_costs_as_much_work_and_is_answered_alike(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited = house.doors.accounts.add("invited", "Not Yet", "reception")
    ended = house.add("reception")
    house.doors.accounts.end(ended.id)
    known = house.add("reception")
    work: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: Any, password: Any) -> Any:  # noqa: A002 - argon2's name
            work.append("verify")
            return QUICK.verify(hash, password)

    monkeypatch.setattr(house.doors.accounts, "_hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    answers = []
    for login in (known.login, invited.login, ended.login, "nobody", ""):
        work.clear()
        answer = house.client("192.0.2.5").post("/login", json={"login": login, "password": "not the right one"})
        answers.append((answer.status_code, answer.json, list(work)))
    assert [one == answers[0] for one in answers] == [True] * 5
    assert answers[0][2] == ["verify"]


def test_what_somebody_typed_as_their_login_is_kept_nowhere(house: House, tmp_path: Any) -> None:
    house.client().post("/login", json={"login": "my secret password here", "password": "x"})
    kept = b"".join(path.read_bytes() for path in (tmp_path / "house").iterdir() if path.is_file())
    assert b"my secret password here" not in kept


# --- A29: where one goes on to ---


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example",
     "javascript:alert(1)", "/\t/evil.example", "///evil.example", "/%0a/x\n", "evil", "http:/evil", " /staff"],
)  # fmt: skip
def test_nobody_is_led_out_of_the_house(house: House, there: str) -> None:
    sam = house.add("reception")
    answer = house.client().post("/login", data={"login": sam.login, "password": PASSWORD, "next": there})
    assert (answer.status_code, answer.location) == (303, "/staff")
    shown = house.client().get("/login", query_string={"next": there}).text
    assert "evil" not in shown
    locked = house.as_role("locked").post("/staff/unlock", data={"password": PASSWORD, "next": there})
    assert (locked.status_code, locked.location) == (303, "/staff")
    assert house.manager.get("/login", query_string={"next": there}).location == "/staff"


def test_who_signs_in_goes_on_to_the_page_they_asked_for(house: House) -> None:
    client = house.client()
    there = client.get("/staff/appointments?lang=es").location
    assert there.startswith("/login?next=")
    (kept,) = re.findall(r'name="next" value="([^"]+)"', client.get(there).text)
    answer = client.post("/login", data={"login": "owner", "password": PASSWORD, "next": kept})
    assert answer.location == "/staff/appointments?lang=es"


# --- passwords and PINs ---


@pytest.mark.parametrize(
    ("password", "code"),
    [("short", "password_short"), ("x" * 14, "password_short"), ("ab" * (PASSWORD_MOST // 2) + "c", "password_long"),
     ("a" * 20, "password_easy"), ("passwordpassword", "password_easy"), ("123456789012345", "password_easy"),
     ("kindline kindline kindline", "password_easy"), ("qwertyqwertyqwerty1", "password_easy"),
     ("Olga Owner Olga Owner", "password_easy"), ("owner owner owner 1", "password_easy"),
     ("Walk-in practice 1", "password_easy"), ("abcabcabcabcabcabc", "password_easy")],
)  # fmt: skip
def test_a_password_that_others_would_guess_is_refused(house: House, password: str, code: str) -> None:
    answer = own(house.manager, "password", new=password, again=password)
    assert (answer.status_code, said(answer)["code"], said(answer)["field"]) == (422, code, "new")
    assert house.signs_in(house.owner).status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "ساعة القلعة القديمة",
        "x9$kQ2!vB7&nM4^",
        "ñandú azul y río 7",
        "🦩🦉🐢🦊🐝🦔🐙🦀 eight animals",
    ],
)
def test_any_other_password_is_taken_as_it_is(house: House, password: str) -> None:
    assert not is_easy(password)
    assert own(house.manager, "password", new=password, again=password).status_code == 303
    assert house.signs_in(house.owner, password=password).status_code == 303
    assert house.signs_in(house.owner, password=password.swapcase() + " ").status_code == 401


def test_every_password_of_the_list_is_easy() -> None:
    assert [one for one in EASY if not is_easy(one * 3)] == []


def test_an_accent_is_the_same_from_every_keyboard(house: House) -> None:
    house.doors.accounts.set_password(house.owner.id, "caf\u00e9 con leche y pan", "")
    assert house.signs_in(house.owner, password="cafe\u0301 con leche y pan").status_code == 303


def test_a_password_is_never_cut_to_one_that_is_right(house: House) -> None:
    longest = ("seven quiet herons wade by the old river bank " * 3)[:PASSWORD_MOST]
    house.doors.accounts.set_password(house.owner.id, longest, "")
    assert house.signs_in(house.owner, password=longest).status_code == 303
    assert house.signs_in(house.owner, password=longest + "x").status_code == 401


def test_what_is_no_text_is_no_password(house: House) -> None:
    for password in (None, 7, ["x"], {"a": 1}, "\ud800" * 20, "\0" * 20, True):
        answer = house.client("192.0.2.9").post("/login", json={"login": "owner", "password": password})
        assert answer.status_code in (401, 429)


@pytest.mark.parametrize(
    ("pin", "code"),
    [("12345", "pin_wrong"), ("1234567", "pin_wrong"), ("12345a", "pin_wrong"), ("٤٨١٦٣٢", "pin_wrong"),
     ("123456", "pin_easy"), ("654321", "pin_easy"), ("111111", "pin_easy"), ("121212", "pin_easy"),
     ("123123", "pin_easy"), ("112211", "pin_easy")],
)  # fmt: skip
def test_a_pin_that_others_would_guess_is_refused(house: House, pin: str, code: str) -> None:
    answer = own(house.manager, "pin", pin=pin)
    assert (answer.status_code, said(answer)["code"]) == (422, code)


def test_a_pin_can_be_taken_away_and_needs_the_password_to_be_set(house: House) -> None:
    assert own(house.manager, "pin", pin=PIN).status_code == 303
    assert house.doors.accounts.check_pin(house.owner.id, PIN)
    assert house.manager.post("/staff/my-pin", json={"password": "wrong", "pin": "529174"}).status_code == 422
    assert own(house.manager, "pin", pin="").status_code == 303
    assert not house.doors.accounts.check_pin(house.owner.id, "")


def test_a_secret_costs_memory_to_guess_and_a_small_machine_can_bear_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def machine(gigabytes: float) -> None:
        monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": int(gigabytes * 2**30) // 4096}.get)

    machine(8)
    strong = strong_hasher()
    assert (strong.memory_cost, strong.time_cost, strong.parallelism) == (64 * 1024, 3, 4)
    assert strong.type is profiles.RFC_9106_LOW_MEMORY.type
    machine(1)
    small = strong_hasher()
    assert (small.memory_cost, small.time_cost, small.parallelism) == (19 * 1024, 2, 1)
    assert small.hash("x").startswith("$argon2id$")


def test_a_hash_of_a_weaker_time_is_made_anew_when_its_owner_signs_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(house.doors.accounts, "_hasher", stronger)

    def kept() -> str:
        with house.doors.desk.store.read() as db:
            return str(db.execute("select password from account where login = 'owner'").fetchone()[0])

    assert "m=8,t=1" in kept()
    assert house.signs_in(house.owner).status_code == 303
    assert "m=16,t=2" in kept()
    assert house.signs_in(house.owner).status_code == 303


def test_a_password_in_both_fields_has_to_be_the_same(house: House) -> None:
    answer = own(house.manager, "password", new=OTHER, again=OTHER + "x")
    assert (answer.status_code, said(answer)["code"]) == (422, "passwords_differ")
    with pytest.raises(BadInput):
        house.doors.accounts.set_password(house.owner.id, "short", "")
    assert doors.accounts.PASSWORD_LENGTH == 15
