"""A name on the TV: only of a called person who chose it, only where the clinic allows it, and only in short."""

import pytest

from clinic.names import short_name
from tests.faces import Practice, shown, text

HOSTILE = ["<script>window.pwned=1</script>", "{{7*7}} x", "%(x)s", '"><img src=x onerror=alert(1)> z']
PATHS = ["/display", "/display/plain", "/display?mode=large", "/display/line.json"]


def everywhere(practice: Practice) -> str:
    return " ".join(practice.get(path) for path in PATHS)


def test_without_a_choice_no_name_is_shown(practice: Practice) -> None:
    ana = practice.arrives("Zebediah Quux")
    practice.calls(ana)
    assert "Zebediah" not in everywhere(practice)


def test_a_name_that_was_chosen_is_shown_in_short_with_the_call(practice: Practice) -> None:
    ana = practice.arrives("Zebediah María Quux", call_me="name")
    practice.calls(ana)
    (call,) = practice.page("/display").classed("tv-call")
    assert [text(one) for one in call.iter("small")] == ["Zebediah Q."]
    assert practice.json("/display/line.json")["called"] == [
        {"ticket": "A 01", "room": "Room 1", "name": "Zebediah Q."}
    ]
    seen = everywhere(practice)
    assert "Quux" not in seen
    assert "María" not in seen


def test_who_waits_is_a_number_whatever_they_chose(practice: Practice) -> None:
    practice.arrives("Zebediah Quux", call_me="name")
    assert "Zebediah" not in everywhere(practice)


def test_a_clinic_that_wants_no_names_on_its_tv_has_none(practice: Practice) -> None:
    ana = practice.arrives("Zebediah Quux", call_me="name")
    practice.calls(ana)
    practice.change(names_on_tv=False)
    assert "Zebediah" not in everywhere(practice)
    assert "Zebediah" not in (practice.live.current("display/main/en") or {})["html"]
    assert practice.page("/kiosk/details?service=doctor").every("input", name_="call_me") == []


@pytest.mark.parametrize("command", ["hold", "leave", "undo"])
def test_the_name_goes_with_the_call(practice: Practice, command: str) -> None:
    ana = practice.arrives("Zebediah Quux", call_me="name")
    practice.calls(ana)
    practice.does(command, visit=ana["visit"])
    assert "Zebediah" not in everywhere(practice)


def test_after_the_call_only_the_number_stays_listed(practice: Practice) -> None:
    ana = practice.arrives("Zebediah Quux", call_me="name")
    practice.calls(ana)
    practice.later(minutes=2)
    practice.does("start", visit=ana["visit"])
    page = practice.page("/display")
    assert "A 01" in shown(practice.get("/display"))
    assert page.classed("tv-call") == []
    assert "Zebediah" not in practice.get("/display")
    assert practice.json("/display/line.json")["called"] == [{"ticket": "A 01", "room": "Room 1"}]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_on_the_tv_too(practice: Practice, name: str) -> None:
    usual, ana = practice.arrives("Zebediah Quux", call_me="name"), practice.arrives(name, call_me="name")
    practice.calls(usual)
    plain = [one.tag for one in practice.page("/display").root.iter()]
    practice.does("undo", visit=usual["visit"])
    practice.calls(ana)
    page = practice.page("/display")
    assert [text(one) for one in page.every("small")] == [short_name(name)]
    assert [one.tag for one in page.root.iter()] == plain


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ana", "Ana"),
        ("Ana Diaz", "Ana D."),
        ("Ana María Ñúñez", "Ana Ñ."),
        ("عائشة بنت أحمد", "عائشة أ."),
        ("J. Smith", "J. S."),
        ("O'Neill-Smith", "O'Neill-Smith"),
    ],
)
def test_the_short_form_is_the_first_name_and_an_initial(name: str, short: str) -> None:
    assert short_name(name) == short
