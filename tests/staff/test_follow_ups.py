"""Follow-ups: nobody who went unseen or asked for an answer is forgotten, until a person says so."""

from typing import Any

import pytest

from tests.faces import Page, Practice, say, text
from tests.kiosk.test_feedback import seen, send


def owed(practice: Practice, lang: str = "en") -> list[Any]:
    found = practice.page(f"/staff/follow-ups?lang={lang}").find("owed")
    assert found is not None
    return [one for one in found.iter("li") if one.get("id")]


def marks(practice: Practice, whose: str, how: str = "contacted", **more: str) -> Any:
    return practice.staff("follow-up", whose=whose, how=how, **more)


def unhappy(practice: Practice, contact: str = "", comment: str = "") -> str:
    """Somebody was not content and wants an answer; the id of what they said."""
    send(practice, seen(practice, "Cy"), rating="poor", asks="yes", contact=contact, comment=comment)
    (answer,) = practice.app.extensions["after"].asking()
    return str(answer.id)


def test_a_quiet_day_owes_nobody_a_word(practice: Practice) -> None:
    assert owed(practice) == []
    assert say("Nobody waits for a word from us.") in practice.page("/staff/follow-ups").says("owed")


def test_who_left_unseen_is_listed_by_name_until_somebody_marks_them(practice: Practice) -> None:
    ana = practice.arrives("Ana Silva")
    practice.does("leave", visit=ana["visit"])

    (row,) = owed(practice)
    assert "Ana Silva" in text(row)
    assert say("Left without being seen") in text(row)
    practice.does("close-day")
    practice.later(minutes=24 * 60)
    practice.does("open-day", rooms=["room-1"])
    assert len(owed(practice)) == 1, "a new day does not wipe the list"

    assert marks(practice, ana["visit"]).status_code == 200
    assert owed(practice) == []
    assert "Ana Silva" in practice.page("/staff/follow-ups").says("lately")
    assert marks(practice, ana["visit"], "again").status_code == 200
    assert len(owed(practice)) == 1


def test_who_was_seen_is_not_listed(practice: Practice) -> None:
    seen(practice)

    assert owed(practice) == []


