"""Whatever is typed where words are free: no input breaks, and no text turns or hides what stands around it."""

from typing import Any

import pytest

from clinic.feedback import COMMENT_LENGTH
from tests.faces import Practice

JOINED = ("می\u200cخواهم", "👩\u200d⚕️ Ana")
"""Persian and a profession: what joins their letters is part of them."""


def seen(practice: Practice) -> tuple[dict[str, Any], str]:
    """Somebody who was seen, and the path of their page."""
    ana = practice.arrives()
    practice.calls(ana)
    practice.does("finish", visit=ana["visit"])
    return ana, practice.phone(ana)


def asked(practice: Practice) -> str:
    """Somebody at the tablet asked for a person; which call for help that is."""
    answer = practice.client.post("/kiosk/help", json={"place": "tablet", "request": "help-1"})
    return str((answer.json or {})["help"])


def typed_by_who_goes(practice: Practice, text: str) -> str:
    help_id = asked(practice)
    practice.does("take-help", help=help_id, who=text)
    return practice.desk.takers([help_id])[help_id]


def typed_as_language(practice: Practice, text: str) -> str:
    ana = practice.arrives(**{"need-interpreter": "yes", "spoken": text})
    return practice.desk.needs([ana["visit"]])[ana["visit"]].spoken


def typed_as_language_at_the_tablet(practice: Practice, text: str) -> str:
    fields = {"service": "doctor", "request": "1", "need-interpreter": "yes", "spoken_also": text}
    assert practice.client.post("/kiosk/check-in", data=fields).status_code == 200
    (visit,) = practice.desk.line.visits
    return practice.desk.needs([visit])[visit].spoken


def typed_as_comment(practice: Practice, text: str) -> str:
    _, path = seen(practice)
    answer = practice.client.post(f"{path}/feedback", data={"rating": "poor", "comment": text})
    assert answer.status_code == 303
    (said,) = practice.app.extensions["after"].answers()
    return str(said.comment)


def typed_as_owner(practice: Practice, text: str) -> str:
    ana = practice.arrives()
    practice.does("leave", visit=ana["visit"])
    practice.does("owner", whose=ana["visit"], owner=text, due="2026-11-25")
    return str(practice.app.extensions["after"].owners([ana["visit"]])[ana["visit"]].name)


def typed_for_the_tv(practice: Practice, text: str) -> str:
    practice.does("we-did", **{"line-1": text})
    return " ".join(practice.app.extensions["after"].lines)


INPUTS = {
    "who": (typed_by_who_goes, 30),
    "language": (typed_as_language, 40),
    "language at the tablet": (typed_as_language_at_the_tablet, 40),
    "comment": (typed_as_comment, COMMENT_LENGTH),
    "owner": (typed_as_owner, 40),
    "TV": (typed_for_the_tv, 120),
}


@pytest.mark.parametrize("text", JOINED)
@pytest.mark.parametrize("where", INPUTS)
def test_what_joins_the_letters_of_a_name_stays_in_it(practice: Practice, where: str, text: str) -> None:
    assert INPUTS[where][0](practice, text) == text


@pytest.mark.parametrize("where", INPUTS)
def test_what_turns_the_text_around_it_is_cut_where_it_is_typed(practice: Practice, where: str) -> None:
    """TRUST A2."""
    kept = INPUTS[where][0](practice, "\u202eAna\u202c\x00 \u2066Di\x1baz\u2069")
    assert kept == "Ana Diaz"


@pytest.mark.parametrize("wrong", [[], {}, 5, True, "x" * 31])
@pytest.mark.parametrize("command", ["take-help", "answer"])
def test_who_goes_is_a_short_text_or_is_asked_again(practice: Practice, command: str, wrong: object) -> None:
    answer = practice.staff(command, help=asked(practice), answer="in_person", who=wrong)
    assert (answer.status_code, (answer.json or {})["field"]) == (422, "who")
