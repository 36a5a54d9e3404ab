"""What may help somebody, and how they want to be called. Pure."""

from dataclasses import dataclass

NEEDS = ("large_text", "read_aloud", "fetch", "interpreter", "more_time", "quiet", "wheelchair")
"""What may help somebody (EXPERIENCE K17): words of a fixed list, so that no free text about a person is kept.

"fetch" stands here as lists of appointments and the tablet know it; of a visit it is how they are called.
"""

TOGGLES = tuple(need for need in NEEDS if need != "fetch")
"""What can be ticked; that somebody is fetched stands with the other ways to be called."""

SPOKEN_LENGTH = 40
"""Characters of a language's name, where it is typed."""

SPOKEN = ("en", "es", "ar", "fa", "fr", "pl", "pt", "ro", "tr", "ur")
"""The languages that the tablet offers where somebody needs an interpreter; any other is typed.

Only such as our own fonts can write: a box in the place of a letter offers nobody their language.
"""

CALL_ME = ("number", "name", "fetch")
"""How somebody is called (EXPERIENCE K18): by number, also by name on the TV, or by a person who comes to them."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What may help one person: of `NEEDS` but for "fetch", and the language that an interpreter speaks.

    spoken: its code, as in `SPOKEN` or a list of appointments, or its name as somebody wrote it.
    """

    flags: tuple[str, ...] = ()
    spoken: str = ""


def flags_of(call_me: str, needs: Needs) -> tuple[str, ...]:
    """Everything to know before somebody is called, of `NEEDS`; that they are fetched comes first."""
    return ("fetch", *needs.flags) if call_me == "fetch" else needs.flags


def ways(fixed: str, named: bool) -> tuple[str, ...]:
    """How somebody may be called; the first is meant where they say nothing.

    fixed: the one way of their service, or empty; by name only who is `named`. "Come to me" may always be wished for.
    """
    if fixed == "fetch":
        return ("fetch",)
    if fixed:
        return ("name" if fixed == "name" and named else "number", "fetch")
    return ("number", "name", "fetch") if named else ("number", "fetch")


def needs_of(wished: tuple[str, ...], spoken: str = "") -> Needs:
    """These wishes in the order of the list; to name a language is to need an interpreter."""
    asked = {*wished, "interpreter"} if spoken else set(wished)
    flags = tuple(need for need in NEEDS if need in asked and need != "fetch")
    return Needs(flags, spoken)
