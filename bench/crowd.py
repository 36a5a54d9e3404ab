"""The bench's end of the wire to the process with the TVs (see `watchers`)."""

import json
import subprocess
import sys
from typing import Any

Crowd = subprocess.Popen[str]


class WentWrong(Exception):
    """The bench cannot go on; the text says why."""


def gather() -> Crowd:
    """Start the process; no TV is on yet."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.watchers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def tell(crowd: Crowd, do: str, group: str, **order: Any) -> dict[str, Any]:
    """Give one order and wait for its answer."""
    assert crowd.stdin
    assert crowd.stdout
    print(json.dumps({"do": do, "group": group, **order}), file=crowd.stdin, flush=True)
    line = crowd.stdout.readline()
    if not line:
        raise WentWrong("The process with the TVs died.")
    answer: dict[str, Any] = json.loads(line)
    return answer


def connect(crowd: Crowd, group: str, port: int, count: int, **more: Any) -> float:
    """Have `count` TVs watch; the seconds it took. `more`: as `watchers.connect` takes it.

    Raises WentWrong when one could not.
    """
    answer = tell(crowd, "connect", group, port=port, count=count, **more)
    if answer["failed"]:
        raise WentWrong(f"{answer['failed']} of {count} TVs of the {group} could not watch: {answer['why'][0]}.")
    return float(answer["seconds"])


def dismiss(crowd: Crowd) -> None:
    """Switch all TVs off."""
    crowd.terminate()
    crowd.communicate()
