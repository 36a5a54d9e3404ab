"""Accounts: how the first manager and everybody after them come to be, and what a manager can do with them."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask

import app as roof
from clinic.commands import Refused
from doors.accounts import LINK_LIVES
from settings import Settings
from tests.doors.house import PASSWORD, House, said, watch
from tests.faces import Page, say

CHOSEN = {"password": PASSWORD, "again": PASSWORD}


def in_json(house: House, path: str, client: Any = None, **fields: Any) -> Any:
    """What a manager's program, or this one, is answered there."""
    return (client or house.manager).post(path, json=fields)


def made(house: House, login: str = "sam", name: str = "Sam Okafor", role: str = "reception") -> dict[str, Any]:
    answer = in_json(house, "/staff/add-account", login=login, name=name, role=role)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def path_of(link: str) -> str:
    return "/first/" + link.rpartition("/")[2]


# --- the first manager ---


@pytest.fixture
def bare(house: House, tmp_path: Any) -> Any:
    """The same product on a folder in which nobody has an account yet."""
    app = roof.create_app(Settings("127.0.0.1", data=tmp_path / "bare", async_mode="threading", template="walk-in"))
    app.testing = True
    yield app
    app.extensions["desk"].close()


def test_there_is_no_account_and_no_password_to_begin_with(bare: Flask) -> None:
    assert bare.extensions["doors"].accounts.everyone() == []
    client = bare.test_client()
    for login in ("admin", "root", "manager", "kindline", ""):
        for password in ("", "admin", "password", "kindline", "changeme"):
            answer = client.post("/login", json={"login": login, "password": password})
            assert (answer.status_code, said(answer)["code"]) == (403, "no_manager")


def test_until_there_is_a_manager_only_their_page_answers(bare: Flask) -> None:
    link = path_of(bare.extensions["doors"].first_link() or "")
    client = bare.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    for rule in bare.url_map.iter_rules():
        if rule.endpoint in ("static", "doors.first", "doors.made"):
            continue
        path = (rule.build(dict.fromkeys(rule.arguments, "x"), append_unknown=False) or ("", "/"))[1]
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        assert client.open(path, method=method).status_code == 403, path
    assert client.get(link).status_code == 200
    socket = bare.extensions["socketio"].test_client(bare, flask_test_client=client)
    assert not socket.is_connected()


def test_the_first_link_makes_one_manager_and_then_works_no_more(bare: Flask) -> None:
    link = path_of(bare.extensions["doors"].first_link() or "")
    first, second = bare.test_client(), bare.test_client()
    assert first.post(link, data={"login": "Olga", "name": "Olga", **CHOSEN}).status_code == 303
    assert first.get("/staff").status_code == 200
    assert second.get(link).status_code == 404
    answer = second.post(link, data={"login": "eve", "name": "Eve", **CHOSEN})
    assert answer.status_code == 409
    assert [(one.login, one.role) for one in bare.extensions["doors"].accounts.everyone()] == [("olga", "manager")]
    assert bare.extensions["doors"].first_link() is None, "a restart prints no link any more"


