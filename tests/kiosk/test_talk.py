"""What patients say on their phone, what becomes of it, and what they read meanwhile."""

from typing import Any

import pytest

from messages import ANSWERS, QUESTIONS
from tests.faces import Page, Practice, say, shown

LANGUAGES = ["en", "es", "ar"]


def presses(practice: Practice, visit: dict[str, Any], button: str, lang: str = "") -> Page:
    """They press this button of their page as a browser without scripts does, and read the page they are led to."""
    page = practice.page(practice.phone(visit, lang))
    form = next(one for one in page.every("form") if one.find(f".//button[@id='{button}']") is not None)
    fields = {one.get("name", ""): one.get("value", "") for one in form.iter("input")}
    answer = practice.client.post(form.get("action", ""), data=fields)
    assert answer.status_code == 303
    return Page(practice.get(answer.location))


def asks(practice: Practice, visit: dict[str, Any], about: str = "", **more: str) -> str:
    """They ask for a person or ask a question; the id of that."""
    fields = {"about": about, "request": f"tap-{len(practice.desk.line.helps)}", **more}
    assert practice.client.post(practice.phone(visit) + "/help", data=fields).status_code == 303
    return list(practice.desk.line.helps)[-1]


def buttons(page: Page) -> list[str]:
    """What can be pressed about their turn, from above; what is there to pass the time stands apart."""
    found, beside = page.find("ticket"), page.find("while-waiting")
    assert found is not None
    apart = set(beside.iter()) if beside is not None else set()
    kinds = (one for one in found.iter() if "button" in one.get("class", "").split() and one not in apart)
    return [one.get("id", "") for one in kinds]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_is_called_says_that_they_are_coming(practice: Practice, lang: str) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    assert buttons(practice.page(practice.phone(ana, lang))) == ["coming", "more-time", "step-out", "leave"]

    page = presses(practice, ana, "coming", lang)

    assert page.says("known") == say("We know that you are coming.", lang)
    assert page.find("coming") is None
    assert practice.visit(ana).coming_at == practice.clock.time
    assert say("It's your turn.", lang) in page.says("called"), "where to go stays"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_needs_more_time_reads_when_they_are_back_in_the_line(practice: Practice, lang: str) -> None:
    ana = practice.arrives()
    practice.calls(ana)

    page = presses(practice, ana, "more-time", lang)

    assert page.says("state").startswith(say("Take your time.", lang))
    assert say("You are back in the line at %(time)s.", lang, time="09:10") in page.says("state")
    assert practice.desk.line.visits[ana["visit"]].status == "on_hold"
    practice.later(10)
    assert practice.visit(ana).status == "waiting"
    assert say("You're next.", lang) in practice.page(practice.phone(ana, lang)).says("state")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_steps_out_keeps_their_place_and_knows_when_to_be_back(practice: Practice, lang: str) -> None:
    ana = practice.crowd(4)[3]
    practice.does("hold", visit=practice.arrives()["visit"])
    told = practice.visit(ana).told
    assert told
    assert told.low

    page = presses(practice, ana, "step-out", lang)

    back_by = practice.visit(ana).back_by
    assert back_by
    at = f"{back_by:%H:%M}"
    assert say("You have stepped out. You keep your place.", lang) in page.says("state")
    assert say("Please be back by %(time)s.", lang, time=at) in page.says("out")
    assert buttons(page) == ["here", "question", "leave"]
    practice.clock.time = back_by
    practice.later(minutes=-5, seconds=-1)
    assert say("It's time to come back.", lang) not in shown(practice.get(practice.phone(ana, lang)))
    practice.later(seconds=1)
    assert say("It's time to come back.", lang) in shown(practice.get(practice.phone(ana, lang)))
    practice.later(minutes=60)
    assert say("It's time to come back.", lang) in shown(practice.get(practice.phone(ana, lang)))
    presses(practice, ana, "here", lang)
    assert practice.visit(ana).status == "waiting"


