"""Reading what was sent, from a form or as JSON, and saying kindly what is wrong with it."""

from collections.abc import Mapping
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest

from clinic.names import NAME_LENGTH, clean_name

REQUEST_LENGTH = 100


class BadInput(Exception):
    """Something that was sent cannot be used. `field` is where, `code` has its words in every language."""

    def __init__(self, field: str, code: str, **params: Any):
        super().__init__(code)
        self.field, self.code, self.params = field, code, params


def wants_json(request: Request) -> bool:
    """Whether a program asks, not a person's browser."""
    if request.is_json:
        return True
    if request.mimetype not in ("", "application/x-www-form-urlencoded"):
        # Who sends a file from a page is a browser, and browsers name the kind of answer they show.
        return "text/html" not in request.accept_mimetypes.values()
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" and "text/html" not in request.accept_mimetypes.values()


def sent(request: Request) -> Mapping[str, Any]:
    """The fields that were sent. Raises BadInput when the body cannot be read as fields."""
    if not request.is_json:
        return request.form
    try:
        body = request.get_json()
    except (BadRequest, RecursionError, UnicodeError) as problem:
        raise BadInput("", "not_json") from problem
    if not isinstance(body, dict):
        raise BadInput("", "not_an_object")
    return body


def text(fields: Mapping[str, Any], name: str, length: int = 64) -> str:
    """A short plain text that must be there."""
    value = fields.get(name)
    if value is None or value == "":
        raise BadInput(name, "missing")
    if not isinstance(value, str) or len(value) > length or not value.isprintable():
        raise BadInput(name, "not_text", limit=length)
    return value


def text_or_none(fields: Mapping[str, Any], name: str, length: int = 64) -> str | None:
    """A short plain text that may be left out."""
    return None if fields.get(name) in (None, "") else text(fields, name, length)


def one_of(fields: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str) -> str:
    """One of these words; the default when it is left out."""
    value = text_or_none(fields, name)
    if value is None:
        return default
    if value not in choices:
        raise BadInput(name, "not_a_choice", choices=", ".join(choices))
    return value


def free_text(fields: Mapping[str, Any], name: str, length: int, too_long: str = "not_text") -> str:
    """What somebody wrote in their own words, in any script, cleaned as a name is; empty when nothing was written."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(name, "not_text", limit=length)
    cleaned = clean_name(value)
    if len(cleaned) > length:
        raise BadInput(name, too_long, limit=length)
    return cleaned


def person_name(fields: Mapping[str, Any], name: str = "name") -> str:
    """A person's name in any script, cleaned of what is not a name; empty when none was given."""
    return free_text(fields, name, NAME_LENGTH, "name_too_long")


def whole_number(fields: Mapping[str, Any], name: str) -> int | None:
    """A whole number that may be left out."""
    value = fields.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15:
        return value
    raise BadInput(name, "not_a_number")


def plain(text: str) -> str:
    """An id as it may stand in an address: letters, digits and dashes of it."""
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "-_"))


def yes(fields: Mapping[str, Any], name: str) -> bool:
    """Whether a box was ticked."""
    return fields.get(name) in (True, "true", "yes", "on", "1")
