"""After the visit, on the phone: thank you, the next step, one question, and nothing that tells who answered."""

import json
from typing import Any

import pytest

from clinic.feedback import COMMENT_LENGTH, RATINGS, Answer
from messages import NEXT_STEPS
from messages import RATINGS as WORDS
from tests.faces import Page, Practice, say, text
from tests.test_live import Watcher


def seen(practice: Practice, name: str = "Ana", **finish: Any) -> dict[str, Any]:
    """Somebody came, was called and was seen."""
    ana = practice.arrives(name)
    practice.calls(ana)
    practice.does("finish", visit=ana["visit"], **finish)
    return ana


def send(practice: Practice, ana: dict[str, Any], status: int = 303, **fields: str) -> str:
    answer = practice.client.post(practice.phone(ana) + "/feedback", data={"rating": "good", **fields})
    assert answer.status_code == status, answer.text
    return answer.text


def kept(practice: Practice) -> list[Answer]:
    after = practice.app.extensions["after"]
    return list(after.answers())


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
def test_after_the_visit_the_phone_thanks_and_asks_one_question(practice: Practice, lang: str) -> None:
    ana = seen(practice)

    page = practice.page(practice.phone(ana, lang))

    assert say("Thank you for coming today.", lang) in page.says("state")
    assert page.says("question") == say("Overall, how was your visit?", lang)
    answers = [text(one) for one in page.every("a") if "rating=" in (one.get("href") or "")]
    assert answers == [say(WORDS[rating], lang) for rating in RATINGS]
    assert page.find("next-step") is None, "staff said nothing of a next step"


@pytest.mark.parametrize("step", NEXT_STEPS)
def test_the_phone_says_the_next_step_that_staff_picked(practice: Practice, step: str) -> None:
    ana = seen(practice, step=step)

    assert practice.page(practice.phone(ana)).says("next-step") == say(NEXT_STEPS[step])


