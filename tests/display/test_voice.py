"""What the TV says: each digit, in the clinic's language and then in the patient's, and never half a name."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from clinic.setup import LETTERS, TEMPLATES
from display.voice import LANGUAGES, addresses, announcement, loudness, trial
from tests.faces import Page, Practice

ROOMS = {
    "Room 3": ("room", "3"),
    "ROOM 12": ("room", "1", "2"),
    "Room3": ("room", "3"),
    "Rm. 4": ("room", "4"),
    "Room H": ("room", "H"),
    "Desk 2": ("desk", "2"),
    "Consulting room 10": ("consulting", "1", "0"),
    "Sala 3": ("room", "3"),
    "Mostrador 1": ("counter", "1"),
    "Ventanilla nº": ("look",),
    "غرفة 3": ("room", "3"),
    "غرفة ٣": ("room", "3"),
    "شباك ١٢": ("window", "1", "2"),
    "7": ("7",),
}
CANNOT = [
    "Room B",
    "Blue room",
    "Room 3 upstairs",
    "Room 3A",
    "غرفة الفحص ٣",
    "Room",
    "",
    "²",
    "Room ²",
    "王",
    "Room 12345",
]


def said(ticket: str, room: str = "Room 3", *languages: str) -> list[str]:
    """The sentences, one language after another."""
    return [" ".join(sentence) for sentence in announcement(ticket, room, languages or ("en",))]


def test_a_call_is_said_digit_by_digit() -> None:
    assert said("A 14") == ["en/number en/A en/1 en/4", "en/room en/3"]
    assert said("A 40") == ["en/number en/A en/4 en/0", "en/room en/3"]


def test_what_is_shown_is_said_a_leading_zero_too() -> None:
    assert said("H 04")[0] == "en/number en/H en/0 en/4"
    assert said("H 104")[0] == "en/number en/H en/1 en/0 en/4"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", LETTERS)
def test_every_number_can_be_said_in_every_language(language: str, letter: str) -> None:
    clips = [clip for sentence in announcement(f"{letter} 0123456789", "Room 9", (language,)) for clip in sentence]
    assert len(clips) == 2 + 10 + 2
    assert set(clips) <= set(addresses())


def test_the_clinics_language_comes_first_and_the_patients_own_after_it() -> None:
    assert said("A 14", "Room 3", "en", "ar") == [
        "en/number en/A en/1 en/4", "en/room en/3", "ar/number ar/A ar/1 ar/4", "ar/room ar/3",
    ]  # fmt: skip
    assert said("A 14", "Room 3", "es", "es") == ["es/number es/A es/1 es/4", "es/room es/3"]


def test_a_language_without_clips_is_not_said() -> None:
    assert said("A 14", "Room 3", "en", "fr") == said("A 14", "Room 3", "en")
    assert announcement("A 14", "Room 3", ("fr",)) == ()


@pytest.mark.parametrize(("room", "clips"), ROOMS.items())
def test_a_room_is_said_by_its_name(room: str, clips: tuple[str, ...]) -> None:
    assert announcement("A 14", room, ("es",))[1] == tuple(f"es/{clip}" for clip in clips)


@pytest.mark.parametrize("room", CANNOT)
def test_a_room_that_cannot_be_said_whole_sends_people_to_the_screen(room: str) -> None:
    assert said("A 14", room) == ["en/number en/A en/1 en/4", "en/look"]


def test_a_test_call_is_said_even_where_the_clinics_language_has_no_clips() -> None:
    assert trial("ar") == (("ar/test",),)
    assert trial("fr") == (("en/test",),)


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "loud", "quiet"),
    [("20:00", "07:00", ["07:00", "12:00", "19:59"], ["20:00", "23:59", "00:00", "06:59"]),
     ("12:00", "14:00", ["11:59", "14:00", "00:00"], ["12:00", "13:59"]),
     ("", "", ["00:00", "12:00"], [])],
)  # fmt: skip
def test_in_quiet_hours_the_tv_is_silent(quiet_from: str, quiet_until: str, loud: list[str], quiet: list[str]) -> None:
    setup = replace(TEMPLATES["walk-in"], volume=60, quiet_from=quiet_from, quiet_until=quiet_until)

    def at(clock: str) -> int:
        return loudness(setup, datetime.fromisoformat(f"2026-11-24T{clock}:00").replace(tzinfo=UTC))

    assert {at(clock) for clock in loud} == {60}
    assert {at(clock) for clock in quiet} <= {0}


def call(practice: Practice) -> Any:
    (found,) = practice.page("/display").classed("tv-call")
    return found


def test_the_tv_is_told_what_to_say_of_a_call(practice: Practice) -> None:
    ana = practice.arrives(language="es", name="Ana Ruiz", call_me="name")
    practice.calls(ana, "room-2")
    english, spanish = "en/number en/A en/0 en/1|en/room en/2", "es/number es/A es/0 es/1|es/room es/2"
    assert call(practice).get("data-say") == f"{english}|{spanish}", "who is called by name hears their number too"
    practice.does("start", visit=ana["visit"])
    assert (call(practice).get("data-call"), call(practice).get("data-say")) == (None, None)


def test_a_tv_whose_voice_is_off_still_chimes(practice: Practice) -> None:
    practice.calls(practice.arrives())
    practice.change(voice=False)
    assert call(practice).get("data-call")
    assert call(practice).get("data-say") == ""
    assert volume(practice.page("/display")) == "80"


def test_a_muted_tv_shows_the_same_text(practice: Practice) -> None:
    practice.calls(practice.arrives())
    before = practice.page("/display")
    practice.change(volume=0)
    after = practice.page("/display")
    assert (volume(before), volume(after)) == ("80", "0")
    assert before.says("tv") == after.says("tv")


def volume(page: Page) -> str:
    found = page.find("tv")
    assert found is not None
    return found.get("data-volume", "")


def test_every_clip_can_be_had_and_kept(practice: Practice) -> None:
    (body,) = practice.page("/display").every("body")
    clips = body.get("data-clips", "").split()
    assert set(clips) == set(addresses())
    with practice.client.get(f"/static/voice/{clips[0]}.mp3?v={body.get('data-clips-version')}") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "audio/mpeg")
        assert "immutable" in answer.headers["Cache-Control"]
