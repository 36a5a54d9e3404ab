"""The cookies of the doors: what a browser keeps to show who it is, out of reach of scripts and of other sites."""

from flask import Request, request
from werkzeug.wrappers import Response

from doors.sessions import WHOLE

SESSION, DEVICE, PAIRING = "kindline_session", "kindline_device", "kindline_pairing"
FOREVER = 10 * 365 * 24 * 3600


def cookie(name: str, asked: Request) -> str:
    """What this request brought under that name; empty when nothing."""
    return asked.cookies.get(_name(name, asked), "")


def set_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """A cookie no script can read and no other site can send; behind TLS no other host can set it either."""
    response.set_cookie(
        _name(name, request), value, max_age=seconds, path="/", httponly=True, samesite="Strict",
        secure=request.is_secure,
    )  # fmt: skip


def drop_cookie(response: Response, name: str) -> None:
    """Let the browser forget it."""
    response.delete_cookie(_name(name, request), httponly=True, samesite="Strict", secure=request.is_secure, path="/")


def begin(response: Response, secret: str) -> None:
    """Give a browser this session."""
    set_cookie(response, SESSION, secret, int(WHOLE.total_seconds()))


def _name(name: str, asked: Request) -> str:
    """With TLS the name itself makes browsers refuse it from anywhere else."""
    return f"__Host-{name}" if asked.is_secure else name
