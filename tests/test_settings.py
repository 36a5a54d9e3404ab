"""What the environment may say, and the sentence that mends what it may not."""

from datetime import datetime
from pathlib import Path

import pytest

from clinic.setup import TEMPLATES
from settings import Settings, WrongSetting, read

NAMES = tuple(TEMPLATES)


def refused(environ: dict[str, str]) -> str:
    with pytest.raises(WrongSetting) as caught:
        read(environ, NAMES)
    return str(caught.value)


def test_without_a_word_the_screens_of_the_house_reach_us_and_the_doors_are_shut() -> None:
    assert read({}, NAMES) == Settings(
        host="0.0.0.0",
        port=8000,
        data=Path("data"),
        async_mode="eventlet",
        template="",
        open_doors="",
        url="",
        proxies=0,
        new_manager=False,
        log="text",
        speed=1.0,
        start=None,
    )


def test_an_empty_setting_is_the_same_as_none() -> None:
    names = (
        "HOST",
        "PORT",
        "DATA",
        "ASYNC",
        "TEMPLATE",
        "OPEN_DOORS",
        "URL",
        "PROXIES",
        "NEW_MANAGER",
        "LOG",
        "SPEED",
        "START",
    )
    assert read({f"KINDLINE_{name}": " " for name in names}, NAMES) == read({}, NAMES)


@pytest.mark.parametrize(
    ("name", "value", "field", "read_as"),
    [
        ("HOST", "localhost", "host", "localhost"),
        ("HOST", "::1", "host", "::1"),
        ("HOST", "127.8.0.9", "host", "127.8.0.9"),
        ("PORT", "1", "port", 1),
        ("PORT", " 65535 ", "port", 65535),
        ("DATA", "/srv/clinic", "data", Path("/srv/clinic")),
        ("DATA", "~/clinic", "data", Path.home() / "clinic"),
        ("ASYNC", "threading", "async_mode", "threading"),
        ("ASYNC", "eventlet", "async_mode", "eventlet"),
        ("TEMPLATE", "walk-in", "template", "walk-in"),
        ("TEMPLATE", "blood-tests", "template", "blood-tests"),
        ("TEMPLATE", "urgent-care", "template", "urgent-care"),
        ("OPEN_DOORS", "loopback", "open_doors", "loopback"),
        ("OPEN_DOORS", "loopback", "host", "127.0.0.1"),
        ("PROXIES", "2", "proxies", 2),
        ("NEW_MANAGER", "1", "new_manager", True),
        ("LOG", "json", "log", "json"),
        ("URL", "https://line.example/", "url", "https://line.example"),
        ("SPEED", "30", "speed", 30.0),
        ("START", "2026-11-23T09:00+02:00", "start", datetime.fromisoformat("2026-11-23T09:00+02:00")),
    ],
)
def test_a_setting_is_read(name: str, value: str, field: str, read_as: object) -> None:
    assert getattr(read({f"KINDLINE_{name}": value}, NAMES), field) == read_as


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80.0", "eighty", "８０００", "0x50", "1e3"])
def test_what_is_no_port_is_refused_with_the_numbers_that_are(port: str) -> None:
    assert refused({"KINDLINE_PORT": port}) == (f"KINDLINE_PORT={port} is not a port. Use a number from 1 to 65535.")


@pytest.mark.parametrize(
    ("name", "value", "choices"),
    [
        ("ASYNC", "gevent", "eventlet, threading"),
        ("ASYNC", "Eventlet", "eventlet, threading"),
        ("TEMPLATE", "hospital", "walk-in, blood-tests, urgent-care"),
        ("OPEN_DOORS", "yes", "loopback"),
        ("OPEN_DOORS", "network", "loopback"),
        ("LOG", "xml", "text, json"),
    ],
)
def test_an_unknown_word_is_refused_with_the_known_ones(name: str, value: str, choices: str) -> None:
    assert refused({f"KINDLINE_{name}": value}) == f"KINDLINE_{name}={value} is not known. Use one of: {choices}."


@pytest.mark.parametrize("speed", ["0", "-1", "601", "fast", "nan", "inf"])
def test_what_is_no_speed_is_refused_with_the_range(speed: str) -> None:
    assert refused({"KINDLINE_SPEED": speed}) == (
        f"KINDLINE_SPEED={speed} is not a speed. Use a number from 0.1 to 600; 1 is real time."
    )


@pytest.mark.parametrize("start", ["nine", "25:00", "2026-13-01", "0001-01-01T00:00"])
def test_what_is_no_time_is_refused_with_an_example(start: str) -> None:
    assert refused({"KINDLINE_START": start}) == (
        f"KINDLINE_START={start} is not a time. Write it like 2026-11-23T09:00."
    )


@pytest.mark.parametrize(
    "url", ["192.168.1.10:8000", "ftp://clinic.example", "javascript:alert(1)", "http://", "http://[::1"]
)
def test_what_is_no_address_is_refused_with_an_example(url: str) -> None:
    assert refused({"KINDLINE_URL": url}) == (
        f"KINDLINE_URL={url} is not an address. Write it like http://192.168.1.10:8000."
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "clinic.example", "127.0.0.1.example"])
def test_open_doors_are_refused_where_other_machines_are_let_in(host: str) -> None:
    sentence = refused({"KINDLINE_HOST": host, "KINDLINE_OPEN_DOORS": "loopback"})
    assert f"KINDLINE_HOST={host} lets other machines in" in sentence
    assert "Use KINDLINE_HOST=127.0.0.1 with it" in sentence
    assert read({"KINDLINE_HOST": host}, NAMES) == Settings(host=host)


@pytest.mark.parametrize("proxies", ["-1", "6", "one", "1.0", "١"])
def test_what_is_no_number_of_servers_before_us_is_refused(proxies: str) -> None:
    assert refused({"KINDLINE_PROXIES": proxies}).startswith(f"KINDLINE_PROXIES={proxies} is not known.")


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (Settings("127.0.0.1"), "http://127.0.0.1:8000"),
        (Settings(host="::1", port=9000), "http://[::1]:9000"),
        (Settings(url="https://line.example"), "https://line.example"),
    ],
)
def test_links_and_codes_carry_the_address_that_phones_can_open(settings: Settings, address: str) -> None:
    assert settings.public_url == address