def test_a_first_link_ends_after_a_day_and_with_the_next_one(house: House) -> None:
    accounts = house.doors.accounts
    old, new = accounts.invite(None), accounts.invite(None)
    assert (accounts.invited(old), accounts.invited(new)) == ((False, None), (True, None))
    house.time += LINK_LIVES
    assert accounts.invited(new) == (True, None)
    house.later(seconds=1)
    assert accounts.invited(new) == (False, None)
    with pytest.raises(Refused):
        accounts.accept(new, PASSWORD, "eve", "Eve", "")


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """What these give when they begin together; what they refuse as its code."""
    together, came = threading.Barrier(len(tasks)), []

    def run(task: Callable[[], Any]) -> None:
        together.wait(10)
        try:
            came.append(task())
        except Refused as problem:
            came.append(problem.code)

    threads = [threading.Thread(target=run, args=[task]) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return came


def test_of_two_who_open_the_first_link_at_once_one_gets_in(house: House) -> None:
    secret = house.doors.accounts.invite(None)
    accept = house.doors.accounts.accept
    came = at_once(*(partial(accept, secret, PASSWORD, f"first-{n}", f"First {n}", "") for n in range(4)))
    assert sorted(one if isinstance(one, str) else "" for one in came) == ["", *["link_used"] * 3]
    assert len(house.doors.accounts.everyone()) == 2


# --- others ---


def test_somebody_new_gets_a_link_that_is_shown_once(house: House) -> None:
    answer = house.manager.post("/staff/add-account", data={"login": "Sam", "name": "Sam Okafor", "role": "reception"})
    assert answer.status_code == 201
    page = Page(answer.text)
    shown = page.find("address")
    assert shown is not None
    link = shown.get("value", "")
    assert link.startswith(house.doors.public_url + "/first/")
    assert say("Link for %(name)s", name="Sam Okafor") in page.says("once")
    assert link not in house.manager.get("/staff/accounts").text

    sam = house.client()
    assert house.signs_in("sam", sam, "").status_code == 401
    assert say("Welcome, %(name)s", name="Sam Okafor") in Page(sam.get(path_of(link)).text).says("welcome")
    answer = sam.post(path_of(link), data=CHOSEN)
    assert (answer.status_code, answer.location) == (303, "/staff")
    assert sam.get("/staff").status_code == 200
    assert house.client().post(path_of(link), data=CHOSEN).status_code == 409


def test_a_link_cannot_name_another_account_or_role(house: House) -> None:
    sam = made(house)
    answer = house.client().post(
        path_of(sam["link"]), data={"login": "owner", "name": "Boss", "role": "manager", **CHOSEN}
    )
    assert answer.status_code == 303
    one = house.doors.accounts.find(sam["account"])
    assert one
    assert (one.login, one.name, one.role) == ("sam", "Sam Okafor", "reception")


def test_who_forgot_gets_a_new_link_and_the_old_one_works_no_more(house: House) -> None:
    sam = made(house)
    again = in_json(house, "/staff/invite", account=sam["account"])
    assert again.status_code == 200
    assert house.client().get(path_of(sam["link"])).status_code == 404
    assert house.client().post(path_of(said(again)["link"]), data=CHOSEN).status_code == 303
    assert house.signs_in("sam").status_code == 303


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [({"login": "owner"}, "login", "login_taken"),
     ({"login": "two words"}, "login", "login_wrong"),
     ({"login": "x" * 41}, "login", "login_wrong"),
     ({"login": ""}, "login", "missing"),
     ({"name": " \u200b "}, "name", "own_name_missing"),
     ({"role": "admin"}, "role", "not_a_choice"),
     ({"role": "tablet"}, "role", "not_a_choice"),
     ({"role": ["manager"]}, "role", "not_text")],
)  # fmt: skip
def test_what_an_account_cannot_be_is_said_with_words(
    house: House, fields: dict[str, Any], field: str, code: str
) -> None:
    answer = in_json(house, "/staff/add-account", **{"login": "sam", "name": "Sam", "role": "reception", **fields})
    assert answer.status_code == 422, answer.text
    assert (said(answer)["field"], said(answer)["code"]) == (field, code)
    assert len(house.doors.accounts.everyone()) == 1


