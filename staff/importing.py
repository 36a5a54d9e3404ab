"""Bringing a list of appointments in: at once for programs; for people after a look, with a bar and a report."""

import json
import logging
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from clinic.commands import Refused
from clinic.desk import Desk
from clinic.lists import FIELDS, LARGEST, ORDERS, Choices, Found, Remark, Unreadable
from clinic.store import Unavailable
from doors.who import by
from forms import BadInput, one_of, text_or_none, wants_json, yes
from live import Live
from messages import NEEDS, sentence
from staff import labels
from staff.incoming import Progress, Upload, Uploads, bring_in, read, would_change
from staff.uploads import receive
from words import LANGUAGES, Language, language, render

MOST_SHOWN = 200
"""Remarks of one kind on a page; the count says how many more there are."""

FIRST_ROWS = 6

log = logging.getLogger("kindline.lists")


def blueprint(desk: Desk, live: Live) -> Blueprint:
    """The routes that take lists, and the screens `staff/import-<id>`."""
    lists = Blueprint("lists", __name__, url_prefix="/staff/appointments")
    uploads = Uploads()
    desk.listeners.append(lambda: uploads.drop_old(desk.clock.now()))

    def lang() -> Language:
        return language(request.args.get("lang"), desk.line.setup.language)

    def zone() -> ZoneInfo:
        return ZoneInfo(desk.line.setup.timezone)

    def said(remarks: Iterable[Remark], lang: Language) -> list[dict[str, Any]]:
        return [
            {"line": one.line, "field": one.field, "message": sentence(one.code, dict(one.params), lang, zone())}
            for one in remarks
        ]

    def fragment(target: str, code: str) -> str | None:
        upload = uploads.get(target.removeprefix("import-"), desk.clock.now())
        if not target.startswith("import-") or code not in LANGUAGES or upload is None or upload.progress is None:
            return None
        return render("staff/_import.html", language(code), **coming_in(upload, language(code)))

    def coming_in(upload: Upload, lang: Language) -> dict[str, Any]:
        progress = upload.progress
        assert progress
        return {
            "p": progress, "setup": desk.line.setup, "fields": labels.FIELDS,
            "now": desk.clock.now().astimezone(zone()),
            "refused": said(progress.refused[:MOST_SHOWN], lang), "kept": said(progress.kept[:MOST_SHOWN], lang),
        }  # fmt: skip

    live.show("staff", fragment)

    @lists.post("")
    def take() -> AnyResponse | tuple[str | Response, int]:
        person = not wants_json(request)
        try:
            data, fields = receive(request)
            choices, whole = _choices(fields, desk), yes(fields, "whole")
            found, choices = _as_remembered(desk, data, choices)
        except RequestEntityTooLarge:
            return unusable("list_too_large", {"limit": LARGEST // 2**20}, person, 413)
        except Unreadable as problem:
            return unusable(problem.code, problem.params, person, 422)
        if not person:
            return jsonify(_at_once(desk, found, whole, lambda remarks: said(remarks, lang())))
        upload = uploads.keep(data, choices, whole, desk.clock.now())
        return redirect(f"/staff/appointments/list/{upload.id}?lang={lang().code}", 303)

    def unusable(code: str, params: Mapping[str, Any], person: bool, status: int) -> tuple[str | Response, int]:
        message = sentence(code, dict(params), lang(), zone())
        if not person:
            return jsonify(code=code, message=message, field="file"), status
        return render("staff/unusable.html", lang(), message=message, setup=desk.line.setup), status

    @lists.get("/list/<upload_id>")
    def look(upload_id: str) -> str:
        upload = kept(upload_id)
        if upload.progress is not None:
            key = f"staff/import-{upload.id}/{lang().code}"
            return render("staff/import.html", lang(), key=key, seq=desk.line.seq, **coming_in(upload, lang()))
        found = read(desk, upload.data, upload.choices)
        return render("staff/preview.html", lang(), upload=upload, found=found, **_preview(desk, upload, found, lang()),
                      refused=said(found.refused[:MOST_SHOWN], lang()), kept=said(found.kept[:MOST_SHOWN], lang()),
        )  # fmt: skip

    @lists.post("/list/<upload_id>")
    def decide(upload_id: str) -> AnyResponse:
        upload = kept(upload_id)
        if upload.progress is None:
            found = read(desk, upload.data, upload.choices)
            choices, whole = _chosen(request.form, found, upload.choices), yes(request.form, "whole")
            same = _are_shown(choices, upload.choices, found) and whole == upload.whole
            upload.choices, upload.whole = choices, whole
            brings = request.form.get("do") == "bring"
            upload.changed = brings and not same
            if brings and same and found.rows:
                begin(upload, found)
        return redirect(f"/staff/appointments/list/{upload.id}?lang={lang().code}", 303)

    def begin(upload: Upload, found: Found) -> None:
        _remember(desk, upload.choices, found)
        progress = Progress(all=len(found.rows))
        if uploads.start(upload, progress):
            live.beside(work, found, upload.whole, progress, by())

    def work(found: Found, whole: bool, progress: Progress, by: str) -> None:
        try:
            bring_in(desk, found, whole, progress, by)
        except Exception as problem:  # whatever it was, the page must not wait for ever
            # Without its own words, which may quote the list: no name goes to the log.
            where = "".join(traceback.format_tb(problem.__traceback__))
            log.error("A list stopped coming in: %s\nTraceback:\n%s", type(problem).__name__, where)
            progress.stopped = True
        finally:
            progress.ended = True
            live.wake()

    def kept(upload_id: str) -> Upload:
        upload = uploads.get(upload_id, desk.clock.now())
        if upload is None:
            raise Refused("list_gone")
        return upload

    return lists


def _at_once(desk: Desk, found: Found, whole: bool, said: Any) -> dict[str, Any]:
    """Bring all of it in; what a program is answered."""
    progress = Progress(all=len(found.rows))
    try:
        bring_in(desk, found, whole, progress, by())
    except Unavailable:
        if not progress.done:
            raise
        raise Refused("list_stopped", done=progress.done, all=progress.all) from None
    brought = progress.brought
    return {
        "added": brought.added, "updated": brought.updated, "cancelled": brought.cancelled,
        "unchanged": brought.unchanged, "refused": said(progress.refused), "kept": said(progress.kept),
        "order": found.order, "ambiguous": found.ambiguous, "columns": dict(found.columns),
    }  # fmt: skip


def _choices(fields: Mapping[str, Any], desk: Desk) -> Choices:
    """What was said beside the list. Raises BadInput."""
    service = text_or_none(fields, "service") or ""
    if service and desk.line.setup.service(service) is None:
        raise BadInput("service", "not_a_choice", choices=", ".join(one.id for one in desk.line.setup.services))
    columns = _json(fields, "columns", "{}")
    right = isinstance(columns, dict) and all(isinstance(one, str) for one in columns.values())
    if not right or any(field not in FIELDS for field in columns):
        raise BadInput("columns", "not_columns", choices=", ".join(FIELDS))
    return Choices(columns, one_of(fields, "order", ORDERS, ""), service, _here(fields))


def _here(fields: Mapping[str, Any]) -> frozenset[str] | None:
    """The places that are this one: repeated, or one list as JSON; None when nobody said."""
    given = fields.getlist("here") if hasattr(fields, "getlist") else []
    if len(given) == 1 and given[0].startswith("["):
        given = _json({"here": given[0]}, "here", "[]")
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise BadInput("here", "not_json")
    return frozenset(given) if given else None


def _json(fields: Mapping[str, Any], name: str, empty: str) -> Any:
    try:
        return json.loads(fields.get(name) or empty)
    except (ValueError, RecursionError) as problem:
        raise BadInput(name, "not_json") from problem


def _as_remembered(desk: Desk, data: bytes, choices: Choices) -> tuple[Found, Choices]:
    """The list read as the last one was, if it has its columns and nothing else was chosen. Raises Unreadable."""
    setup = desk.line.setup
    if setup.list_columns and not choices.columns:
        remembered = replace(choices, columns=setup.list_columns, order=choices.order or setup.list_order)
        found = read(desk, data, remembered)
        if {header for header in setup.list_columns.values() if header} <= set(found.headers):
            return found, remembered
    return read(desk, data, choices), choices


def _remember(desk: Desk, choices: Choices, found: Found) -> None:
    """Tomorrow's list is read like this one."""
    setup = desk.line.setup
    if not desk.is_set_up:
        return
    columns = {**dict.fromkeys(FIELDS, ""), **found.columns} if found.headers else {}
    also = setup.also_called
    if choices.here is not None:
        also = tuple(sorted((set(also) - set(found.places)) | choices.here))
    changed = replace(setup, also_called=also)
    if columns:
        changed = replace(changed, list_columns=columns, list_order=choices.order)
    if changed != setup:
        desk.set_up(changed)


def _chosen(form: Any, found: Found, before: Choices) -> Choices:
    """What somebody chose on the page that shows this list. Raises BadInput."""
    columns: dict[str, str] = dict(before.columns)
    if "column-0" in form:
        columns = dict.fromkeys(FIELDS, "")
        for at, header in enumerate(found.headers):
            field = one_of(form, f"column-{at}", ("", *FIELDS), "")
            if field:
                columns[field] = header
    here = before.here
    if "places" in form:
        here = frozenset(place for at, place in enumerate(found.places) if yes(form, f"place-{at}"))
    order = one_of(form, "order", ORDERS, before.order)
    return Choices(columns, order, text_or_none(form, "service") or "", here)


def _are_shown(choices: Choices, before: Choices, found: Found) -> bool:
    """Whether these choices read the list as the page showed it, and somebody has seen what they bring in."""
    columns = {field: header for field, header in choices.columns.items() if header}
    return (
        columns == (found.columns if found.headers else {})
        and choices.order in ("", found.order)
        and choices.service == before.service
        and (choices.here is None or choices.here == set(_places_here(found)))
    )


def _places_here(found: Found) -> list[str]:
    """The places of this list that are taken for this one."""
    elsewhere = {row.appointment.place for row in found.rows}
    return [place for place in found.places if place not in elsewhere]


def _preview(desk: Desk, upload: Upload, found: Found, lang: Language) -> dict[str, Any]:
    """What the page shows before anything is changed."""
    setup, ours = desk.line.setup, _places_here(found)
    by_header = {header: field for field, header in found.columns.items()}
    known = {field: header for field, header in setup.list_columns.items() if header}
    return {
        "would": would_change(desk, found, upload.whole),
        "setup": setup, "needs": NEEDS, "fields": labels.FIELDS,
        "first": found.rows[:FIRST_ROWS], "orders": ORDERS, "remembered": known == found.columns,
        "columns": [(header, by_header.get(header, "")) for header in found.headers],
        "places": [(place, count, place in ours) for place, count in found.places.items()],
        "when": lambda at: lang.day_and_time(at.astimezone(ZoneInfo(setup.timezone))),
        "birthday": lang.birthday,
    }  # fmt: skip
