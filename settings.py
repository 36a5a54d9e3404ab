"""What the environment says about how to serve: read once, checked at the start, refused with the allowed values."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

ASYNC_MODES = ("eventlet", "threading")
OPEN_DOORS = ("", "loopback")
LOGS = ("text", "json")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (the default: screens of the house have to reach us; the doors are closed)
MOST_PROXIES = 5


class WrongSetting(ValueError):
    """A setting that cannot be used; its text says what to write instead."""


@dataclass(frozen=True)
class Settings:
    """Every setting with its default. `speed` and `start` move the clock of a simulated day.

    `proxies`: how many servers of the house stand before this one and say who really asks; `new_manager`: print a link
    that makes one more manager; `log`: how the server's output is written.
    """

    host: str = EVERYWHERE[0]
    port: int = 8000
    data: Path = Path("data")
    async_mode: str = "eventlet"
    template: str = ""
    open_doors: str = ""
    url: str = ""
    proxies: int = 0
    new_manager: bool = False
    log: str = "text"
    speed: float = 1.0
    start: datetime | None = None

    @property
    def public_url(self) -> str:
        """The address that QR codes and links carry, without a final slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.url or f"http://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read(environ: Mapping[str, str], templates: tuple[str, ...] = ()) -> Settings:
    """The settings in `environ` (KINDLINE_*). Raises WrongSetting with one sentence that mends it."""
    get = {key: value.strip() for key, value in environ.items() if key.startswith("KINDLINE_")}
    open_doors = _one_of("KINDLINE_OPEN_DOORS", get.get("KINDLINE_OPEN_DOORS", ""), OPEN_DOORS)
    settings = Settings(
        host=get.get("KINDLINE_HOST") or ("127.0.0.1" if open_doors else Settings.host),
        port=_port(get.get("KINDLINE_PORT") or str(Settings.port)),
        data=Path(get.get("KINDLINE_DATA") or Settings.data).expanduser(),
        async_mode=_one_of("KINDLINE_ASYNC", get.get("KINDLINE_ASYNC") or Settings.async_mode, ASYNC_MODES),
        template=_one_of("KINDLINE_TEMPLATE", get.get("KINDLINE_TEMPLATE", ""), ("", *templates)),
        open_doors=open_doors,
        url=_url(get.get("KINDLINE_URL", "")),
        proxies=_proxies(get.get("KINDLINE_PROXIES") or "0"),
        new_manager=get.get("KINDLINE_NEW_MANAGER", "") == "1",
        log=_one_of("KINDLINE_LOG", get.get("KINDLINE_LOG") or Settings.log, LOGS),
        speed=_speed(get.get("KINDLINE_SPEED") or "1"),
        start=_start(get.get("KINDLINE_START", "")),
    )
    if settings.open_doors and not is_loopback(settings.host):
        raise WrongSetting(
            f"KINDLINE_OPEN_DOORS=loopback lets everybody act as staff, and KINDLINE_HOST={settings.host} lets other "
            "machines in. Use KINDLINE_HOST=127.0.0.1 with it, or leave KINDLINE_OPEN_DOORS away."
        )
    if settings.open_doors and (settings.proxies or not is_loopback(urlsplit(settings.public_url).hostname or "")):
        raise WrongSetting(
            "KINDLINE_OPEN_DOORS=loopback lets everybody act as staff, and KINDLINE_URL or KINDLINE_PROXIES let other "
            "machines in. Leave those away with it."
        )
    return settings


def is_everywhere(host: str) -> bool:
    """Whether this host means all addresses of this computer."""
    return host in EVERYWHERE


def local_zone() -> str:
    """This machine's time zone, or UTC when it does not say."""
    parts = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return parts[2] if parts[2] in zones() else "UTC"


@cache
def zones() -> frozenset[str]:
    """The names of all time zones that this machine knows. Hundreds of files are read for it, once."""
    return frozenset(available_timezones())


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        choices = ", ".join(choice for choice in allowed if choice)
        raise WrongSetting(f"{name}={value} is not known. Use one of: {choices}.")
    return value


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise WrongSetting(f"KINDLINE_PORT={text} is not a port. Use a number from 1 to 65535.")
    return int(text)


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:3]) <= MOST_PROXIES):
        raise WrongSetting(
            f"KINDLINE_PROXIES={text} is not known. Write how many servers of yours stand before Kindline, 0 to "
            f"{MOST_PROXIES}."
        )
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 600:
        raise WrongSetting(f"KINDLINE_SPEED={text} is not a speed. Use a number from 0.1 to 600; 1 is real time.")
    return speed


def _start(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise WrongSetting(f"KINDLINE_START={text} is not a time. Write it like 2026-11-23T09:00.") from None


def _url(text: str) -> str:
    if text and not _is_address(text):
        raise WrongSetting(f"KINDLINE_URL={text} is not an address. Write it like http://192.168.1.10:8000.")
    return text.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    whole = not (parts.query or parts.fragment or any(c.isspace() for c in text))
    return parts.scheme in ("http", "https") and bool(parts.hostname) and whole
