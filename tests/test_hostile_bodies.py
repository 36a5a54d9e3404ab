"""Mad bodies for every address that takes one: each is refused or used, at once, and is never our fault (TRUST A5).

The addresses and their fields are those of docs/openapi.json, which has every one (tests/test_openapi.py).
"""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faces import Opens, Practice, opens
from tests.test_openapi import DOCUMENT, FILE, FORM, JSON, POSTS, address, at_work, operations, real, resolved

__all__ = ["opens"]

SECONDS = 2
DEEP = 30_000

VALUES: dict[str, Any] = {
    "a lone surrogate": "\ud800",
    "a NUL": "\0",
    "lines": "a\r\nSet-Cookie: b=c\u2028\x85",
    "a long text": "x" * 50_000,
    "a number beyond all": 10**400,
    "a number below nothing": -(10**20),
    "no number": float("nan"),
    "nothing": None,
    "a list": [[], [None], "\ud800", {"a": []}],
    "an object": {"": {"\ud800": "\0"}},
    "a template": "{{7*7}}{%raw%}%(name)s%s{0.__class__}",
    "another language": "'; drop table event; --",
}

PART = b'--x\r\nContent-Disposition: form-data; name="service"\r\n\r\n'
WHOLE: dict[str, tuple[bytes, str]] = {
    "nothing at all": (b"", JSON),
    "lists in lists": (b"[" * DEEP, JSON),
    "objects in objects": (b'{"service":' * 5_000, JSON),
    "a number with many digits": (b'{"seq": ' + b"9" * 60_000 + b"}", JSON),
    "the same field twice": (b'{"visit": "a", "visit": ["b"]}', JSON),
    "bytes that are no text": (b'{"name": "\xff\xfe\xed\xa0\x80"}', JSON),
    "text in another encoding": ('{"name": "Ana"}'.encode("utf-16"), JSON),
    "NULs": (b"\0" * 60_000, JSON),
    "too much": (b'{"name": "' + b"x" * 70_000 + b'"}', JSON),
    "another charset": (b'{"name": "Ana"}', f"{JSON}; charset=utf-7"),
    "many fields": (b"&".join(b"f%d=1" % n for n in range(5_000)), FORM),
    "fields of nothing": (b"&=" * 10_000, FORM),
    "escapes that are none": (b"name=%ff%fe%00%ed%a0%80&service=%%%&request=%zz", FORM),
    "a form without an end": (PART + b"doctor", f"{FILE}; boundary=x"),
    "a form without an edge": (b"--x\r\n\r\n--x--", FILE),
    "a form of many parts": ((PART + b"1\r\n") * 900 + b"--x--", f"{FILE}; boundary=x"),
    "a form with a mad name": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../\xff\0.csv"\r\n\r\n\xff\0\r\n--x--',
        f"{FILE}; boundary=x",
    ),
    "another kind": (b"\x80\x04\x95", "application/x-python-pickle"),
    "no kind": (b"service=doctor", ""),
    "an entity": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "application/xml"),
}  # fmt: skip


def in_order() -> list[str]:
    """Every address that takes a body; those that end the day or change the clinic come last."""
    return sorted(POSTS, key=lambda path: path in ("/staff/close-day", "/staff/open-day", "/setup"))


def bodies(practice: Practice, path: str, mad: Any) -> Iterator[dict[str, Any]]:
    """A body in which everything is mad, then those in which one thing is."""
    content = next(iter(DOCUMENT["paths"][path]["post"]["requestBody"]["content"].values()))
    fields = resolved(content["schema"]).get("properties", {})
    yield dict.fromkeys(fields, mad)
    if fields:
        usual = real(practice, next(iter(content["examples"].values()))["value"])
        yield from ({**usual, name: mad} for name in fields)


def answered(practice: Practice, path: str, body: bytes, kind: str, what: str) -> None:
    """Fails where this is our fault, or takes long; the machine's own time counts, not that of its other work."""
    began = time.process_time()
    there = address(practice, path, DOCUMENT["paths"][path]["post"])
    answer = practice.client.post(there, data=body, content_type=kind, headers={"Accept": JSON})
    assert answer.status_code < 500, f"{what} at {path}"
    assert time.process_time() - began < SECONDS, f"{what} at {path}"


@pytest.mark.parametrize("what", VALUES)
def test_a_mad_value_in_any_field_is_never_our_fault(opens: Opens, what: str) -> None:
    practice = at_work(opens)
    for path in in_order():
        for body in bodies(practice, path, VALUES[what]):
            answered(practice, path, json.dumps(body).encode(), JSON, what)


def test_nor_is_one_in_an_address(opens: Opens) -> None:
    practice = at_work(opens)
    for value in VALUES.values():
        mad = "".join(f"%{byte:02x}" for byte in str(value).encode("utf-8", "surrogatepass")[:3000])
        for path, method, operation in operations():
            names = [resolved(one)["name"] for one in operation.get("parameters", [])]
            there = re.sub(r"{\w+}", lambda _: mad, path)  # noqa: B023
            query = "&".join(f"{name}={mad}" for name in names)
            answer = practice.client.open(f"{there}?{query}", method=method)
            assert answer.status_code < 500, f"{mad[:60]} at {method} {path}"


def test_a_body_that_is_no_body_is_never_our_fault(opens: Opens) -> None:
    practice = at_work(opens)
    for what, (body, kind) in WHOLE.items():
        for path in in_order():
            answered(practice, path, body, kind, what)
