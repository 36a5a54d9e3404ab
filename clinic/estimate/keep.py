"""What was learned as text and back, so that a restart need not read the whole log again. Every number stays exact."""

import json
from collections import deque
from typing import Any

from clinic.estimate.interval import Interval, Residuals
from clinic.estimate.linear import Linear
from clinic.estimate.mind import Mind, Queue, Said
from clinic.estimate.times import Mean, Times

FORMAT = 2
"""Raised whenever what is learned changes its shape: then it is learned anew from the log."""

KNOWN: dict[str, type[Any]] = {one.__name__: one for one in (Interval, Linear, Mean, Mind, Queue, Said, Times)}


def to_text(mind: Mind, asked: float) -> str:
    """All that `from_text` needs to make these again."""
    return json.dumps({"format": FORMAT, "mind": _plain(mind), "asked": asked})


def from_text(text: str) -> tuple[Mind, float] | None:
    """What `to_text` wrote; None when another version wrote it."""
    values = json.loads(text)
    if values.get("format") != FORMAT:
        return None
    return _alive(values["mind"]), values["asked"]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, tuple):
        return {"tuple": [_plain(one) for one in value]}
    if isinstance(value, deque):
        return {"deque": [_plain(one) for one in value], "most": value.maxlen}
    if isinstance(value, dict):
        return {"dict": [[_plain(key), _plain(one)] for key, one in value.items()]}
    if isinstance(value, Residuals):
        return {"residuals": list(value.values)}
    return {type(value).__name__: {name: _plain(getattr(value, name)) for name in _names(value)}}


def _alive(value: Any) -> Any:
    if isinstance(value, list):
        return [_alive(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "tuple" in value:
        return tuple(_alive(one) for one in value["tuple"])
    if "deque" in value:
        return deque((_alive(one) for one in value["deque"]), value["most"])
    if "dict" in value:
        return {_alive(key): _alive(one) for key, one in value["dict"]}
    if "residuals" in value:
        return Residuals(value["residuals"])
    ((name, fields),) = value.items()
    made = object.__new__(KNOWN[name])
    for field, one in fields.items():
        setattr(made, field, _alive(one))
    return made


def _names(value: Any) -> Any:
    return getattr(type(value), "__slots__", None) or vars(value)
