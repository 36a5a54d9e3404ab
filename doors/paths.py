"""Where to go on to: paths of ours, and no other address."""

from urllib.parse import urlencode, urlsplit

from flask import request


def own_path(there: str | None, otherwise: str) -> str:
    """A path of ours to go on to; anything that a browser could take for another address is not one (TRUST A29)."""
    path = there or ""
    odd = not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable()
    try:
        parts = urlsplit(path)
    except ValueError:
        return otherwise
    return otherwise if odd or parts.scheme or parts.netloc else path


def this_page() -> str:
    """The path that was asked for, with what was asked of it."""
    return request.full_path.rstrip("?")


def back_from(page: str) -> str:
    """The address of this page of ours, from which one comes back to where one was, in the same language."""
    asked = request.args.get("next") if request.endpoint == "doors.locked" else None
    lang = request.args.get("lang")
    return f"{page}?{urlencode({'next': own_path(asked, this_page()), **({'lang': lang} if lang else {})})}"