def test_what_was_typed_wrong_stays_in_the_form(house: House) -> None:
    answer = house.manager.post("/staff/add-account", data={"login": "owner", "name": "Sam", "role": "clinician"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.says("wrong-login") == say(
        'Somebody signs in as "%(login)s" already. Choose another name to sign in with.', login="owner"
    )
    assert "checked" in getattr(page.find("clinician-new"), "attrib", {})


def test_programs_read_who_there_is(house: House) -> None:
    sam = made(house)
    house.client().post(path_of(sam["link"]), data=CHOSEN)
    answer = house.manager.get("/staff/accounts", headers={"Accept": "application/json"})
    people = {one["login"]: one for one in said(answer)["accounts"]}
    assert people["sam"] == {
        "account": sam["account"], "login": "sam", "name": "Sam Okafor", "role": "reception", "has_password": True,
        "last_seen": house.time.isoformat(),
    }  # fmt: skip
    assert set(people) == {"owner", "sam"}


def test_the_list_says_who_has_no_password_yet_and_who_was_here_when(house: House) -> None:
    sam = made(house)
    page = Page(house.manager.get("/staff/accounts").text)
    waits = say("Has not chosen a password yet")
    assert waits in page.says(f"account-{sam['account']}")
    assert waits not in page.says(f"account-{house.owner.id}")
    assert "09:00" in page.says(f"account-{house.owner.id}")


# --- changes ---


def test_another_name_leaves_somebody_signed_in_and_another_role_does_not(house: House) -> None:
    sam = house.add("reception", "Sam")
    client = house.client()
    house.signs_in(sam, client)
    assert in_json(house, "/staff/change-account", account=sam.id, name="Samuel", role="reception").status_code == 200
    assert client.get("/staff").status_code == 200
    answer = in_json(house, "/staff/change-account", account=sam.id, name="Samuel", role="clinician")
    assert (said(answer)["name"], said(answer)["role"]) == ("Samuel", "clinician")
    assert client.get("/staff").status_code == 303
    assert house.signs_in(sam, client).status_code == 303
    assert client.get("/staff/screens").status_code == 403


def test_who_has_ended_is_out_at_once_sockets_included(house: House) -> None:
    sam = house.add("reception")
    client = house.client()
    house.signs_in(sam, client)
    socket = house.watcher(client)
    assert watch(socket, "staff/main/en")["key"] == "staff/main/en"
    link = in_json(house, "/staff/invite", account=sam.id).json["link"]
    assert in_json(house, "/staff/end-account", account=sam.id).status_code == 200
    house.app.extensions["live"].look()
    assert not socket.is_connected()
    assert client.get("/staff").status_code == 303
    assert house.signs_in(sam, client).status_code == 401
    assert house.client().get(path_of(link)).status_code == 404
    assert in_json(house, "/staff/invite", account=sam.id).json["code"] == "unknown_account"
    assert f"account-{sam.id}" not in house.manager.get("/staff/accounts").text


def test_the_last_manager_can_be_neither_ended_nor_made_less(house: House) -> None:
    made(house, "two", "Second Manager", "manager")  # who has chosen no password: she cannot let anybody in yet
    for path, fields in (("/staff/end-account", {}), ("/staff/change-account", {"name": "Olga", "role": "auditor"})):
        answer = in_json(house, path, account=house.owner.id, **fields)
        assert (answer.status_code, said(answer)["code"]) == (409, "last_manager")
        shown = house.manager.post(path, data={"account": house.owner.id, **fields})
        assert shown.status_code == 409
        assert say("This is the only manager.") in shown.text
    house.add("manager")
    assert in_json(house, "/staff/end-account", account=house.owner.id).status_code == 200


def test_two_managers_who_end_each_other_at_once_leave_one(house: House) -> None:
    other = house.add("manager")
    ends = house.doors.accounts.end
    came = at_once(lambda: ends(house.owner.id), lambda: ends(other.id))
    assert sorted(map(str, came)) == ["None", "last_manager"]
    assert house.doors.accounts.has_manager()


@pytest.mark.parametrize("role", ["reception", "clinician", "auditor", "desk", "program"])
def test_only_a_manager_touches_accounts(house: House, role: str) -> None:
    client = house.as_role(role)
    before = house.doors.accounts.everyone()
    for path in ("add-account", "change-account", "end-account", "invite"):
        answer = client.post(
            f"/staff/{path}", json={"account": house.owner.id, "login": "x", "name": "x", "role": "manager"}
        )
        assert answer.status_code in (401, 403), path
    assert house.doors.accounts.everyone() == before


def test_whoever_is_not_there_is_refused_with_words(house: House) -> None:
    for path in ("change-account", "end-account", "invite"):
        answer = in_json(house, f"/staff/{path}", account="nobody", name="x", role="manager")
        assert (answer.status_code, said(answer)["code"]) == (409, "unknown_account")
        assert in_json(house, f"/staff/{path}").status_code == 422


def test_everybody_begins_where_their_work_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    begins = {role: house.signs_in(house.add(role)).location for role in ("reception", "manager", "auditor")}
    assert begins == {"reception": "/staff", "manager": "/staff", "auditor": "/staff/audit"}
    monkeypatch.setattr(house.doors.desk, "is_set_up", False)
    assert house.signs_in(house.add("manager")).location == "/setup"
    assert house.signs_in(house.add("reception")).location == "/staff"


# --- the menu and the next steps ---


def ids(text: str) -> set[str]:
    return {one.get("id", "") for one in Page(text).every()}


def test_nobody_is_offered_what_they_may_not_have(house: House) -> None:
    theirs = {role: ids(house.as_role(role).get("/staff").text) for role in ("reception", "clinician")}
    manager = ids(house.manager.get("/staff").text)
    assert {"me", "sign-out", "lock", "to-accounts", "to-screens", "to-set-up"} <= manager
    assert {"me", "sign-out", "lock", "to-screens"} <= theirs["reception"]
    assert {"me", "sign-out", "lock"} <= theirs["clinician"]
    assert not {"to-accounts", "to-set-up"} & theirs["reception"]
    assert not {"to-accounts", "to-set-up", "to-screens"} & theirs["clinician"]


@pytest.mark.parametrize("role", ["reception", "clinician", "manager"])
@pytest.mark.parametrize("path", ["/staff", "/staff/appointments", "/staff/follow-ups", "/staff/day-in-pictures", "/"])
def test_every_link_of_a_page_leads_somewhere_for_who_sees_it(house: House, role: str, path: str) -> None:
    client = house.as_role(role)
    page = Page(client.get(path).text)
    hidden = {id(one) for part in page.classed("for-desk") for one in part.iter()} if role == "clinician" else set()
    links = {one.get("href", "") for one in page.every("a") if id(one) not in hidden}
    for link in sorted(link for link in links if link.startswith("/") and not link.startswith(("/kiosk", "/display"))):
        answer = client.get(link)
        assert answer.status_code == 200 or (answer.status_code == 303 and "login" not in (answer.location or "")), link


def test_who_signs_in_is_offered_as_who_does_it(house: House) -> None:
    tablet = house.as_role("tablet")
    visit = said(tablet.post("/kiosk/check-in", json={"service": "doctor", "request": "tap"}))["visit"]
    assert house.manager.post("/staff/leave", json={"visit": visit, "request": "leaves"}).status_code == 200
    sam = house.client()
    house.signs_in(house.add("reception", "Sam Okafor"), sam)
    owner = Page(sam.get("/staff/follow-ups").text).find(f"owner-{visit}")
    assert owner is not None
    assert owner.get("value") == "Sam Okafor"
    due = house.doors.desk.clock.now().date().isoformat()
    assert sam.post("/staff/owner", data={"whose": visit, "owner": "Kim", "due": due}).status_code == 303
    kept = Page(sam.get("/staff/follow-ups").text).find(f"owner-{visit}")
    assert kept is not None
    assert kept.get("value") == "Kim"


def test_a_new_clinic_is_told_what_to_do_next_until_it_is_done(house: House) -> None:
    def steps(client: Any) -> dict[str, bool]:
        page = Page(client.get("/").text)
        return {one.get("id", "")[5:]: "done" in one.get("class", "") for one in page.every("li") if one.get("id")}

    assert steps(house.manager) == {"tablet": False, "tv": False, "accounts": False, "desk": False}
    assert steps(house.client()) == {}
    house.pairs(house.client(), "tv")
    assert steps(house.as_role("reception")) == {}
    assert steps(house.manager) == {"tablet": False, "tv": True, "accounts": True, "desk": False}
    house.pairs(house.client(), "tablet")
    house.pairs(house.client(), "desk")
    assert steps(house.manager) == {}
