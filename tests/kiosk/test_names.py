"""A person's name: any script goes in, the same comes out to staff, and nobody else ever reads it."""

import pytest

from tests.faces import Page, Practice, text

SCRIPTS = [
    "Ñandú Núñez",
    "O'Neill-Smith",
    "王小明",
    "عائشة بنت أحمد",
    "👩\u200d⚕️ Ana",
    "Đặng Thị Ánh",
    "Αθηνά",
    "J.",
    "אבי כהן",
    "Łukasz & Żaneta",
]
HOSTILE = [
    "<script>window.pwned=1</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{% include 'x' %}",
    "%(x)s %s %d",
    "</td></tr><tr>",
    "'; drop table person; --",
    "=cmd|' /C calc'!A0",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("name", SCRIPTS + HOSTILE)
def test_staff_read_a_name_as_it_was_given(practice: Practice, name: str) -> None:
    ana = practice.arrives(name)
    assert [one["name"] for one in practice.json("/staff/line.json")["visits"]] == [name]
    as_read = " ".join(name.split())
    row = practice.page("/staff").find(f"row-{ana['visit']}")
    assert row is not None
    assert [text(one) for one in row.iter("bdi")][1] == as_read
    for path in (f"/staff/visit/{ana['visit']}", "/staff/day"):
        assert as_read in [text(one) for one in practice.page(path).every("bdi")], path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_more_than_text(practice: Practice, name: str) -> None:
    usual = practice.arrives("Ana")
    plain = [[one.tag for one in practice.page(path).root.iter()] for path in ("/staff", "/staff/day")]
    practice.does("leave", visit=usual["visit"])
    practice.arrives(name)
    hostile = [[one.tag for one in practice.page(path).root.iter()] for path in ("/staff", "/staff/day")]
    assert hostile == plain


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_comes_back_in_the_form_is_text_too(practice: Practice, name: str) -> None:
    def refused(typed: str) -> Page:
        answer = practice.client.post("/kiosk/check-in", data={"service": "doctor", "request": "1", "name": typed})
        assert answer.status_code == 422
        return Page(answer.text)

    page = refused(name * 40)
    field = page.find("name")
    assert field is not None
    assert field.get("value") == name * 40
    assert [one.tag for one in page.root.iter()] == [one.tag for one in refused("x" * 200).root.iter()]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eevil\u202c", "evil"),
        ("A\u2066n\u2069a", "Ana"),
        ("\u200fAna\u200e", "Ana"),
        ("Ana\x00\x07\x1b[31m", "Ana[31m"),
        ("  Ana \n\t Diaz ", "Ana Diaz"),
        ("Ana\ud800", "Ana"),
        ("n\u0303", "ñ"),
    ],
)
def test_what_would_turn_the_words_around_it_is_taken_out_of_a_name(practice: Practice, typed: str, kept: str) -> None:
    practice.arrives(typed)
    assert practice.json("/staff/line.json")["visits"][0]["name"] == kept


@pytest.mark.parametrize("name", ["Zebediah Quux", "<script>window.pwned=1</script>", "عائشة بنت أحمد"])
@pytest.mark.parametrize("status", ["waiting", "called", "in_room", "on_hold", "no_show", "done", "left"])
def test_a_name_stays_with_staff_whatever_happens_to_the_visit(practice: Practice, name: str, status: str) -> None:
    ana = practice.arrives(name)
    steps = {
        "called": ["call"],
        "in_room": ["call", "start"],
        "on_hold": ["hold"],
        "no_show": ["call", "no-show"],
        "done": ["call", "start", "finish"],
        "left": ["leave"],
    }
    for command in steps.get(status, []):
        practice.does(command, visit=ana["visit"], **({"room": "room-1"} if command == "call" else {}))
    assert practice.visit(ana).status == status
    secret = practice.phone(ana).removeprefix("/t/")
    rules = [rule for rule in practice.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    paths = [rule.rule for rule in rules if not rule.rule.startswith("/staff")]
    paths += ["/kiosk/details?service=doctor", "/kiosk/place?letter=A&number=1", "/display?mode=large"]
    paths += [f"/t/{secret}", f"/t/{secret}/leave", f"/t/{secret}?lang=ar"]
    fragments = [f"phone/{secret}/en", f"ticket/{secret}/en", "display/main/en", "display/large/en"]
    seen = [practice.client.get(path).text for path in paths]
    seen += [(practice.live.current(key) or {}).get("html", "") for key in fragments]
    for part in (name, name.split()[0], name.split()[-1], "pwned"):
        assert not [path for path, page in zip([*paths, *fragments], seen, strict=True) if part in page], part


def test_the_ticket_page_and_the_answer_to_a_program_hold_no_name(practice: Practice) -> None:
    fields = {"service": "doctor", "name": "Zebediah Quux", "call_me": "name", "request": "1"}
    page = practice.client.post("/kiosk/check-in", data=fields)
    assert "Zebediah" not in page.text
    assert Page(page.text).says("number") == "A 01"
    assert "Zebediah" not in practice.client.post("/kiosk/check-in", json=fields).text


def test_the_log_of_what_happened_holds_no_name(practice: Practice) -> None:
    ana = practice.arrives("Zebediah Quux", call_me="name")
    practice.calls(ana)
    rows = practice.desk.store.db.execute("select * from event").fetchall()
    assert rows
    assert "Zebediah" not in str(rows)
    answers = practice.desk.store.db.execute("select * from answer").fetchall()
    assert answers
    assert "Zebediah" not in str(answers)
