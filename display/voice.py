"""What the TV says of a call, as the clips to play, and how loud. Pure: the clips themselves are in static/voice/."""

import re
import unicodedata
from datetime import datetime

from clinic.setup import LETTERS, Setup

LANGUAGES = ("en", "es", "ar")
"""The languages there are clips in: one folder each."""

ROOMS = {
    "room": ("room", "rm", "sala", "غرفة", "الغرفة"),
    "consulting": ("consulting room", "consulta", "consultorio", "عيادة", "العيادة"),
    "desk": ("desk", "mesa", "مكتب", "المكتب"),
    "counter": ("counter", "mostrador", "كاونتر", "الكاونتر"),
    "window": ("window", "ventanilla", "شباك", "الشباك"),
    "door": ("door", "puerta", "باب", "الباب"),
    "chair": ("chair", "silla", "كرسي", "الكرسي"),
}
"""What a place may be called, in any language, by the clip that says so."""

CLIPS = (*LETTERS, *"0123456789", "number", "look", "test", *ROOMS)
"""Every clip that each language has."""

TEST = "test"

Sentence = tuple[str, ...]
"""Clips to play one after another, each as `language/name`."""


def announcement(ticket: str, room: str, languages: tuple[str, ...]) -> tuple[Sentence, ...]:
    """The sentences that call this ticket to this room, once in each of these languages that has clips.

    Digits are said one by one, as they stand on the screen: 14 and 40 are not to be mistaken for each other.
    """
    spoken = [language for language in dict.fromkeys(languages) if language in LANGUAGES]
    return tuple(
        tuple(f"{language}/{clip}" for clip in sentence)
        for language in spoken
        for sentence in (("number", *_characters(ticket)), _place(room))
    )


def trial(language: str) -> tuple[Sentence, ...]:
    """The sentence by which somebody hears that the TV can speak."""
    return ((f"{language if language in LANGUAGES else LANGUAGES[0]}/{TEST}",),)


def addresses() -> tuple[str, ...]:
    """Every clip there is, as `language/name`."""
    return tuple(f"{language}/{clip}" for language in LANGUAGES for clip in CLIPS)


def loudness(setup: Setup, now: datetime) -> int:
    """How loud the TV sounds at `now`, in the clinic's zone: 0 to 100, and 0 in quiet hours."""
    if not setup.quiet_from or not setup.quiet_until:
        return setup.volume
    begins, ends, at = setup.quiet_from, setup.quiet_until, f"{now:%H:%M}"
    # From 20:00 until 07:00 goes over midnight.
    is_quiet = begins <= at < ends if begins < ends else at >= begins or at < ends
    return 0 if is_quiet else setup.volume


def _place(room: str) -> Sentence:
    """Where to go. A name that the clips cannot say whole is not said in part: people look at the screen instead."""
    named = unicodedata.normalize("NFC", room).casefold()
    found = re.fullmatch(r"(.*?)[\s.#]*(\d{0,4}|[a-z])", named.strip())
    word, number = (found[1].strip(), found[2]) if found else (named, "")
    clip = next((clip for clip, words in ROOMS.items() if word in words), None)
    numbered = _characters(number)
    if len(numbered) < len(number) or not number or (word and clip is None):
        return ("look",)
    return (clip, *numbered) if clip else numbered


def _characters(text: str) -> Sentence:
    """The clips of a number or a letter, one a character; spaces are not said, nor what has no clip."""
    plain = (str(unicodedata.digit(one, one)) for one in text.upper() if not one.isspace())
    return tuple(one for one in plain if one in CLIPS)
