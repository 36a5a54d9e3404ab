"""The server's output: lines for people and lines for programs, one for each thing that is worth it."""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from output import AsJson, AsText, form, is_journal, news

CANARY = "Canary-7F3A"


def lines(caplog: pytest.LogCaptureFixture, formatter: logging.Formatter) -> list[str]:
    return [formatter.format(record) for record in caplog.records]


def fails(words: str = CANARY) -> None:
    raise ValueError(words)


def test_news_is_a_sentence_and_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    news("A backup was made", bytes=4096)

    assert lines(caplog, AsText()) == ["A backup was made bytes=4096"]
    said = json.loads(lines(caplog, AsJson())[0])
    assert {name: said[name] for name in ("level", "logger", "event", "bytes")} == {
        "level": "info", "logger": "kindline.news", "event": "A backup was made", "bytes": 4096,
    }  # fmt: skip
    assert said["at"].endswith("+00:00")


def test_a_field_never_takes_the_place_of_what_every_line_has(caplog: pytest.LogCaptureFixture) -> None:
    fields = {"level": "none", "event": "nothing", "at": "never"}
    logging.getLogger("kindline.news").info("It happened", extra={"fields": fields})

    said = json.loads(lines(caplog, AsJson())[0])
    assert (said["level"], said["event"]) == ("info", "It happened")
    assert said["at"] != "never"


def test_a_fault_is_one_line_for_programs_with_no_value(caplog: pytest.LogCaptureFixture) -> None:
    try:
        fails()
    except ValueError:
        logging.getLogger("kindline").exception("A fault of ours at %s", "staff.page")

    (line,) = lines(caplog, AsJson())
    assert "\n" not in line
    assert CANARY not in line
    said = json.loads(line)
    assert (said["level"], said["event"]) == ("error", "A fault of ours at staff.page")
    assert said["fault"][-1] == "ValueError"
    assert any("in fails" in one for one in said["fault"])


def test_nobody_writes_a_line_of_their_own_by_a_line_break(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("kindline").error('odd: %s\n{"event": "forged"}', "x")

    (line,) = lines(caplog, AsJson())
    assert len(line.splitlines()) == 1


def test_in_the_journal_every_line_has_its_priority(caplog: pytest.LogCaptureFixture) -> None:
    news("The day is open")
    try:
        fails()
    except ValueError:
        logging.getLogger("kindline").exception("A fault")

    said = "\n".join(lines(caplog, AsText(journal=True))).split("\n")
    assert said[0] == "<6>The day is open"
    assert said[1] == "<3>A fault"
    assert all(one.startswith("<3>") for one in said[1:])


def test_the_journal_is_known_by_where_stderr_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "stderr").open("w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        there = os.fstat(file.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{there.st_dev}:{there.st_ino}")
        assert is_journal()
        monkeypatch.setenv("JOURNAL_STREAM", f"{there.st_dev}:{there.st_ino + 1}")
        assert not is_journal()
        monkeypatch.delenv("JOURNAL_STREAM")
        assert not is_journal()


@pytest.mark.parametrize(("name", "kind"), [("text", AsText), ("json", AsJson)])
def test_the_setting_chooses(name: str, kind: type[Any]) -> None:
    assert isinstance(form(name), kind)
