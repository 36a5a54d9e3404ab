"""The floors of the house: who may import whom, what is pure, and that no screen asks another host for anything."""

import ast
import hashlib
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from display.voice import LANGUAGES, addresses
from tools.clips import SPOKEN

ROOT = Path(__file__).parents[1]

FACES = ("kiosk", "display", "staff")


def part(path: Path) -> str:
    """What a part of the core is called: "line", "estimate" for the folder's own file, "estimate.look" within it."""
    names = path.relative_to(ROOT / "clinic").with_suffix("").parts
    return ".".join(names[:-1] if len(names) > 1 and names[-1] == "__init__" else names)


CLINIC = {part(path): path for path in sorted((ROOT / "clinic").rglob("*.py"))}
OURS = {path.stem for path in ROOT.glob("*.py")} | {"clinic", "doors", "bench", "faults", "tools", *FACES}
PRODUCT = sorted(
    [
        *ROOT.glob("*.py"),
        *CLINIC.values(),
        *(path for folder in ("doors", *FACES) for path in (ROOT / folder).glob("*.py")),
    ]
)

# What each floor of the core may stand on, all of it.
CORE = {
    "events": set(),
    "setup": set(),
    "names": set(),
    "needs": set(),
    "hours": {"setup"},
    "lists": {
        *("lists.calendar", "lists.cells", "lists.columns", "lists.dates", "lists.fhir", "lists.fields", "lists.found"),
        "lists.plain",
        *("lists.reading", "lists.table", "lists.text", "appointments", "setup"),
    },
    "lists.found": {"appointments"},
    "lists.text": {"lists.found"},
    "lists.columns": set(),
    "lists.table": {"lists.columns", "lists.found"},
    "lists.calendar": {"lists.columns", "lists.found", "lists.table"},
    "lists.fhir": {"lists.found", "lists.table"},
    "lists.plain": {"lists.columns", "lists.found", "lists.table"},
    "lists.dates": set(),
    "lists.words": {"lists.columns"},
    "lists.person": set(),
    "lists.reading": {"lists.found", "setup"},
    "lists.cells": {"lists.found", "lists.reading", "names"},
    "lists.when": {"lists.dates", "lists.found", "lists.reading"},
    "lists.fields": {
        *("lists.cells", "lists.found", "lists.person", "lists.reading", "lists.when", "lists.words"),
        *("appointments", "names", "needs"),
    },
    "appointments": {"line", "setup"},
    "line": {"events", "setup"},
    "order": {"line", "setup"},
    "missed": {"line"},
    "outcomes": {"events", "hours", "line"},
    "follow_up": {"events"},
    "measures": {"events", "trust"},
    "feedback": set(),
    "after": {"commands", "desk", "diary", "feedback", "follow_up", "kept", "line", "log", "measures", "register"},
    "commands": {"events", "follow_up", "hours", "line", "order", "missed", "outcomes", "setup"},
    "usual": {"setup"},
    "minutes": set(),
    "years": set(),
    "estimate": {"estimate.lessons", "estimate.scene", "line", "order"},
    "estimate.times": {"minutes"},
    "estimate.linear": set(),
    "estimate.interval": set(),
    "estimate.scene": {"estimate.times", "hours", "line", "order", "minutes", "setup"},
    "estimate.look": {"estimate.scene", "estimate.times", "minutes"},
    "estimate.mind": {
        *("estimate.interval", "estimate.linear", "estimate.look", "estimate.scene", "estimate.times"),
        "minutes",
    },
    "estimate.keep": {"estimate.interval", "estimate.linear", "estimate.mind", "estimate.times"},
    "estimate.lessons": {
        *("estimate.keep", "estimate.mind", "estimate.scene", "estimate.times"),
        *("events", "line", "order", "minutes", "setup"),
    },
    "told": {"delay", "estimate", "events", "line", "minutes", "order"},
    "delay": {"events", "line", "minutes", "order"},
    "inform": {"commands", "delay", "events", "line"},
    "talk": {"commands", "events", "line", "minutes", "missed", "needs"},
    "trust": {"events", "line", "setup"},
    "closing": {"estimate", "hours", "line", "order"},
    "whatif": {"estimate", "events", "hours", "line", "order", "told"},
    "past": {"minutes", "past.days", "past.own", "past.rows", "past.rules"},
    "past.days": {"minutes", "setup"},
    "past.own": {"events", "minutes", "past.days", "setup"},
    "past.rows": {"past.days"},
    "past.rules": {"minutes", "past.days"},
    "replay": {"estimate", "events", "line", "order", "minutes", "past", "setup", "told"},
    "drawing": set(),
    "calibration": {"drawing"},
    "shell": {"minutes"},
    "evaluate": {
        *("calibration", "estimate", "log", "minutes", "opening", "past", "register", "replay", "shell", "store"),
    },
    "bring": {
        *("estimate", "events", "log", "minutes", "opening", "past", "register", "replay", "setup", "shell", "store"),
    },
    "clock": set(),
    "schema": set(),
    "copies": {"kept", "register", "schema"},
    "opening": {"clock", "copies", "register", "schema"},
    "store": {"copies", "opening", "schema"},
    "rights": set(),
    "earlier": {"copies", "events", "hours", "line", "log", "register", "rights", "setup"},
    "backups": {"clock", "copies", "register", "shell"},
    "restore": {"clock", "copies", "earlier", "register", "rights", "schema", "shell"},
    "kept": {"feedback", "follow_up", "hours", "line", "log", "register", "setup"},
    "log": {"events"},
    "register": {"appointments", "needs", "setup"},
    "diary": {"appointments", "commands", "events", "hours", "line", "register", "setup"},
    "tap": {"commands", "events", "line", "log", "needs", "register", "talk"},
    "learning": {"commands", "estimate", "events", "line", "log", "register", "setup"},
    "desk": {
        *("learning", "order", "tap"),
        *("appointments", "closing", "commands", "diary", "estimate", "events", "line", "log", "register", "setup"),
        *("earlier", "kept", "needs", "rights", "store", "talk", "told", "trust", "usual", "whatif", "years"),
    },
}
PURE = (
    *(
        "events",
        "setup",
        "names",
        "needs",
        "hours",
        "minutes",
        "years",
        "line",
        "order",
        "appointments",
        "missed",
        "outcomes",
        "commands",
    ),
    *(
        "follow_up",
        "measures",
        "usual",
        "closing",
        "delay",
        "inform",
        "talk",
        "told",
        "trust",
        "whatif",
        "replay",
        "calibration",
        "drawing",
    ),
    *(module for module in CLINIC if module.partition(".")[0] in ("estimate", "lists")),
)
KNOW_THE_DATABASE = {
    *("schema", "opening", "tap", "log", "register", "store", "desk", "feedback", "kept"),
    *("copies", "earlier", "backups", "restore", "rights"),
    "learning",
}
MAY_USE = {"lists.calendar": {"icalendar"}}
SCREENS = [
    *(ROOT / face / "screen.py" for face in FACES),
    *(ROOT / "kiosk" / name for name in ("greeting.py", "narrow.py", "ready.py")),
    ROOT / "display" / "voice.py",
]

