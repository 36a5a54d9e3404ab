"""The short form of `make faults`: no answer before the disk, and the record of it is read well."""

from pathlib import Path

import pytest

from faults import power
from faults.outcome import Size

NUMBER, OTHER = "1" * 32, "2" * 32
FLUSHED = "7 fsync(5) = 0"
ANSWERED = '7 sendto(9, "HTTP/1.1 201 CREATED", 20, 0, NULL, 0) = 20'


def asked(number: str = NUMBER, handle: int = 9) -> str:
    """A request of this number comes in."""
    return f'7 recvfrom({handle}, "POST / {{\\"request\\": \\"{number}\\"}}", 4096, 0, NULL, NULL) = 99'


def written(number: str = NUMBER, handle: int = 5) -> str:
    """A page with this number is handed to the system."""
    return f'7 pwrite64({handle}, "page {number}", 4096, 56) = 4096'


def on_disk(tmp_path: Path, *lines: str) -> dict[str, bool]:
    """What a record of these lines shows."""
    (tmp_path / "record").write_text("\n".join(lines) + "\n")
    return power.flushed_first(tmp_path / "record")


def test_no_write_is_answered_before_it_is_on_the_disk(tmp_path: Path) -> None:
    outcome = power.cut(tmp_path, Size.SHORT)
    if outcome.held is None:
        pytest.skip(outcome.note)

    assert outcome.held, outcome
    assert outcome.times > 40
    for command in ("check-in", "call-next", "start", "finish", "hold", "leave", "close-day", "open-day"):
        assert f"{command} " in outcome.note


def test_a_write_is_on_the_disk_when_its_pages_were_flushed_before_its_answer(tmp_path: Path) -> None:
    assert on_disk(tmp_path, asked(), written(), FLUSHED, ANSWERED) == {NUMBER: True}


@pytest.mark.parametrize(
    "lines",
    [
        (asked(), written(), ANSWERED, FLUSHED),
        (asked(), FLUSHED, written(), ANSWERED),
        (asked(), written(OTHER), FLUSHED, ANSWERED),
        (asked(), written(handle=6), FLUSHED, ANSWERED),
        (asked(), written(), "7 fsync(5) = -1 EIO (Input/output error)", ANSWERED),
        (asked(), "8 fsync(5 <unfinished ...>", written(), "8 <... fsync resumed>) = 0", ANSWERED),
        (asked(), written(), "8 fsync(5 <unfinished ...>", ANSWERED, "8 <... fsync resumed>) = 0"),
        (asked(), ANSWERED),
    ],
    ids=[
        "flushed-later", "flushed-before", "another-s-pages", "another-file", "the-flush-failed",
        "the-flush-began-before", "the-flush-ended-later", "not-written",
    ],
)  # fmt: skip
def test_a_write_that_is_answered_too_early_is_found(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert on_disk(tmp_path, *lines) == {NUMBER: False}


def test_two_writes_may_share_a_flush(tmp_path: Path) -> None:
    later = ANSWERED.replace("(9", "(8")

    shown = on_disk(tmp_path, asked(), asked(OTHER, 8), written(), written(OTHER), FLUSHED, ANSWERED, later)

    assert shown == {NUMBER: True, OTHER: True}


def test_an_answer_that_was_never_seen_shows_nothing(tmp_path: Path) -> None:
    assert on_disk(tmp_path, asked(), written(), FLUSHED) == {}
