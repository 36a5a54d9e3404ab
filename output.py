"""What the server says of itself while it runs: a line for what is worth one, as text for people or JSON for programs.

No line for a request, and no name, address, secret or other value of a person in any. A line has words that are always
the same, and fields; `kindline.news` says what happened, the other loggers what went wrong.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from server_log import WithoutValues

log = logging.getLogger("kindline.news")
log.setLevel(logging.INFO)

PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6}
"""How the journal calls them, for `journalctl -p warning`; sd-daemon(3)."""


def news(event: str, **fields: Any) -> None:
    """Something happened that whoever looks after this computer wants to know."""
    log.info(event, extra={"fields": fields})


def form(name: str) -> logging.Formatter:
    """How lines are written: "text" or "json"."""
    return AsJson() if name == "json" else AsText(is_journal())


class AsText(WithoutValues):
    """A sentence with its fields behind it, without the time: a terminal needs none, and the journal has it already.

    journal: each line begins with its priority.
    """

    def __init__(self, journal: bool = False):
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        first, *rest = super().format(record).split("\n")
        lines = [" ".join([first, *(f"{name}={value}" for name, value in _fields(record).items())]), *rest]
        mark = f"<{PRIORITIES.get(record.levelno, 7)}>" if self._journal else ""
        return "\n".join(mark + line for line in lines)


class AsJson(WithoutValues):
    """One object a line: at (UTC), level, logger, event, the fields, and in `fault` its kinds and places, if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        event, *fault = super().format(record).split("\n")
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event,
        }
        more = {name: value for name, value in _fields(record).items() if name not in said}
        return json.dumps({**said, **more, **({"fault": fault} if fault else {})}, default=str)


def is_journal() -> bool:
    """Whether what goes to stderr goes to systemd's journal."""
    try:
        there = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):  # a stderr that is no file
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    return getattr(record, "fields", {})
