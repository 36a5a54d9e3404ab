"""Every word a person reads, in their language: catalogues, and pages rendered with them.

A language is one file, `templates/words/<code>.po`; its own name and direction come from Babel. English sentences are
the keys, so a missing translation falls back to plain English.
"""

import hashlib
import io
from collections.abc import Callable, Hashable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

import compiled

ROOT = Path(__file__).parent
NARROW_SPACE = "\u202f"

PIECES = 4096
"""So many parts of pages are kept: some for each of a thousand phones."""


@dataclass(frozen=True)
class Language:
    """One catalogue: its code, its own name, the direction it is written in, and its sentences."""

    code: str
    name: str
    dir: str
    catalogue: GNUTranslations

    def gettext(self, sentence: str, **values: Any) -> Markup:
        """The sentence in this language, with its values put in safely."""
        return _filled(self.catalogue.gettext(sentence), values) if values else _plain(self.catalogue, sentence)

    def ngettext(self, one: str, many: str, n: int, **values: Any) -> Markup:
        """The sentence for `n` things, by this language's own plural rule; `n` is there as %(n)s."""
        return _filled(self.catalogue.ngettext(one, many, n), {"n": n, **values})

    def day(self, at: datetime) -> str:
        """The day as it is written out: "Tuesday, November 24, 2026"."""
        return format_date(at, "full", locale=self.code)

    def day_and_time(self, at: datetime) -> Markup:
        """The day written out, and the clock time."""
        return Markup('{} <bdi dir="ltr">{}</bdi>').format(self.day(at), clock(at))

    def birthday(self, born: tuple[int, int]) -> str:
        """A day and month as they are written out: "March 27"."""
        day, month = born
        return format_skeleton("MMMMd", date(2024, month, day), locale=self.code)  # a leap year has all of them

    def listed(self, sentences: Iterable[str], also: Iterable[str] = ()) -> Markup:
        """These words in this language, then these texts as they are, as one list: "a, b, and c"."""
        items = [*(self.gettext(one) for one in sentences), *(isolated(one) for one in also)]
        return Markup(format_list(items, locale=self.code))  # noqa: S704 - texts are escaped, sentences are ours

    def language(self, spoken: str) -> str:
        """The name of a language in this one, by its code; whatever else was written, as it was written."""
        name: str | None = Locale.parse(self.code).languages.get(spoken)
        return name or spoken

    def weekday(self, at: datetime) -> str:
        """The name of the day of the week, as "Monday"."""
        return format_date(at, "EEEE", locale=self.code)

    def weekdays(self) -> list[str]:
        """The short names of the days of the week, from Monday on."""
        return [format_date(date(2024, 1, day), "ccc", locale=self.code) for day in range(1, 8)]


@cache
def _plain(catalogue: GNUTranslations, sentence: str) -> Markup:
    return Markup(catalogue.gettext(sentence))  # noqa: S704 - sentences are ours


def _filled(sentence: str, values: dict[str, Any]) -> Markup:
    safe = {name: value if isinstance(value, Markup) else escape(value) for name, value in values.items()}
    return Markup(sentence % safe)  # noqa: S704 - values are escaped, sentences are ours


def own_name(code: str) -> str:
    """What a language calls itself."""
    name = Locale.parse(code).get_display_name(code) or code
    return name[0].upper() + name[1:]


def _load() -> dict[str, Language]:
    found = {}
    for path in sorted((ROOT / "templates" / "words").glob("*.po")):
        direction = Locale.parse(path.stem).text_direction
        catalogue = GNUTranslations(io.BytesIO(compiled.catalogue(path)))
        found[path.stem] = Language(path.stem, own_name(path.stem), direction, catalogue)
    return dict(sorted(found.items(), key=lambda item: item[0] != "en"))


LANGUAGES: dict[str, Language] = _load()


