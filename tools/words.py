"""The catalogue of words: collects what the pages say and brings templates/words/<language>.po up to date.

`tools/words.py` updates the files; `tools/words.py missing` lists what is not translated yet and exits 1 if
anything is. `--root` looks at another copy of Kindline.
"""

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
WORDS = "templates/words"
CODE = ("kiosk", "display", "staff", "clinic", "doors")
# Which arguments hold words: None is the first one; "c" marks a context.
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
# silent=false: a template that does not parse must stop this tool, not lose its words.
PAGE_OPTIONS = {"silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}
PLURALS = {
    "en": "nplurals=2; plural=(n != 1)",
    "es": "nplurals=2; plural=(n != 1)",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5)",
}


def header(language: str) -> str:
    """The head of a new file. No dates, so that an update without new words changes nothing."""
    return (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        f'"Plural-Forms: {PLURALS[language]};\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
    )


def extract(root: Path = ROOT) -> Catalog:
    """Every message of the pages and the code, in the order of the files and of the lines in them."""
    code = [*root.glob("*.py"), *(path for name in CODE for path in (root / name).rglob("*.py"))]
    sources = [(path, "jinja2.ext:babel_extract", PAGE_OPTIONS) for path in (root / "templates").rglob("*.html")]
    sources += [(path, "python", {}) for path in code]
    found = Catalog()
    for path, method, options in sorted(sources, key=lambda source: source[0]):
        place = path.relative_to(root).as_posix()
        # A comment "Translators: ..." above a message goes into the files with it.
        for line, words, notes, context in extract_from_file(method, path, KEYWORDS, ("Translators:",), options):
            found.add(words, None, [(place, line)], auto_comments=notes, context=context)
    return found


def messages(catalog: Catalog) -> Iterator[Message]:
    """The messages without the one that only carries the head of the file."""
    return (message for message in catalog if message.id)


def kept(message: Message, old: Message | None, forms: int) -> str | tuple[str, ...]:
    """The translation so far, empty where there is none or where the message became plural or singular."""
    if isinstance(message.id, str):
        return old.string if old and isinstance(old.string, str) else ""
    so_far = tuple(old.string) if old and isinstance(old.string, tuple | list) else ()
    return tuple(so_far[i] if i < len(so_far) else "" for i in range(forms))


def head(text: str) -> str:
    """The head of a .po file as somebody wrote it: all up to the empty line that ends its first message."""
    end = text.find("\n\n", text.find("msgstr "))
    return (text if end < 0 else text[:end]).rstrip()


def updated(text: str, found: Catalog, language: str) -> str:
    """The .po file `text` with exactly the messages found, its head and its translations kept as they are."""
    old = read_po(io.StringIO(text), locale=language)
    new = read_po(io.StringIO(head(text)), locale=language)
    for message in messages(found):
        before = old.get(message.id, message.context)
        words = kept(message, before, new.num_plurals)
        if language == "en":  # the messages are English already
            words = message.id if isinstance(message.id, str) else tuple(message.id)
        new.add(
            message.id,
            words,
            message.locations,
            flags=message.flags | (before.flags & {"fuzzy"} if before else set()),
            auto_comments=message.auto_comments,
            user_comments=before.user_comments if before else (),
            context=message.context,
        )
    body = io.BytesIO()
    # File names without line numbers and no wrapping: moving or rewording one message touches only that one.
    write_po(body, new, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
    return f"{head(text)}\n\n{body.getvalue().decode()}".rstrip() + "\n"


def languages(root: Path) -> list[str]:
    """Those Kindline comes with, and any a clinic added a file for."""
    return sorted({*PLURALS, *(path.stem for path in (root / WORDS).glob("*.po"))})


def read(root: Path, language: str) -> str:
    """The file of a language as it is, or as a new one begins."""
    path = root / WORDS / f"{language}.po"
    return path.read_text(encoding="utf-8") if path.exists() else header(language)


def update(root: Path = ROOT) -> None:
    """Writes the files that change."""
    found = extract(root)
    (root / WORDS).mkdir(parents=True, exist_ok=True)
    for language in languages(root):
        before = read(root, language)
        after = updated(before, found, language)
        path = root / WORDS / f"{language}.po"
        if after != before or not path.exists():
            path.write_text(after, encoding="utf-8")
            print(f"{path.relative_to(root)} updated")
    print(f"{len(found)} messages")


def missing(root: Path = ROOT) -> dict[str, list[str]]:
    """For each language the messages with an empty, incomplete or doubtful (fuzzy) translation."""
    found = extract(root)
    result: dict[str, list[str]] = {}
    for language in languages(root):
        catalog = read_po(io.StringIO(read(root, language)), locale=language)
        result[language] = []
        for message in messages(found):
            there = catalog.get(message.id, message.context)
            words = kept(message, there, catalog.num_plurals)
            if not all([words] if isinstance(words, str) else words) or (there and there.fuzzy):
                result[language].append(message.id if isinstance(message.id, str) else message.id[0])
    return result


def main() -> int:
    """Updates, or with `missing` lists; the number is the exit code."""
    parser = argparse.ArgumentParser(description="Bring templates/words up to date with the pages.")
    parser.add_argument("what", nargs="?", choices=("update", "missing"), default="update")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of Kindline to look at")
    asked = parser.parse_args()
    if asked.what == "update":
        update(asked.root)
        return 0
    lists = missing(asked.root)
    for language, untranslated in lists.items():
        for words in untranslated:
            print(f"{language}: {words}")
    return 1 if any(lists.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
