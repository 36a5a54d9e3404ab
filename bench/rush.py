"""Rush hour: check-ins at a pace of their own, faster and faster, until somebody suffers."""

import time
from bisect import bisect_left
from dataclasses import dataclass

from bench import crowd as tvs
from bench.crowd import Crowd, WentWrong
from bench.figures import Figure, percentile
from bench.load import Answer, send_all
from bench.servers import Server, check_in, check_in_body, numbers
from bench.stages import LINE, QUIET, say

# Milliseconds until the answer, and until the last TV shows it: longer, and the hand goes back to the button.
ALLOWED = 250
# A rate is too high when it is so twice: another program may have had the machine for a moment.
TRIES = 2


@dataclass(frozen=True)
class Burst:
    """What became of check-ins at one rate: in ms, answered after `p99`, and on the last TV after `last`."""

    rate: int
    p50: float
    p99: float
    last: float
    refused: int
    in_step: bool
    pushes: float

    @property
    def sustained(self) -> bool:
        """Whether all were answered and shown soon enough, and all TVs show the end of it."""
        return max(self.p99, self.last) <= ALLOWED and not self.refused and self.in_step

    @property
    def verdict(self) -> str:
        """The same in words."""
        step = "in step" if self.in_step else "OUT OF STEP"
        answered = f"answered p50 {self.p50:.1f}, p99 {self.p99:.1f} ms"
        return f"{answered}; on the last TV p99 {self.last:.1f} ms; {self.refused} refused; all TVs {step}"


def sustained(
    crowd: Crowd, product: Server, limit: Server, count: int, rates: list[int], seconds: float
) -> list[Figure]:
    """The highest of these rates of check-ins that `count` TVs and the tablet do not suffer from, and the limit's."""
    bursts = {server.name: _faster_and_faster(crowd, server, rates, seconds) for server in (product, limit)}
    ours, theirs = _best(bursts[product.name]), _best(bursts[limit.name])
    best, pushes = ours or bursts[product.name][0], max(b.pushes for b in bursts[product.name])
    rate = (ours.rate if ours else 0, "", theirs.rate if theirs else None)
    return [
        Figure(f"check-ins a second, {count} TVs", *rate, target=1 / 3, at_least=True),
        Figure("   answered then, p99", best.p99, "ms", target=ALLOWED),
        Figure("   on the last TV then, p99", best.last, "ms", target=ALLOWED),
        Figure("   pushes a second to each TV", round(pushes, 1), target=10),
    ]


def _best(bursts: list[Burst]) -> Burst | None:
    return max((burst for burst in bursts if burst.sustained), key=lambda burst: burst.rate, default=None)


def _faster_and_faster(crowd: Crowd, server: Server, rates: list[int], seconds: float) -> list[Burst]:
    bursts: list[Burst] = []
    for rate in rates:
        for _ in range(TRIES):
            bursts.append(burst(crowd, server, rate, seconds))
            say(f"{server.name}: {rate} check-ins a second: {bursts[-1].verdict}")
            if bursts[-1].sustained:
                break
        else:
            break
    return bursts


def burst(crowd: Crowd, product: Server, rate: int, seconds: float) -> Burst:
    """Check-ins at this rate; afterwards the line is as short as before."""
    tvs.tell(crowd, "mark", product.name, quiet=QUIET)
    tvs.tell(crowd, "state", product.name)
    bodies = [check_in_body(product) for _ in range(int(rate * seconds))]
    answers = send_all(product.port, "/kiosk/check-in", bodies, rate)
    taken = [answer for answer in answers if answer.status == 201]
    product.waiting += [answer.body["visit"] for answer in taken if answer.body["visit"]]
    tvs.tell(crowd, "mark", product.name, quiet=QUIET)
    one_more, _ = check_in(product)
    reached = tvs.tell(crowd, "reached", product.name, seconds=2)["last"]
    state = tvs.tell(crowd, "state", product.name)
    in_step = bool(reached) and state["low"] == state["high"]
    during = [at for at in state["arrivals"] if at < one_more]
    last = until_the_last(product, taken, state["shown"])
    gaps = len(during) - 1
    pushes = gaps / (during[-1] - during[0]) if gaps > 0 else 0.0
    times = [answer.after for answer in answers]
    leave(product)
    return Burst(
        rate,
        percentile(times, 50),
        percentile(times, 99),
        percentile(last or times, 99),
        len(answers) - len(taken),
        in_step,
        pushes,
    )


def until_the_last(server: Server, taken: list[Answer], shown: list[tuple[int, float]]) -> list[float]:
    """For each check-in the ms from when it was due until the last TV had a screen that knows of it, or until now."""
    number = numbers(server, [answer.asked["request"] for answer in taken])
    seqs, now = [seq for seq, _ in shown], time.monotonic()
    found = [(answer.due, bisect_left(seqs, number[answer.asked["request"]])) for answer in taken]
    return [((shown[at][1] if at < len(shown) else now) - due) * 1000 for due, at in found]


def leave(product: Server) -> None:
    """After a burst, the crowd leaves again."""
    going = product.waiting[LINE:]
    bodies = [{"visit": visit, "request": check_in_body(product)["request"]} for visit in going]
    refused = [answer for answer in send_all(product.port, "/staff/leave", bodies, 200) if answer.status >= 400]
    if refused:
        raise WentWrong(f"Nobody can leave: {refused[0]}")
    del product.waiting[LINE:]