def test_staff_pick_the_next_step_where_they_finish_a_visit(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    assert practice.page(f"/staff/visit/{ana['visit']}").find("step") is None, "nobody has been seen yet"
    practice.calls(ana)

    found = practice.page(f"/staff/visit/{ana['visit']}").find("step")

    assert found is not None
    assert [one.get("value") for one in found.iter("option")] == ["", *NEXT_STEPS]


def test_a_step_that_is_not_in_the_list_is_refused(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.calls(ana)

    answer = practice.staff("finish", visit=ana["visit"], step="take two pills")

    assert (answer.status_code, (answer.json or {})["code"]) == (409, "unknown_step")


def test_the_next_step_goes_with_an_undone_finish(practice: Practice) -> None:
    ana = seen(practice, step="book")
    practice.does("undo", visit=ana["visit"])
    practice.does("finish", visit=ana["visit"])

    assert practice.page(practice.phone(ana)).find("next-step") is None


def test_a_rating_leads_to_a_page_with_everything_else_optional(practice: Practice) -> None:
    ana = seen(practice)

    page = practice.page(practice.phone(ana) + "/feedback?rating=good")

    assert text(page.every("h1")[0]) == say("Good")
    assert not [one for one in page.every() if "required" in one.attrib]
    assert page.find("asks") is None, "only who was not content is asked whether we may put it right"
    assert kept(practice) == [], "nothing is kept before it is sent"


@pytest.mark.parametrize("rating", ["poor", "very_poor"])
def test_who_was_not_content_may_ask_us_to_put_it_right(practice: Practice, rating: str) -> None:
    ana = seen(practice)
    page = practice.page(f"{practice.phone(ana)}/feedback?rating={rating}")
    assert page.find("asks") is not None

    send(practice, ana, rating=rating, asks="yes", contact="  555\t0100 ", comment="Too long\nin the hall")

    (answer,) = kept(practice)
    assert (answer.rating, answer.asks, answer.contact) == (rating, True, "555 0100")
    assert answer.comment == "Too long in the hall"


def test_how_to_reach_somebody_is_kept_only_when_they_ask(practice: Practice) -> None:
    send(practice, seen(practice), rating="poor", contact="555 0100")
    send(practice, seen(practice, "Bo"), rating="good", asks="yes", contact="555 0100")

    assert [(one.asks, one.contact) for one in kept(practice)] == [(False, ""), (False, "")]


def test_an_answer_is_kept_by_day_hour_and_service_without_its_visit(practice: Practice) -> None:
    ana = seen(practice)
    send(practice, ana, comment="Kind people", as_said="yes", told="no")

    (answer,) = kept(practice)

    assert (answer.day, answer.hour, answer.service) == ("2026-11-23", 9, "doctor")
    assert (answer.comment, answer.as_said, answer.told) == ("Kind people", "yes", "no")
    with practice.desk.store.read() as db:
        tables = [name for (name,) in db.execute("select name from sqlite_schema where type = 'table'")]
        rows = {name: [list(map(str, row)) for row in db.execute(f"select * from {name}")] for name in tables}
    assert ana["visit"] not in json.dumps({name: rows[name] for name in rows if name.startswith("feedback")})
    assert "Kind people" not in json.dumps({name: rows[name] for name in rows if name != "feedback"})


def test_one_link_answers_once(practice: Practice) -> None:
    ana = seen(practice)
    send(practice, ana, rating="good")
    send(practice, ana, rating="very_poor")

    assert [one.rating for one in kept(practice)] == ["good"]
    page = practice.page(practice.phone(ana))
    assert page.says("thanks") == say("Thank you. We read every answer.")
    assert page.find("question") is None
    assert practice.client.get(practice.phone(ana) + "/feedback?rating=good").status_code == 303


def test_who_was_not_seen_yet_is_not_asked(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    send(practice, ana)

    assert kept(practice) == []
    assert practice.page(practice.phone(ana)).find("very-good") is None


def test_everybody_of_a_party_is_asked_for_their_own_visit(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    bo = practice.arrives("Bo", **{"with": ana["url"].rsplit("/", 1)[1]})
    for one in (ana, bo):
        practice.calls(one)
        practice.does("finish", visit=one["visit"])

    send(practice, ana, visit=bo["ticket"])

    page = practice.page(practice.phone(ana))
    mark = "-" + bo["ticket"].replace(" ", "-")
    assert page.find("question") is not None
    assert page.find("thanks" + mark) is not None
    send(practice, ana, visit=ana["ticket"], rating="poor")
    assert sorted(one.rating for one in kept(practice)) == ["good", "poor"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"rating": "splendid"}, "not_a_choice"),
        ({"rating": ""}, "missing"),
        ({"told": "perhaps"}, "not_a_choice"),
        ({"comment": "x" * (COMMENT_LENGTH + 1)}, "not_text"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    practice: Practice, fields: dict[str, str], code: str
) -> None:  # fmt: skip
    ana = seen(practice)
    answer = practice.client.post(practice.phone(ana) + "/feedback", json={"rating": "good", **fields})

    assert answer.status_code == 422
    assert (answer.json or {})["code"] == code
    assert kept(practice) == []


def test_the_page_has_ended_two_hours_later(practice: Practice) -> None:
    ana = seen(practice)
    practice.later(minutes=121)

    assert "This page has ended." in send(practice, ana, status=404)
    assert practice.client.get(practice.phone(ana) + "/feedback?rating=good").status_code == 404
    assert kept(practice) == []


def test_the_question_is_on_the_phone_without_a_reload(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.calls(ana)
    phone = Watcher(practice, "phone/" + practice.phone(ana)[3:] + "/en")
    practice.does("finish", visit=ana["visit"], step="paper")
    practice.later()

    shown = Page(phone.pushed()[-1]["html"])
    assert shown.says("next-step") == say(NEXT_STEPS["paper"])
    assert shown.find("question") is not None
