"""Measure this Kindline on this machine: `python -m bench` (about seven minutes), `--quick` for a first look.

Prints progress, then one table, and keeps the same figures in bench/results/latest.json. A missed target is printed
as MISS and is not an error: another machine, busy with something else, is allowed to miss.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import crowd as tvs
from bench import estimate, fishing, importing, picture, rush, stages
from bench.crowd import WentWrong
from bench.figures import Figure, machine, plain, table
from bench.servers import Server, check_in, start_limit, start_product

RESULTS = Path(__file__).parent / "results" / "latest.json"
KEPT = Path(__file__).parent / "results.json"
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "latency.svg"


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    answered: int
    samples: dict[int, int]
    rates: tuple[int, ...]
    seconds: float
    sockets: int
    fished: int
    calls: int
    kept_up: float


RATES = (25, 50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 1000, 1200, 1500, 2000)
FULL = Plan(100, {100: 60, 500: 100, 1000: 60, 2000: 60}, RATES, 4, 1100, 1000, 30, 70)
QUICK = Plan(30, {100: 20, 500: 30}, (25, 50, 100, 200, 400, 800), 2, 1100, 100, 5, 10)


def main() -> int:
    """Measure, print, keep. The exit status: 0, or 1 when it could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer check-ins: a minute, less exact")
    parser.add_argument("--keep", action="store_true", help="keep the figures and their picture for the README")
    parser.add_argument("--only", nargs="*", choices=STAGES, default=STAGES, help="these stages alone")
    asked = parser.parse_args()
    plan = QUICK if asked.quick else FULL
    figures: list[Figure] = []
    try:
        for stage in asked.only:
            with tempfile.TemporaryDirectory(prefix="kindline-bench-") as folder:
                figures += STAGES[stage](Path(folder), plan)
    except WentWrong as sentence:
        print(sentence, file=sys.stderr)
        return 1
    about = machine()
    kept = json.dumps({"machine": about, "figures": plain(figures)}, indent=1) + "\n"
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(kept)
    if asked.keep:
        KEPT.write_text(kept)
        PICTURE.write_text(picture.latency(figures))
    print(f"\nKindline's bench: {', '.join(f'{name} {value}' for name, value in about.items())}\n")
    print(table(figures))
    missed = [figure.name.strip() for figure in figures if figure.passed is False]
    print(f"\nMISS: {'; '.join(missed)}" if missed else "\nAll targets met.")
    return 0


def one_at_a_time(folder: Path, plan: Plan) -> list[Figure]:
    """Single check-ins with ever more TVs, beside the limit."""
    crowd, product = tvs.gather(), start_product(folder)
    servers = [product]
    try:
        fill(product)
        tvs.connect(crowd, product.name, product.port, 1)
        stages.sample(crowd, product)
        limit = start_limit(folder, tvs.tell(crowd, "state", product.name)["bytes"])
        servers.append(limit)
        few, *more = plan.samples
        figures = stages.last_tv(crowd, product, limit, few, plan.samples[few])
        figures = stages.answered(crowd, product, 200, plan.answered) + figures
        for count in more:
            figures += stages.last_tv(crowd, product, limit, count, plan.samples[count])
        return figures
    finally:
        end(crowd, servers)


def all_at_once(folder: Path, plan: Plan) -> list[Figure]:
    """More and more check-ins a second, with 1000 TVs, beside the limit."""
    crowd, product = tvs.gather(), start_product(folder)
    servers = [product]
    try:
        fill(product)
        figures = stages.per_tv(crowd, product, 100, 500)
        limit = start_limit(folder, tvs.tell(crowd, "state", product.name)["bytes"])
        servers.append(limit)
        for server in servers:
            tvs.connect(crowd, server.name, server.port, 1000)
        return figures + rush.sustained(crowd, product, limit, 1000, list(plan.rates), plan.seconds)
    finally:
        end(crowd, servers)


def come_and_go(folder: Path, plan: Plan) -> list[Figure]:
    """More sockets than eventlet's own limit, a stop that all are told of, and 2000 that come back at once."""
    crowd, product = tvs.gather(), start_product(folder)
    servers = [product]
    try:
        fill(product)
        figures = stages.crowded(crowd, product, plan.sockets)
        servers.append(start_product(folder, product.port))
        more, again = stages.back(crowd, servers[-1], folder, 2000)
        servers.append(again)
        return figures + more
    finally:
        end(crowd, servers)


def own_pages(folder: Path, plan: Plan) -> list[Figure]:
    """500 phones, each with its own page."""
    crowd, product = tvs.gather(), start_product(folder)
    try:
        return stages.phones(crowd, product, 500, plan.calls)
    finally:
        end(crowd, [product])


def for_a_while(folder: Path, plan: Plan) -> list[Figure]:
    """1000 TVs for longer than heartbeats take."""
    crowd, product = tvs.gather(), start_product(folder)
    try:
        fill(product)
        return stages.kept_up(crowd, product, 1000, plan.kept_up)
    finally:
        end(crowd, [product])


STAGES = {
    "estimate": lambda _folder, _plan: estimate.cost(),
    "fishing": lambda folder, plan: fishing.tells_nothing(folder, plan.fished),
    "calm": one_at_a_time,
    "rush": all_at_once,
    "back": come_and_go,
    "phones": own_pages,
    "while": for_a_while,
    "lists": lambda folder, _plan: importing.coming_in(folder),
}
"""What is measured, in this order."""


def fill(product: Server) -> None:
    """An ordinary waiting room."""
    for _ in range(stages.LINE):
        check_in(product)


def end(crowd: tvs.Crowd, servers: list[Server]) -> None:
    """Stop whatever still runs."""
    tvs.dismiss(crowd)
    for server in servers:
        server.process.kill()
        server.process.wait()


if __name__ == "__main__":
    sys.exit(main())
