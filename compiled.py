"""Catalogues and templates as they came out when they were read, kept for the next start: a third of its work.

They lie beside what Python itself keeps so, each sealed with what it came of, so nothing stale or half-written is used.
Where nothing may be kept, each start reads them anew. `python compiled.py` keeps all of them, at an install.
"""

import contextlib
import hashlib
import io
import os
from pathlib import Path

import babel
import jinja2
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

ROOT = Path(__file__).parent
KEPT = ROOT / "__pycache__"
HOW = hashlib.sha256(f"{babel.__version__} {jinja2.__version__}".encode() + (ROOT / "words.py").read_bytes()).digest()
"""What else than their text makes them what they are."""


def catalogue(path: Path) -> bytes:
    """This catalogue as gettext reads it."""
    source, name = path.read_bytes(), f"words-{path.stem}.mo"
    result = _kept(name, source)
    if result is None:
        result = _read(source, path.stem)
        _keep(name, source, result)
    return result


class Pages(BytecodeCache):
    """Templates as they were compiled with the sentences of one language, those of this catalogue, in them."""

    def __init__(self, code: str, sentences: bytes):
        self._code, self._sentences = code, hashlib.sha256(sentences).digest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept."""
        found = _kept(self._name(bucket), self._source(bucket))
        if found:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        _keep(self._name(bucket), self._source(bucket), bucket.bytecode_to_string())

    def _name(self, bucket: Bucket) -> str:
        return f"page-{self._code}-{bucket.key}"

    def _source(self, bucket: Bucket) -> bytes:
        return self._sentences + bucket.checksum.encode()


def _read(source: bytes, code: str) -> bytes:
    from babel.messages.mofile import write_mo  # here, as a start that finds what was kept needs neither
    from babel.messages.pofile import read_po

    result = io.BytesIO()
    write_mo(result, read_po(io.BytesIO(source), locale=code))
    return result.getvalue()


def _kept(name: str, of: bytes) -> bytes | None:
    """What came of these bytes at an earlier start, None where nothing did that is whole and of our versions."""
    with contextlib.suppress(OSError):  # as where none was kept yet
        found = (KEPT / name).read_bytes()
        if found[:32] == _seal(of, found[32:]):
            return found[32:]
    return None


def _keep(name: str, of: bytes, result: bytes) -> None:
    """Keep what came of these bytes, where that may be: in a folder that is only read each start makes it anew."""
    part = KEPT / f"{name}.{os.getpid()}"  # other programs may start meanwhile
    with contextlib.suppress(OSError):
        KEPT.mkdir(exist_ok=True)
        part.write_bytes(_seal(of, result) + result)
        part.replace(KEPT / name)


def _seal(of: bytes, result: bytes) -> bytes:
    return hashlib.sha256(HOW + hashlib.sha256(of).digest() + result).digest()


if __name__ == "__main__":  # who runs Kindline may not write here later
    import words

    words.compile_all()
