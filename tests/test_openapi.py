"""docs/openapi.json is true: it has every address, every field that is read, and what is answered.

Its examples are sent to a clinic at work. An id in them stands for a real one: "visit-called" is somebody who is
called, "secret-of-visit-called" what opens their page.
"""

import ast
import inspect
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

import app as roof
import staff.routes
from clinic import commands, inform, talk
from clinic.setup import Clinician
from tests.faces import Opens, Practice, opens
from tests.kiosk.booked import MAYA, book, code_of
from tests.kiosk.booked import find as finds

__all__ = ["opens"]

DOCUMENT = json.loads((Path(__file__).parents[1] / "docs" / "openapi.json").read_text())
JSON, FORM, FILE = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
POSTS = [path for path, item in DOCUMENT["paths"].items() if "post" in item]
GETS = [path for path, item in DOCUMENT["paths"].items() if "get" in item]


def resolved(value: Any) -> Any:
    """What a reference in the document leads to, anything else as it is."""
    while isinstance(value, dict) and "$ref" in value:
        place: Any = DOCUMENT
        for name in value["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        value = place
    return value


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def parameters(operation: dict[str, Any], where: str) -> dict[str, Any]:
    """The parameters that stand there, each with its example."""
    found = [resolved(one) for one in operation.get("parameters", [])]
    return {one["name"]: one.get("example") for one in found if one["in"] == where}


def fits(schema: Any, value: Any) -> None:
    """Fails where this value is not what the schema says."""
    whole = {"components": DOCUMENT["components"], "$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    Draft202012Validator(whole).validate(value)


# What is read of a body: the requests of these tests write down each field that is asked for.

READ: set[str] = set()

IN_EVERY_FORM = {"life"}
"""What a page puts into each of its forms: the document says so once for all."""


class Fields(dict[str, Any]):
    """The fields of a program's body."""

    def get(self, name: str, otherwise: Any = None) -> Any:
        READ.add(name)
        return super().get(name, otherwise)

    def __getitem__(self, name: str) -> Any:
        READ.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        READ.add(str(name))
        return super().__contains__(name)


class FormFields(ImmutableMultiDict[str, Any]):
    """The fields of a form."""

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        READ.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: str, *args: Any, **more: Any) -> Any:
        READ.add(key)
        return super().getlist(key, *args, **more)

    def __getitem__(self, key: str) -> Any:
        READ.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        READ.add(str(key))
        return super().__contains__(key)


class Watched(roof.InMemory):
    """A request that knows what was read of it."""

    parameter_storage_class = FormFields

    def get_json(self, *args: Any, **more: Any) -> Any:
        body = super().get_json(*args, **more)
        return Fields(body) if isinstance(body, dict) else body


# A clinic at work, with everybody that the examples name.


def comes(practice: Practice, visit: str, service: str = "doctor") -> None:
    practice.desk.do(
        commands.check_in, by="kiosk", visit=visit, service=service, name=visit, language="en", call_me="number"
    )


def at_work(opens: Opens, path: str = "") -> Practice:
    """A practice at a quarter past ten, with people in every state; and what a body for `path` needs."""
    practice = opens(template="" if path == "/setup" else "walk-in")
    practice.app.request_class = Watched
    if path == "/setup":
        return practice
    practice.change(clinicians=(Clinician("clinician-1", "Dr Vega"),))
    practice.client.post("/display/hello", json={"id": "a-screen", "sound": "on"})
    states = ("done", "left", "in-room", "on-hold", "not-coming", "called")
    for state in ("first", *states, "waiting"):
        comes(practice, f"visit-{state}")
    practice.later(minutes=60)
    practice.calls({"visit": "visit-not-coming"})
    for _ in range(2):
        practice.later(minutes=5)
        practice.does("recall", visit="visit-not-coming")
    practice.later(minutes=5)
    for state in ("done", "in-room", "called"):
        practice.calls({"visit": f"visit-{state}"}, "room-2")
    practice.does("start", visit="visit-in-room")
    practice.does("finish", visit="visit-done")
    practice.does("leave", visit="visit-left")
    practice.does("hold", visit="visit-on-hold")
    desk = practice.desk
    desk.do(talk.ask_help, by="kiosk", help="help-asked", place="tablet", about="", asker=None)
    asker = desk.line.visits["visit-waiting"]
    desk.do(talk.ask_help, by="phone", help="question-asked", place=asker.ticket, about="payment", asker=asker.id)
    desk.do(inform.note_delay, by="staff", reason="technical", service=None, minutes=None)
    if path != "/staff/close-day":  # its examples say what came of everybody
        book(practice, at=90)
    if path == "/staff/open-day":
        practice.does("close-day", confirm=True)
    if path == "/staff/open-room":
        practice.does("close-room", room="room-3")
    if path == "/staff/tell-closing":
        practice.change(rooms=tuple(replace(one, opens="08:00", closes="17:00") for one in desk.line.setup.rooms))
    return practice


def real(practice: Practice, value: Any) -> Any:
    """The same with the ids of this clinic for those of the document."""
    if isinstance(value, dict):
        if "seq" in value:
            value = {**value, "seq": type(value["seq"])(practice.desk.line.visits["visit-called"].last)}
        return {name: real(practice, one) for name, one in value.items()}
    if isinstance(value, list):
        return [real(practice, one) for one in value]
    links, kind, of, visit = practice.desk.links, *str(value).partition("-of-")
    if kind == "code" and of:
        return code_of(practice)
    if kind == "token" and of:
        return finds(practice, **MAYA)["token"]
    if kind == "note" and of:
        return practice.desk.line.delays[-1].note
    if value == "visit-of-maya":
        return next(one.visit for one in practice.desk.bookings())
    if value == "upload-that-waits":
        return waiting_list(practice)
    known = {"secret": links.secret, "companion": links.companion, "short": links.code}
    return known[kind](visit) if of and kind in known else value


def waiting_list(practice: Practice) -> str:
    """The id of a list that somebody has sent and is to look at."""
    example = DOCUMENT["paths"]["/staff/appointments"]["post"]["requestBody"]["content"][FILE]["examples"]
    answer = send(practice, "/staff/appointments", FILE, next(iter(example.values()))["value"])
    return str(answer.location).partition("?")[0].rpartition("/")[2]


def address(practice: Practice, path: str, operation: dict[str, Any]) -> str:
    for name, example in parameters(operation, "path").items():
        path = path.replace(f"{{{name}}}", real(practice, example))
    return path


def send(practice: Practice, path: str, kind: str, body: Any) -> TestResponse:
    if kind == JSON:
        return practice.client.post(path, json=body)
    if kind == FILE:
        body = {**body, "file": (io.BytesIO(body["file"].encode()), "list.csv")}
    headers = {"Accept": "text/html"} if kind in (FORM, FILE) else {}
    return practice.client.post(path, data=body, content_type=kind, headers=headers)


# Every address.

WHO_COMES_IN = ("staff.pair", "staff.pair_here", "staff.add_program", "staff.end_device")
"""Pages for people, as all that is about the doors: the document is for programs (tests/doors has these)."""


def test_every_address_is_in_the_document_and_no_other(opens: Opens) -> None:
    practice = opens()
    adapter = practice.app.url_map.bind("localhost")
    documented = set()
    for path, method, operation in operations():
        example = re.sub(r"{(\w+)}", lambda found: str(parameters(operation, "path")[found[1]]), path)  # noqa: B023
        rule, values = adapter.match(example, method, return_rule=True)
        assert set(values) - {"command"} == set(re.findall(r"{(\w+)}", path)), path
        documented.add((rule.rule, method))
    rules = {
        (rule.rule, method)
        for rule in practice.app.url_map.iter_rules()
        if not (rule.endpoint.startswith("doors.") or rule.endpoint in WHO_COMES_IN)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == rules


def test_every_command_of_staff_is_in_the_document() -> None:
    tree = ast.parse(inspect.getsource(staff.routes._read))
    patterns = (one.pattern for one in ast.walk(tree) if isinstance(one, ast.match_case))
    values = [one.value for one in patterns if isinstance(one, ast.MatchValue)]
    named = {str(one.value) for one in values if isinstance(one, ast.Constant)}
    assert {"call", "undo"} < named
    for name in (*named, *staff.routes.VISIT_COMMANDS, *staff.routes.ROOM_COMMANDS):
        assert f"/staff/{name}" in POSTS


def test_what_stands_in_every_form_is_in_the_document_once() -> None:
    text = json.dumps(DOCUMENT)
    assert all(f"`{name}`" in DOCUMENT["info"]["description"] and f'"{name}"' not in text for name in IN_EVERY_FORM)


def test_no_name_of_the_document_leads_nowhere_or_is_of_no_use() -> None:
    text = json.dumps(DOCUMENT)
    for kind, parts in DOCUMENT["components"].items():
        for name in parts:
            assert f'"#/components/{kind}/{name}"' in text, name
    for reference in re.findall(r'"\$ref": "([^"]+)"', text):
        assert resolved({"$ref": reference}), reference


# Every field, and every answer.


@pytest.mark.parametrize("path", POSTS)
def test_what_may_be_posted_is_what_is_read_and_is_answered_as_documented(opens: Opens, path: str) -> None:
    operation = DOCUMENT["paths"][path]["post"]
    named, patterns = set(), set()
    read: set[str] = set()
    for kind, content in operation["requestBody"]["content"].items():
        schema = resolved(content["schema"])
        named |= set(schema.get("properties", ()))
        patterns |= set(schema.get("patternProperties", ()))
        for name, example in content["examples"].items():
            fits(schema, example["value"])
            practice = at_work(opens, path)
            body = real(practice, example["value"])
            there = address(practice, path, operation)
            READ.clear()
            answer = send(practice, there, kind, body)
            read |= READ - {"file"} - IN_EVERY_FORM
            as_documented(operation, answer, f"{kind}, {name}")
    asked = set(parameters(operation, "query"))
    assert named - asked - {"file"} <= read, "a documented field is never read"
    assert {one for one in read - named - asked if not any(re.search(like, one) for like in patterns)} == set()
    assert all(any(re.search(one, name) for name in read) for one in patterns)


def test_what_may_be_asked_for_is_answered_as_documented(opens: Opens) -> None:
    practice = at_work(opens)
    for path in GETS:
        operation = DOCUMENT["paths"][path]["get"]
        there = address(practice, path, operation)
        asked = {name: real(practice, one) for name, one in parameters(operation, "query").items() if one is not None}
        for query in ({}, asked):
            with practice.client.get(there, query_string=query) as answer:
                as_documented(operation, answer, f"{path}, {query}")


def as_documented(operation: dict[str, Any], answer: Response, what: str) -> None:
    """Fails where this is no success, or another one than the document says."""
    said = resolved(operation["responses"].get(str(answer.status_code)))
    assert answer.status_code < 400, f"{what}: {answer.get_data(as_text=True)}"
    assert said is not None, f"{what}: {answer.status_code}"
    content = said["content"]
    assert answer.mimetype in content or "*/*" in content, what
    if answer.mimetype == JSON:
        fits(content[JSON]["schema"], answer.json)


# Every refusal.


def test_a_refusal_is_answered_as_documented(opens: Opens) -> None:
    practice = opens()
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    bodies: list[tuple[Any, dict[str, str], str]] = [
        ("[", {}, JSON), ("[]", {}, JSON), ("{}", {}, JSON), ("{}", elsewhere, JSON), ("x" * 70_000, {}, FORM),
        ("", {}, FORM),
    ]  # fmt: skip
    for path in POSTS:
        operation = DOCUMENT["paths"][path]["post"]
        there = re.sub(r"{\w+}", "nothing-of-ours", path)
        for body, headers, kind in bodies:
            answer = practice.client.post(there, data=body, content_type=kind, headers=headers)
            said = resolved(operation["responses"].get(str(answer.status_code)))
            assert said is not None, f"{path}, {body[:5]}: {answer.status_code}"
            assert answer.mimetype in said["content"], path
            if answer.mimetype == JSON:
                fits(said["content"][JSON]["schema"], answer.json)