# What makes the same question get another answer: clocks, dice, files, the environment.
IMPURE_MODULES = {"time", "random", "secrets", "uuid", "os", "io", "pathlib", "socket", "threading", "subprocess"}
IMPURE_CALLS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "random", "open", "print", "input"}

ASKING = {"urllib.request", "http.client", "requests", "urllib3", "httpx", "aiohttp", "smtplib", "ftplib"}
OPENING = {"urlopen", "create_connection", "open_connection", "Popen"}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SENT = [path for path in sorted((ROOT / "static").rglob("*")) if path.suffix in (".js", ".css", ".svg", ".html")]
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/xlink"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(source: str) -> set[str]:
    """The modules that this code imports, wherever in it: "clinic.line" for `from clinic import line` too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their module in full here"
            module = node.module or ""
            found |= {module} | ({f"{module}.{alias.name}" for alias in node.names} if module in OURS else set())
    return found


def packages(path: Path) -> set[str]:
    """The first part of every module that this file imports."""
    return {module.partition(".")[0] for module in imports(path.read_text())}


def calls(source: str) -> set[str]:
    """The names of everything that this code calls."""
    functions = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {
        function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "") for function in functions
    }


def test_an_import_is_seen_wherever_it_stands() -> None:
    source = "import a.b\nfrom clinic import line\ndef f():\n    from flask import request\n    import eventlet as e"

    assert imports(source) == {"a.b", "clinic", "clinic.line", "flask", "eventlet"}
    assert calls("datetime.now(UTC); f(random())") == {"now", "f", "random"}


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_a_face_never_imports_another_face_nor_the_roof(path: Path) -> None:
    face = path.relative_to(ROOT).parts[0]
    others = {*FACES, "app", "serve", "demo"} - {face}

    if face in FACES:
        assert packages(path) & others == set()
    elif path.stem not in ("app", "serve", "demo"):
        assert packages(path) & {*others, *FACES} == set()


@pytest.mark.parametrize("module", CLINIC)
def test_the_core_knows_nothing_of_the_web(module: str) -> None:
    foreign = packages(CLINIC[module]) - set(sys.stdlib_module_names) - {"clinic"}

    assert foreign <= ({"sqlite_utils"} if module in KNOW_THE_DATABASE else set()) | MAY_USE.get(module, set())


@pytest.mark.parametrize("module", [module for module in CLINIC if module != "__init__"])
def test_each_part_of_the_core_stands_only_on_the_floors_below_it(module: str) -> None:
    used = imports(CLINIC[module].read_text())

    below = {other for other in CLINIC if other != module and f"clinic.{other}" in used}
    assert below <= CORE[module]


def test_only_log_register_and_store_know_which_database_it_is() -> None:
    knowing = {name(path) for path in PRODUCT if packages(path) & {"sqlite_utils", "sqlite3", "pysqlite3"}}

    assert knowing <= {*(f"clinic/{module}.py" for module in KNOW_THE_DATABASE), "doors/accounts.py", "doors/chain.py"}


def test_only_the_reader_of_calendars_knows_icalendar() -> None:
    assert {name(path) for path in PRODUCT if "icalendar" in packages(path)} == {"clinic/lists/calendar.py"}


def test_only_the_start_knows_which_engine_runs_underneath() -> None:
    assert {name(path) for path in PRODUCT if "eventlet" in packages(path)} == {"serve.py"}


def test_nothing_that_serves_asks_another_computer() -> None:
    serving = {*PRODUCT} - {ROOT / "demo.py"}  # a program of its own, that asks ours
    asking = {name(path) for path in serving if imports(path.read_text()) & ASKING or calls(path.read_text()) & OPENING}

    assert len(serving) > 100
    assert asking == set()


@pytest.mark.parametrize("path", [*(CLINIC[module] for module in PURE), *SCREENS], ids=name)
def test_a_pure_module_has_no_clock_no_dice_and_no_files(path: Path) -> None:
    assert packages(path) & IMPURE_MODULES == set()
    assert calls(path.read_text()) & IMPURE_CALLS == set()


@pytest.mark.parametrize("path", SCREENS, ids=name)
def test_a_screen_is_made_of_the_line_alone(path: Path) -> None:
    used = imports(path.read_text())

    assert packages(path) & {"flask", "flask_socketio", "werkzeug", "sqlite_utils", "settings", "live"} == set()
    assert used & {f"clinic.{module}" for module in CLINIC if module not in PURE} == set()


def test_all_code_gets_the_time_from_one_place() -> None:
    asking = {name(path) for path in PRODUCT if re.search(r"\b(datetime|date)\.(utcnow|now|today)\(", path.read_text())}

    # the demo is a program of its own, that looks at the clinic from outside
    assert asking - {"demo.py"} <= {"clinic/clock.py"}


@pytest.mark.parametrize("module", CLINIC)
def test_everything_that_others_use_of_the_core_says_what_it_is(module: str) -> None:
    tree = ast.parse(CLINIC[module].read_text())
    public = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]  # fmt: skip

    assert ast.get_docstring(tree)
    assert [node.name for node in public if not ast.get_docstring(node)] == []


def listed() -> dict[str, str]:
    """The hash of every file taken from elsewhere, by its path."""
    lines = (ROOT / "static/vendor/SHA256SUMS").read_text().splitlines()
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}


@pytest.mark.parametrize("path", listed())
def test_a_file_taken_from_elsewhere_is_unchanged(path: str) -> None:
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == listed()[path]


def test_every_file_taken_from_elsewhere_is_listed_with_its_origin() -> None:
    folders = ("static/vendor", "static/fonts", "tests/browser/vendor")
    there = {name(path) for folder in folders for path in (ROOT / folder).iterdir()}

    assert there - {"static/vendor/SHA256SUMS", "static/vendor/VENDOR.md"} == set(listed())
    origins = (ROOT / "static/vendor/VENDOR.md").read_text()
    assert [path for path, digest in listed().items() if f"`{path}`" not in origins or digest not in origins] == []


def test_every_clip_of_the_voice_is_there_unchanged_and_no_other() -> None:
    lines = (ROOT / "static/voice/SHA256SUMS").read_text().splitlines()
    sums = {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}
    clips = sorted((ROOT / "static/voice").rglob("*.mp3"))

    assert {name(clip): hashlib.sha256(clip.read_bytes()).hexdigest() for clip in clips} == sums
    assert {name(clip) for clip in clips} == {f"static/voice/{clip}.mp3" for clip in addresses()}
    assert set(SPOKEN) == set(LANGUAGES)


@pytest.mark.parametrize("path", [*TEMPLATES, *SENT], ids=name)
def test_no_screen_asks_another_host_for_anything(path: Path) -> None:
    text = path.read_text()

    assert set(re.findall(r"""\b(?:https?|wss?)://[^\s"'`)<]*""", text)) <= NAMESPACES
    assert re.findall(r"""(?:src|href|action)\s*=\s*["']?//|url\(\s*["']?//|@import""", text) == []


