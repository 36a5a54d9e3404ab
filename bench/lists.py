"""How long reading alone takes of a list of 5,000 appointments, in each format: `python -m bench.lists`.

Also the longest time in which nobody else on the same thread is answered. `bench.importing` measures the whole way.
"""

import time
from datetime import UTC, datetime
from itertools import pairwise

from bench.importing import LISTS
from clinic.lists import read
from clinic.setup import TEMPLATES

LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}


def main() -> None:
    """Print one line a format."""
    for kind, make in LISTS.items():
        data = make()
        breaths: list[float] = []
        worked, start = time.process_time(), time.perf_counter()
        found = read(
            data, TEMPLATES["walk-in"], LANGUAGES, datetime.now(UTC),
            breathe=lambda breaths=breaths: breaths.append(time.perf_counter()),  # type: ignore[misc]  # a default binds this round's list
        )  # fmt: skip
        worked, end = time.process_time() - worked, time.perf_counter()
        longest = max(after - before for before, after in pairwise([start, *breaths, end]))
        print(
            f"{kind:21} {len(data) / 1024:6,.0f} KB  {len(found.rows):,} rows in {end - start:.2f} s "
            f"({worked:.2f} s of the processor), at most {longest * 1000:.0f} ms without a breath"
        )


if __name__ == "__main__":
    main()