def test_somebody_has_an_owner_and_a_due_day(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.does("leave", visit=ana["visit"])
    due = practice.page("/staff/follow-ups").find("due-" + ana["visit"])
    assert due is not None
    assert due.get("value") == "2026-11-24", "the next working day"

    assert practice.staff("owner", whose=ana["visit"], owner="Sam", due="2026-11-25").status_code == 200

    page = practice.page("/staff/follow-ups")
    fields = [page.find(f"{name}-{ana['visit']}") for name in ("owner", "due")]
    assert [one.get("value") for one in fields if one is not None] == ["Sam", "2026-11-25"]
    assert "late" not in (owed(practice)[0].get("class") or "")
    practice.later(minutes=3 * 24 * 60)
    assert "late" in (owed(practice)[0].get("class") or "")


def test_who_asked_for_an_answer_is_listed_with_how_to_reach_them(practice: Practice) -> None:
    unhappy(practice, contact="555 0100", comment="Nobody told me")

    (row,) = owed(practice)

    assert "555 0100" in text(row)
    assert "Nobody told me" in text(row)
    assert "Cy" not in text(row), "we do not know who it was"


def test_how_to_reach_somebody_is_erased_when_they_were_answered(practice: Practice) -> None:
    answer = unhappy(practice, contact="555 0100")

    assert marks(practice, answer).status_code == 200

    assert owed(practice) == []
    with practice.desk.store.read() as db:
        assert db.execute("select contact, how from feedback").fetchall() == [("", "contacted")]


def test_the_same_tap_twice_counts_once(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.does("leave", visit=ana["visit"])
    first = marks(practice, ana["visit"], request="mark-1")
    seq = practice.desk.line.seq

    again = marks(practice, ana["visit"], request="mark-1")

    assert (first.status_code, again.status_code, practice.desk.line.seq) == (200, 200, seq)


@pytest.mark.parametrize(
    ("command", "fields", "code", "status"),
    [
        ("follow-up", {"whose": "nobody", "how": "contacted"}, "unknown_follow_up", 409),
        ("follow-up", {"whose": "ana", "how": "forgotten"}, "unknown_outcome", 409),
        ("follow-up", {"whose": "answer", "how": "again"}, "unknown_outcome", 409),
        ("follow-up", {"how": "contacted"}, "missing", 422),
        ("owner", {"whose": "nobody", "due": "2026-11-25"}, "unknown_follow_up", 409),
        ("owner", {"whose": "ana", "due": "tomorrow"}, "not_a_day", 422),
        ("owner", {"whose": "ana", "owner": "x" * 41, "due": "2026-11-25"}, "not_text", 422),
        ("we-did", {"line-1": "x" * 121}, "not_text", 422),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    practice: Practice, command: str, fields: dict[str, str], code: str, status: int
) -> None:
    ana = practice.arrives("Ana")
    practice.does("leave", visit=ana["visit"])
    ids = {"ana": ana["visit"], "answer": unhappy(practice)}
    if "whose" in fields:
        fields = {**fields, "whose": ids.get(fields["whose"], fields["whose"])}

    answer = practice.staff(command, **fields)

    assert answer.status_code == status
    assert (answer.json or {})["code"] == code
    assert len(owed(practice)) == 2


def test_the_console_says_how_many_wait_for_a_word(practice: Practice) -> None:
    assert practice.page("/staff").says("follow-ups") == say("Follow up")
    ana = practice.arrives("Ana")
    practice.does("leave", visit=ana["visit"])
    unhappy(practice)
    practice.later(seconds=6)

    assert practice.page("/staff").says("follow-ups") == f"{say('Follow up')} 2"


@pytest.mark.parametrize("command", ["follow-up", "owner"])
def test_without_scripts_the_forms_lead_back_to_the_list(practice: Practice, command: str) -> None:
    ana = practice.arrives("Ana")
    practice.does("leave", visit=ana["visit"])
    fields = {"whose": ana["visit"], "how": "no_need", "owner": "Sam", "due": "2026-11-24", "from": "follow-ups"}

    answer = practice.client.post(f"/staff/{command}?lang=ar", data=fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/follow-ups?lang=ar")


def test_comments_are_read_without_a_name(practice: Practice) -> None:
    send(practice, seen(practice, "Ana Silva"), rating="very_good", comment="<b>Kind</b> people")

    page = practice.page("/staff/feedback")

    assert "<b>Kind</b> people" in page.says("said")
    assert "Ana" not in text(page.root)


def tv(practice: Practice, **asked: str) -> Page:
    return practice.page("/display?" + "&".join(f"{name}={value}" for name, value in asked.items()))


def test_what_we_did_has_its_minute_on_a_calm_tv_in_the_words_as_written(practice: Practice) -> None:
    practice.does("we-did", **{"line-1": "You asked for water. ", "line-2": "المزيد من الكراسي"})
    shown = []
    for _ in range(3):
        found = tv(practice).classed("we-did")
        shown.append([text(p) for p in found[0].iter("p")] if found else [])
        practice.later(minutes=1)

    assert sorted(shown) == [[], ["You asked for water."], ["المزيد من الكراسي"]]


def test_a_call_is_never_pushed_away_by_what_we_did(practice: Practice) -> None:
    practice.does("we-did", **{"line-1": "More chairs"})
    practice.calls(practice.arrives("Ana"))
    waiting = practice.arrives("Bo")

    for _ in range(2):
        page = tv(practice)
        assert page.classed("we-did") == []
        assert page.classed("tv-call")
        assert page.find("wait-" + waiting["ticket"].replace(" ", "-")) is not None
        practice.later(seconds=30)


def test_the_large_mode_has_no_room_for_what_we_did(practice: Practice) -> None:
    practice.does("we-did", **{"line-1": "More chairs"})
    for _ in range(2):
        assert tv(practice, mode="large").classed("we-did") == []
        practice.later(minutes=1)


def test_what_we_did_stays_over_a_restart_and_can_be_taken_away(practice: Practice) -> None:
    from clinic.after import After

    practice.does("we-did", **{"line-1": "More chairs", "line-2": ""})
    assert After(practice.desk).lines == ("More chairs",)
    practice.does("we-did")
    assert After(practice.desk).lines == ()


def test_an_old_answer_is_forgotten_but_not_one_that_waits_for_us(practice: Practice) -> None:
    unhappy(practice, contact="555 0100")
    send(practice, seen(practice, "Ana"), rating="good", comment="Old")
    practice.later(minutes=9 * 7 * 24 * 60)

    send(practice, seen(practice, "Bo"), rating="good", comment="New")

    with practice.desk.store.read() as db:
        assert sorted(db.execute("select rating, comment from feedback").fetchall()) == [("good", "New"), ("poor", "")]
