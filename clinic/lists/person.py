"""The letters a family name may begin with, folded, so that accents and case never keep somebody from being found."""

import unicodedata


def fold_letter(text: str) -> str:
    """The first letter of this text as it is compared."""
    plain = unicodedata.normalize("NFKD", text.strip())
    return next((c.upper() for c in plain if c.isalpha()), "")
