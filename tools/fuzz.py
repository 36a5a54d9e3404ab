"""Machine-made requests to every address of docs/openapi.json: `make fuzz`, or `tools/fuzz.py 200 phone tablet`.

Each part of the document gets a clinic of its own, thrown away afterwards: a real server on loopback, its day open and
people in it. Schemathesis sends a thousand requests to each address, right, wrong and mad, and the ids in them are
real ones as often as not. Wrong are an answer 5xx, one that the document does not know, and one that takes longer than
two seconds (TRUST A5).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.server import Clinic  # noqa: E402 - the project's own folder comes first

EXAMPLES = 1000
SECONDS = "2"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Other methods than those of the document are tests/test_raw_http.py's.
SETTINGS = "[phases.coverage]\nunexpected-methods = []\n"


class Unbraked(Clinic):
    """A clinic that lets everybody try as often as they like."""

    program = ("tools/unbraked.py",)


def main(asked: list[str]) -> int:
    """Examples for each address, then which parts of the document; all of them otherwise. The exit status."""
    examples = int(asked.pop(0)) if asked and asked[0].isdigit() else EXAMPLES
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    parts = asked or [tag["name"] for tag in document["tags"]]
    failed = [part for part in parts if not stands(part, document, examples)]
    print(f"Fuzzed: {', '.join(parts)}. " + (f"FAILED: {', '.join(failed)}." if failed else "Nothing found."))
    return 1 if failed else 0


def stands(part: str, document: dict[str, Any], examples: int) -> bool:
    """Whether this part of the document stands it, and its server wrote of no fault of its own."""
    with tempfile.TemporaryDirectory(prefix="kindline-fuzz-") as name:
        folder = Path(name)
        clinic = Unbraked(folder, OPEN_DOORS="loopback").start()
        try:
            aimed = folder / "openapi.json"
            aimed.write_text(json.dumps(aim(document, people(clinic))))
            (folder / "schemathesis.toml").write_text(SETTINGS)
            command = [
                sys.executable, "-m", "schemathesis.cli", "--config-file", str(folder / "schemathesis.toml"), "run",
                str(aimed), "--url", clinic.url, "--include-tag", part, "--phases", "examples,coverage,fuzzing",
                "--max-examples", str(examples), "--checks", CHECKS, "--max-response-time", SECONDS,
                "--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure", "--no-color",
            ]  # fmt: skip
            stood = subprocess.run(command, cwd=folder, check=False).returncode == 0
        finally:
            clinic.kill()
        said = clinic.log.read_text(errors="replace")
        print(said[said.find("Traceback") - 200 :][:4000] if "Traceback" in said else "", end="")
        return stood and "Traceback" not in said


def people(clinic: Clinic) -> dict[str, list[str]]:
    """Some people come, one is called, one is seen, one asks for help: what there is by now, by the field's name."""
    came = [clinic.check_in(name=name) for name in ("Ana", "Björn", "Chidi", "Dua")]
    visits = [one["visit"] for one in came]
    for visit in visits[:2]:
        clinic.post("/staff/call", visit=visit, room="room-1")
    clinic.post("/staff/finish", visit=visits[0])
    helps = [clinic.post("/kiosk/help", place=one["ticket"], request=one["visit"])["help"] for one in came[2:]]
    clinic.post("/display/hello", id="a-screen", sound="on")
    secrets = [one["path"].rpartition("/")[2] for one in came]
    return {
        "visit": visits, "visit_id": visits, "whose": visits, "help": helps, "help_id": helps, "secret": secrets,
        "with": secrets, "room": ["room-1", "room-2"], "room_id": ["room-1"], "service": ["doctor", "nurse"],
        "service_id": ["doctor"], "place": ["tablet", came[2]["ticket"]], "screen": ["tv-1", "tablet-1"],
    }  # fmt: skip


def aim(document: dict[str, Any], known: dict[str, list[str]]) -> Any:
    """The same document, in which a field of one of these names is either known or anything at all."""
    if isinstance(document, list):
        return [aim(one, known) for one in document]
    if not isinstance(document, dict):
        return document
    aimed = {name: aim(one, known) for name, one in document.items()}
    if "in" in document and document.get("name") in known:
        return {**aimed, "schema": either(aimed["schema"], known[document["name"]])}
    if isinstance(document.get("properties"), dict):
        fields = aimed["properties"]
        aimed["properties"] = {name: either(one, known[name]) if name in known else one for name, one in fields.items()}
    return aimed


def either(schema: Any, values: list[str]) -> Any:
    """Only texts can be aimed: "with" is a list's field elsewhere."""
    return {"anyOf": [{"enum": values}, schema]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