def test_the_waiting_page_has_at_most_four_buttons(practice: Practice) -> None:
    first, later, *_ = practice.crowd(3)
    assert buttons(practice.page(practice.phone(first))) == ["more-time", "help", "question", "leave"]
    assert buttons(practice.page(practice.phone(later))) == ["step-out", "help", "question", "leave"]
    practice.calls(first)
    practice.does("no-show", visit=first["visit"])
    assert buttons(practice.page(practice.phone(first))) == ["here", "help", "leave"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_waits_far_too_long_may_step_out_or_ask_for_another_time(practice: Practice, lang: str) -> None:
    ana = practice.arrives()
    told = practice.visit(ana).first_told
    assert told
    assert told.high
    practice.later(minutes=(told.high - practice.clock.time).total_seconds() / 60 + 30)
    assert buttons(practice.page(practice.phone(ana, lang))) == ["step-out", "help", "another-appointment", "leave"]

    page = presses(practice, ana, "another-appointment", lang)

    assert say("We've got your question.", lang) in page.says("said")
    (asked,) = practice.desk.line.helps.values()
    assert (asked.about, asked.asker, asked.place) == ("another_appointment", ana["visit"], "A 01")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("button", ["help", "worse"])
def test_who_asks_for_help_reads_that_we_know_and_then_who_comes(practice: Practice, button: str, lang: str) -> None:
    ana = practice.crowd(2)[1]

    page = presses(practice, ana, button, lang)

    told = page.says("said")
    assert told.startswith(say("We've told the team.", lang))
    assert say("Someone will come to you.", lang) in told
    assert (say("Do not wait for your number.", lang) in told) is (button == "worse")
    assert [one.get("role") for one in page.every(id="said")] == ["status"]
    (asked,) = practice.desk.line.helps
    practice.does("take-help", help=asked, who="Sam")
    said = practice.page(practice.phone(ana, lang)).says("said")
    assert say("%(name)s is coming.", lang, name="Sam") in said
    practice.later(14.9)
    assert practice.page(practice.phone(ana, lang)).says("said") == said
    practice.later(0.2)
    assert practice.page(practice.phone(ana, lang)).says("said") == ""


def test_who_comes_need_not_say_their_name(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("take-help", help=asks(practice, ana))
    assert practice.page(practice.phone(ana)).says("said") == "Someone is coming."


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_question_is_taken_and_answered_where_it_was_asked(practice: Practice, answer: str, lang: str) -> None:
    ana = practice.arrives()
    page = practice.page(practice.phone(ana) + f"/question?lang={lang}")
    topics = [one.get("value") for one in page.every("button", name_="about")]
    assert topics == list(QUESTIONS)

    help_id = asks(practice, ana, "payment")

    said = practice.page(practice.phone(ana, lang)).says("said")
    assert said == " ".join([say(QUESTIONS["payment"], lang), say("We've got your question.", lang)])
    practice.does("take-help", help=help_id)
    practice.later(40)
    said = practice.page(practice.phone(ana, lang)).says("said")
    assert say("Someone is looking into your question.", lang) in said, "until it is answered"
    practice.does("answer", help=help_id, answer=answer)
    for minutes in (0, 29):
        practice.later(minutes)
        assert practice.page(practice.phone(ana, lang)).says("said").endswith(say(ANSWERS[answer], lang))
    practice.later(1)
    assert practice.page(practice.phone(ana, lang)).says("said") == ""


def test_who_answers_in_person_is_named(practice: Practice) -> None:
    ana = practice.arrives()
    help_id = asks(practice, ana, "next")
    practice.does("take-help", help=help_id, who="Sam")
    assert "Sam is looking into your question." in practice.page(practice.phone(ana)).says("said")
    practice.does("answer", help=help_id, answer="in_person", who="Bea")
    assert "Bea will come to you about your question." in practice.page(practice.phone(ana)).says("said")


def test_who_has_stepped_out_and_asks_for_help_is_asked_to_come_in(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("hold", visit=ana["visit"])
    asks(practice, ana, "worse")
    assert practice.page(practice.phone(ana)).says("said") == "We've told the team. Please come to the desk."
    practice.change(phone="555 0100")
    assert "call us on 555 0100" in practice.page(practice.phone(ana)).says("said")


def test_who_feels_worse_after_asking_for_help_waits_for_one_person(practice: Practice) -> None:
    ana = practice.arrives()
    asks(practice, ana)
    practice.later(seconds=20)
    asks(practice, ana, "worse")
    assert practice.page(practice.phone(ana)).says("said").count("We've told the team.") == 1


@pytest.mark.parametrize("button", ["coming", "more-time", "step-out"])
def test_a_button_pressed_twice_counts_once(practice: Practice, button: str) -> None:
    ana = practice.arrives()
    practice.calls(ana)
    path = f"{practice.phone(ana)}/{button}"
    assert practice.client.post(path).status_code == 303
    before = practice.desk.line
    for _ in range(2):
        practice.later(seconds=1)
        assert practice.client.post(path, data={"request": "one tap"}).status_code == 303
    assert practice.desk.line.visits == before.visits


@pytest.mark.parametrize("about", ["", "worse", "payment"])
def test_the_same_wish_pressed_twice_or_sent_again_rings_once(practice: Practice, about: str) -> None:
    ana = practice.arrives()
    for request in ("tap-1", "tap-1", "tap-2", ""):
        assert practice.client.post(practice.phone(ana) + "/help", data={"about": about, "request": request})
    assert len(practice.desk.line.helps) == 1


@pytest.mark.parametrize("button", ["coming", "more-time", "step-out", "help", "here"])
def test_a_link_acts_for_who_came_along_and_for_nobody_else(practice: Practice, button: str) -> None:
    mother = practice.arrives()
    child = practice.arrives(**{"with": practice.phone(mother)[3:]})
    other = practice.arrives()
    for visit in (mother, child, other):
        practice.calls(visit)
    before = practice.desk.line
    path = f"{practice.phone(mother)}/{button}"
    for named in ("A 03", other["visit"], "A 77"):
        assert practice.client.post(path, data={"visit": named}).status_code == 404
    assert practice.desk.line == before
    if button != "here":
        assert practice.client.post(path, data={"visit": "A 02"}).status_code == 303
        assert practice.desk.line.visits[mother["visit"]] == before.visits[mother["visit"]]
        changed = practice.visit(child) != before.visits[child["visit"]]
        assert changed or [one.asker for one in practice.desk.line.helps.values()] == [child["visit"]]


def test_each_called_number_of_a_party_has_its_own_buttons(practice: Practice) -> None:
    mother = practice.arrives()
    child = practice.arrives(**{"with": practice.phone(mother)[3:]})
    practice.calls(mother)
    practice.calls(child, "room-2")

    page = presses(practice, mother, "coming-A-02")

    assert page.says("known-A-02").replace("\u202f", " ") == "A 02: We know that you are coming."
    assert page.find("coming") is not None
    assert practice.visit(child).coming_at
    assert practice.visit(mother).coming_at is None
    ids = [one.get("id") for one in page.every() if one.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["coming", "more-time", "step-out", "help", "question"])
def test_an_ended_link_says_and_asks_nothing(practice: Practice, path: str) -> None:
    ana = practice.arrives()
    practice.does("leave", visit=ana["visit"])
    practice.later(121)
    before = practice.desk.line
    for secret in (practice.phone(ana), "/t/" + "x" * 22):
        if path == "question":
            practice.get(f"{secret}/{path}", 404)
        else:
            assert practice.client.post(f"{secret}/{path}").status_code == 404
    assert practice.desk.line == before


def test_nobody_is_sent_to_who_is_gone(practice: Practice) -> None:
    ana = practice.arrives()
    practice.does("leave", visit=ana["visit"])
    assert practice.client.post(practice.phone(ana) + "/help", data={"about": "worse"}).status_code == 303
    assert practice.client.get(practice.phone(ana) + "/question").status_code == 303
    assert not practice.desk.line.helps
    found = practice.page(practice.phone(ana)).find("ticket")
    assert found is not None
    assert "data-here" not in found.attrib, "the page offers it no more"


@pytest.mark.parametrize("about", ["my back hurts", "<script>", "x" * 65])
def test_a_question_is_of_the_list(practice: Practice, about: str) -> None:
    ana = practice.arrives()
    assert practice.client.post(practice.phone(ana) + "/help", data={"about": about}).status_code == 422
    assert not practice.desk.line.helps


def test_a_phone_reads_nothing_of_what_others_asked(practice: Practice) -> None:
    ana, bo = practice.crowd(2)
    asks(practice, bo, "payment")
    practice.does("take-help", help=asks(practice, bo), who="Zebediah")
    html = practice.get(practice.phone(ana))
    assert Page(html).says("said") == ""
    assert "Zebediah" not in html


def family(practice: Practice) -> tuple[dict[str, Any], dict[str, Any]]:
    """A mother and her child, on one page."""
    mother = practice.arrives("Ana")
    return mother, practice.arrives("Bo", **{"with": practice.phone(mother).rpartition("/")[2]})


def test_i_feel_worse_reaches_us_for_a_child_too_whose_mother_was_seen(practice: Practice) -> None:
    mother, child = family(practice)
    practice.calls(mother)
    practice.does("finish", visit=mother["visit"])

    page = presses(practice, mother, "worse")

    assert [(one.asker, one.about) for one in practice.desk.line.helps.values()] == [(child["visit"], "worse")]
    assert say("We've told the team.") in page.says("said")
    assert any(one.get("id", "").startswith("help-") for one in page.every("button")), (
        "she can ask for a person as well"
    )


def test_in_a_family_an_answer_says_whose_it_is(practice: Practice) -> None:
    mother, child = family(practice)
    practice.client.post(practice.phone(mother) + "/help", data={"about": "payment", "visit": child["ticket"]})

    assert child["ticket"] in practice.page(practice.phone(mother)).says("said")


def test_an_id_that_cannot_stand_in_an_address_is_made_one_that_can(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.client.post(practice.phone(ana) + "/help", data={"about": "payment", "request": "a/b.large"})

    assert list(practice.desk.line.helps) == ["ablarge"]
    assert practice.client.get("/staff/question/ablarge").status_code == 200


def test_nobody_is_back_by_their_own_tap_whose_number_is_kept_no_more(practice: Practice) -> None:
    ana = practice.arrives("Ana")
    practice.calls(ana)
    practice.does("no-show", visit=ana["visit"])
    practice.later(minutes=31)

    practice.client.post(practice.phone(ana) + "/here")
    practice.client.post("/kiosk/here", data={"place": ana["ticket"]})
    assert practice.visit(ana).status == "no_show"

    practice.does("resume", visit=ana["visit"])
    assert practice.visit(ana).status == "waiting"
