"""Whether a secret was ever written down here: every line of every version of every file is looked at (TRUST A26).

What was taken out again is still in the history of whoever cloned it. Each line that looks like a secret is named, by
its file and by what it looks like.
"""

import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).resolve().parent.parent

LET_BE = ("tests/logs/", "tests/upgrade/", "docs/asvs.md")
"""Recorded days and databases of earlier formats, with random ids and digests; what is done about passwords."""

KNOWN = (
    "seven quiet herons wade", "con leche y pan", '"password": "wrong"', "0123456789abcdef0123456789abcdef",
    "----WebKitFormBoundary", "a wrong guess of it",
)  # fmt: skip
"""What stands in tests in the place of a secret, and opens nothing."""


def main() -> int:
    """The exit status: 1 when something was found."""
    written = lines_by_file()
    found = [f"{path}: {what}\n    {line}" for path, lines in sorted(written.items()) for what, line in secrets(lines)]
    print("\n".join([*found, f"{len(written)} files of the history looked at, {len(found)} lines like secrets found."]))
    return 1 if found else 0


def lines_by_file() -> dict[str, list[str]]:
    """Every line that any commit added, once, by the path of its file."""
    command = ["git", "log", "--all", "-p", "-U0", "--no-color", "--no-renames", "--no-ext-diff", "--format="]
    log = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode(errors="replace")
    added: dict[str, dict[str, None]] = defaultdict(dict)
    path = ""
    for line in log.split("\n"):
        if line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/")
        elif line.startswith("+") and not path.startswith(LET_BE):
            added[path][line[1:]] = None
    return {path: list(lines) for path, lines in added.items()}


def secrets(lines: list[str]) -> list[tuple[str, str]]:
    """What looks like a secret among these lines, and as what."""
    with tempfile.TemporaryDirectory() as folder, default_settings():
        file = Path(folder) / "lines"
        file.write_text("\n".join(lines))
        collection = SecretsCollection()
        collection.scan_file(str(file))
        alike = [(one.type, lines[one.line_number - 1].strip()[:160]) for _, one in collection]
        return [(what, line) for what, line in alike if not any(known in line for known in KNOWN)]


if __name__ == "__main__":
    sys.exit(main())
