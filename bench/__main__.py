"""Measure this Kindline on this machine: `python -m bench` (about three minutes), `--quick` for a first look.

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
from bench import estimate, fishing, importing, rush, stages
from bench.crowd import WentWrong
from bench.figures import Figure, machine, plain, table
from bench.servers import Server, check_in, start_limit, start_product

RESULTS = Path(__file__).parent / "results" / "latest.json"


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    answered: int
    samples: dict[int, int]
    rates: tuple[int, ...]
    seconds: float
    sockets: int
    fished: int


FULL = Plan(100, {100: 60, 500: 100, 1000: 60}, (25, 50, 100, 150, 200, 300, 400, 500, 600, 800), 4, 1100, 1000)
QUICK = Plan(30, {100: 20, 500: 30}, (25, 50, 100, 200), 2, 1100, 100)


def main() -> int:
    """Measure, print, keep. The exit status: 0, or 1 when it could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer check-ins: half a minute, less exact")
    plan = QUICK if parser.parse_args().quick else FULL
    try:
        with tempfile.TemporaryDirectory(prefix="kindline-bench-") as folder:
            figures = [
                *estimate.cost(),
                *fishing.tells_nothing(Path(folder) / "fishing", plan.fished),
                *one_at_a_time(Path(folder) / "calm", plan),
                *all_at_once(Path(folder) / "rush", plan),
                *importing.coming_in(Path(folder) / "lists"),
            ]
    except WentWrong as sentence:
        print(sentence, file=sys.stderr)
        return 1
    about = machine()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": about, "figures": plain(figures)}, indent=1) + "\n")
    print(f"\nKindline's bench: {', '.join(f'{name} {value}' for name, value in about.items())}\n")
    print(table(figures))
    missed = [figure.name.strip() for figure in figures if figure.passed is False]
    print(f"\nMISS: {'; '.join(missed)}" if missed else "\nAll targets met.")
    return 0


def one_at_a_time(folder: Path, plan: Plan) -> list[Figure]:
    """Single check-ins with ever more TVs, beside the limit."""
    folder.mkdir()
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
        return figures + stages.crowded(crowd, product, plan.sockets)
    finally:
        end(crowd, servers)


def all_at_once(folder: Path, plan: Plan) -> list[Figure]:
    """More and more check-ins a second, on a fresh server."""
    folder.mkdir()
    crowd, product = tvs.gather(), start_product(folder)
    try:
        fill(product)
        figures = stages.per_tv(crowd, product, 100, 500)
        return figures + rush.sustained(crowd, product, 500, list(plan.rates), plan.seconds)
    finally:
        end(crowd, [product])


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