class Inline(HTMLParser):
    """Finds what the content security policy of the screens forbids."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        values = dict(attrs)
        self.found += [f"{tag} {key}" for key in values if key == "style" or key.startswith("on")]
        self.found += [
            f"{tag} {key}" for key, value in attrs if (value or "").strip().lower().startswith("javascript:")
        ]
        if tag == "style" or (tag == "script" and "src" not in values):
            self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append("script body")


def inline(template: str) -> list[str]:
    """What is inline in a template, its own statements and comments left out."""
    return Inline(re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)).found


def test_inline_code_and_style_are_seen() -> None:
    assert inline('<p {% if a %}style="x"{% endif %}>{{ f(one=1) }}<b onclick="f()">') == ["p style", "b onclick"]
    assert inline("<script>f()</script><style>p {}</style>") == ["script", "script body", "style"]
    assert inline('<script src="/a.js" defer></script><a href="javascript:f()">') == ["a href"]


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_holds_a_script_a_style_or_a_handler(path: Path) -> None:
    assert inline(path.read_text()) == []


@pytest.mark.parametrize("path", [path for path in SENT if path.suffix == ".js"], ids=name)
def test_no_script_makes_code_of_text_or_styles_that_the_policy_forbids(path: Path) -> None:
    assert re.findall(r"\beval\(|new Function\(|document\.write|setAttribute\(.style", path.read_text()) == []
