"""The one table of the doors, held against every address and every live screen, for every role (TRUST A8, A9)."""

import pytest

from doors import table
from tests.doors.house import House, watch

KEYS = [
    "display/main/en", "kiosk/start-normal/en", "staff/main/en", "staff/what-if/en", "staff/trust/en",
    "staff/screens/en", "staff/appointments/en", "staff/paper/en", "staff/locked/en",
]  # fmt: skip
ROLES = sorted(table.EVERYONE)


def test_every_page_stands_in_the_table_and_nothing_else_does(house: House) -> None:
    assert {rule.endpoint for rule in house.app.url_map.iter_rules()} == set(table.PAGES)


def test_every_live_screen_stands_in_the_table(house: House) -> None:
    shows = house.app.extensions["live"]._shows
    assert {key.partition("/")[0] for key in table.SCREENS} == set(shows)


def test_what_is_not_in_the_table_nobody_may() -> None:
    assert not table.may_ask("staff.not_there", table.EVERYONE)
    assert not table.may_watch("staff/not-there/en", table.EVERYONE)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_the_pages_of_the_table_and_no_other(house: House, role: str) -> None:
    for rule in house.app.url_map.iter_rules():
        path = rule.build(dict.fromkeys(rule.arguments, "none"), append_unknown=False)
        assert path
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            client = house.as_role(role)
            answer = client.open(path[1], method=method, json={} if method == "POST" else None)
            refused = answer.status_code in (401, 403) or "/login?" in answer.headers.get("Location", "")
            refused |= "/unlock?" in answer.headers.get("Location", "")
            if rule.endpoint in ("doors.signed_in", "doors.unlock", "doors.desk", "doors.lock"):
                continue  # what they are for is to say no, to show a code, and to lead to the locked page
            assert refused is not table.may_ask(rule.endpoint, frozenset({role})), (
                role,
                method,
                path[1],
                answer.status,
            )


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_watch_the_screens_of_the_table_and_no_other(house: House, role: str) -> None:
    for key in KEYS:
        answer = watch(house.watcher(house.as_role(role)), key)
        may = table.may_watch(key, frozenset({role}))
        assert (answer == {"code": "not_allowed"}) is not may, (role, key, answer)