def language(code: str | None, fallback: str = "en") -> Language:
    """The language with this code, else the fallback, else English."""
    return LANGUAGES.get(code or "") or LANGUAGES.get(fallback) or LANGUAGES["en"]


@cache
def asset(name: str) -> str:
    """The address of a file under `static/`, with its content's hash so that browsers may keep it for ever."""
    digest = hashlib.sha256((ROOT / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@cache
def folder(name: str) -> str:
    """A hash of everything in a folder of the product: it is another one when a file there is."""
    digest = hashlib.sha256()
    for path in sorted(path for path in (ROOT / name).rglob("*") if path.is_file()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def version() -> str:
    """Of which version the pages are that we send now, as a hash."""
    return hashlib.sha256((folder("static") + folder("templates")).encode()).hexdigest()[:12]


def ticket(code: str) -> Markup:
    """A ticket as it is set: letter, thin space, digits, never broken, always left to right."""
    return _within('<bdi dir="ltr">', code.replace(" ", NARROW_SPACE), "</bdi>")


def clock(at: datetime) -> str:
    """A clock time as shown."""
    return at.strftime("%H:%M")


def big_clock(at: datetime) -> Markup:
    """A clock time that its page sets larger than the sentence it stands in."""
    return _within('<span class="time">', clock(at), "</span>")


def isolated(text: str) -> Markup:
    """Text of unknown direction, such as a name, that must not disturb the sentence around it."""
    return _within('<bdi dir="auto">', text, "</bdi>")


def _within(before: str, text: str, after: str) -> Markup:
    """The text between two tags of ours. `Markup.format` would take ten times as long, for each number on a screen."""
    return Markup(f"{before}{escape(text)}{after}")  # noqa: S704 - the text is escaped, the tags are ours


class Sentences(CodeGenerator):
    """Puts the sentences of a page in when it is compiled, once in each language, and not each time it is made."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Any, finalize: Any) -> str:
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(sentence))], kwargs=[]):
                translate: Callable[[str], Markup] = self.environment.globals["_"]  # type: ignore[assignment]
                return str(translate(sentence))
        return super()._output_child_to_const(node, frame, finalize)


class Templates(Environment):
    """Every template has the same globals, as one plain dict: each import looks through all of them."""

    code_generator_class = Sentences

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of the environment; none of a template's own."""
        assert not d
        return self.globals


templates = Templates(
    loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True, auto_reload=False,
)  # fmt: skip
templates.globals.update(asset=asset, folder=folder, languages=LANGUAGES, version=version)
templates.filters.update(ticket=ticket, big_clock=big_clock, clock=clock, isolated=isolated)


def offer(**what: Any) -> None:
    """Let every template use these."""
    templates.globals.update(what)
    _spoken.cache_clear()


@cache
def _spoken(code: str) -> Environment:
    """The templates in one language: what they import knows it too, and so is made once and not for each page."""
    lang = LANGUAGES[code]
    sentences = (ROOT / "templates" / "words" / f"{code}.po").read_bytes()
    spoken = templates.overlay(bytecode_cache=compiled.Pages(code, sentences))
    words = {"_": lang.gettext, "gettext": lang.gettext, "ngettext": lang.ngettext, "lang": lang}
    spoken.globals = {**templates.globals, **words}
    return spoken


def render(template: str, lang: Language, **values: Any) -> str:
    """The template in this language."""
    return _spoken(lang.code).get_template(template).render(**values)


@lru_cache(PIECES)
def piece(template: str, code: str, **values: Hashable) -> Markup:
    """A part of many pages that stays while the rest changes, made once for these values."""
    return Markup(render(template, LANGUAGES[code], **values))  # noqa: S704 - templates escape what they are given


templates.globals.update(piece=piece)


def compile_all() -> None:
    """Keep every template in every language as it is compiled."""
    for code in LANGUAGES:
        for name in templates.list_templates(extensions=("html",)):
            _spoken(code).get_template(name)
