"""Names as they may be kept and shown, in any script. Pure."""

import unicodedata

NAME_LENGTH = 80

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def clean_name(name: str) -> str:
    """A name as it may be kept and shown: any script, without control, bidi-override and broken characters.

    Empty when nothing of it would be seen.
    """
    spaced = (" " if c.isspace() else c for c in name)
    kept = (c for c in spaced if c not in _BIDI and unicodedata.category(c) not in ("Cc", "Cs"))
    # Only now: what stood between a letter and its accent is gone.
    text = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    return text if any(unicodedata.category(c) not in ("Cf", "Zs", "Mn", "Mc", "Me") for c in text) else ""


def short_name(name: str) -> str:
    """How a called person's name may stand on the TV: the first name, and the initial of the last."""
    words = name.split()
    return f"{words[0]} {words[-1][0]}." if len(words) > 1 else name
