"""Faults as the server's own log has them: which kind and where, never a value, which may be a name or a secret.

What an exception says of itself is left out, whoever raised it: some quote what they were given.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

log = logging.getLogger("kindline")

HEADING = "Traceback (most recent call last):"


class WithoutValues(logging.Formatter):
    """A line a record, and below it the kind and the places of its exception and of those that led to it.

    A traceback that another library has written into its message is replaced by that.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        record.exc_text = None  # as another handler may have written it
        said = record.getMessage()
        if HEADING in said:
            caught = record.exc_info or sys.exc_info()
            where = self.formatException(caught) if caught[1] else "Its traceback is left out."
            return f"{said[: said.index(HEADING)].rstrip()}\n{where}".lstrip()
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name that logging gives it
        """The kind and the places, the first cause first."""
        return "\n".join(_kinds_and_places(ei[1]))


def _kinds_and_places(problem: BaseException | None) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        places = "".join(traceback.format_tb(problem.__traceback__)).rstrip()
        lines = [HEADING, *([places] if places else []), type(problem).__name__, *lines]
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    return lines


def keep_values_out() -> logging.Handler:
    """From now on whatever is logged, or raised where nobody catches it, goes to stderr without values. The handler."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutValues())
    logging.getLogger().addHandler(handler)
    sys.excepthook = _report
    threading.excepthook = lambda args: _report(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _report(args.exc_type, args.exc_value, args.exc_traceback)
    return handler


def _report(kind: type[BaseException], problem: BaseException | None, where: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        log.error("A fault that nobody caught", exc_info=(kind, problem or kind(), where))
