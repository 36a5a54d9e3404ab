"""The server that `make fuzz` attacks: Kindline without its limits on tries, which would answer nearly all of it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import serve
from throttle import Throttle

if __name__ == "__main__":
    Throttle.allows = lambda self, address: True  # type: ignore[method-assign]  # noqa: ARG005
    sys.exit(serve.main())
