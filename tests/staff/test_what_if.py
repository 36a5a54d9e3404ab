"""What if: beside each room what opening or pausing it would do, for who asks; nothing where it changes nothing."""

from itertools import count

import pytest

from clinic.whatif import WhatIf, what_if
from tests.faces import Page, Practice, say, say_many, text
from tests.test_live import Watcher

OPEN, PAUSE = "If you open it now", "If you pause it 30 min"
LONGEST = ("Longest wait from now %(n)s min, not %(before)s.",) * 2
BREAK = ("%(n)s promise would break.", "%(n)s promises would break.")
KEPT = ("%(n)s promise kept that would break.", "%(n)s promises kept that would break.")
SILENT = ("No time to tell %(n)s person.", "No time to tell %(n)s people.")
AGAIN = ("%(n)s person would have a time again.", "%(n)s people would have a time again.")


def looks(practice: Practice, lang: str = "en") -> list[str]:
    """What stands beside each room when somebody asks."""
    page = practice.page(f"/staff?what-if=on&lang={lang}")
    return [text(one) for one in page.classed("look")]


def longest(before: int | None, after: int | None, lang: str = "en") -> str:
    return say_many(*LONGEST, after or 0, lang, before=before)


def test_only_who_asks_is_told(practice: Practice) -> None:
    practice.crowd(8)
    page = practice.page("/staff?lang=es")
    link = page.find("what-if")
    assert link is not None
    assert link.get("href") == "/staff?lang=es&what-if=on"
    assert page.classed("look") == []
    assert say(PAUSE, "es") not in practice.get("/staff?lang=es")

    page = practice.page("/staff?lang=es&what-if=on")

    assert text(page.classed("look")[0]).startswith(say(PAUSE, "es"))
    link = page.find("what-if")
    assert link is not None
    assert link.get("href") == "/staff?lang=es"


def test_beside_an_open_room_stands_what_pausing_it_would_do(practice: Practice) -> None:
    practice.crowd(8)
    look = what_if(practice.desk.line, practice.desk.history, practice.clock.time)["room-1"]

    assert look.breaks > 0
    assert looks(practice)[0] == " ".join([
        say(PAUSE), longest(look.before, look.after), say_many(*BREAK, look.breaks),
    ])  # fmt: skip


def test_beside_any_other_room_stands_what_opening_it_would_do(practice: Practice) -> None:
    practice.crowd(8)
    practice.does("close-room", room="room-2")
    look = what_if(practice.desk.line, practice.desk.history, practice.clock.time)["room-2"]

    assert looks(practice)[1].startswith(f"{say(OPEN)} {longest(look.before, look.after)}")


def test_where_it_would_change_nothing_nothing_stands(practice: Practice) -> None:
    assert looks(practice) == ["", "", ""]
    practice.crowd(8)
    practice.later(seconds=6)
    assert looks(practice)[2] == "", "nobody waits for the nurse"
    practice.does("close-room", room="room-3")
    assert looks(practice)[2] == ""


@pytest.mark.parametrize("lang", ["en", "es", "ar"])
@pytest.mark.parametrize(
    ("look", "before", "after", "counted", "n"),
    [
        (WhatIf("pause", 40, 65, 3, 0), 40, 65, BREAK, 3),
        (WhatIf("pause", 40, 40, 1, 0), None, None, BREAK, 1),
        (WhatIf("pause", 40, None, 0, 2), None, None, SILENT, 2),
        (WhatIf("pause", 40, 55, -1, 0), 40, 55, KEPT, 1),
    ],
)
def test_every_change_has_its_sentence(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, look: WhatIf, before: int | None, after: int | None,
    counted: tuple[str, str], n: int, lang: str,
) -> None:  # fmt: skip
    practice.arrives()
    monkeypatch.setattr("clinic.desk.what_if", lambda *_: {"room-1": look})

    waits = [longest(before, after, lang)] if before else []

    assert looks(practice, lang)[0] == " ".join([say(PAUSE, lang), *waits, say_many(*counted, n, lang)])


def test_the_only_room_opened_gives_people_a_time_again(practice: Practice) -> None:
    practice.crowd(5, service="nurse")
    practice.does("close-room", room="room-3")

    assert looks(practice)[2] == f"{say(OPEN)} {say_many(*AGAIN, 5)}"


def test_in_a_room_s_own_form_it_stands_beside_the_buttons(practice: Practice) -> None:
    practice.crowd(8)
    assert say(PAUSE) in text(practice.page("/staff/room/room-1").root)
    assert say(PAUSE) not in text(practice.page("/staff/room/room-3").root)
    practice.does("pause-room", room="room-1", minutes=60)

    said = text(practice.page("/staff/room/room-1").root)

    assert said.index(say("Open now")) < said.index(say(OPEN))
    assert say(PAUSE) not in said


def test_it_is_live_and_never_speaks_of_a_room_in_another_state(practice: Practice) -> None:
    practice.crowd(8)
    html = practice.get("/staff?what-if=on").replace('<input type="hidden" name="life" value="">', "")
    key = "staff/what-if/en"
    watcher = Watcher(practice)
    assert watcher.watch(key)["html"].strip() in html
    assert f'data-key="{key}"' in html

    practice.does("pause-room", room="room-1", minutes=60)
    practice.live.push()

    pushed = Page(watcher.pushed()[-1]["html"])
    assert text(pushed.classed("look")[0]) == ""
    practice.later(minutes=1)
    pushed = Page(watcher.pushed()[-1]["html"])
    assert text(pushed.classed("look")[0]).startswith(say(OPEN))


def test_it_is_not_worked_out_for_every_push(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    times = count()
    monkeypatch.setattr("clinic.desk.what_if", lambda *_: dict([(next(times), None)][:0]))
    practice.arrives()
    Watcher(practice, "staff/what-if/en")

    for _ in range(10):
        practice.arrives()
        practice.later(seconds=1)

    assert next(times) == 3


def test_who_watches_the_console_alone_costs_nothing(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.desk.what_if", lambda *_: pytest.fail("nobody asked"))
    practice.crowd(3)
    Watcher(practice, "staff/main/en")

    practice.later(minutes=1)
