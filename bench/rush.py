"""Rush hour: check-ins at a pace of their own, faster and faster, until somebody suffers."""

from dataclasses import dataclass

from bench import crowd as tvs
from bench.crowd import Crowd, WentWrong
from bench.figures import Figure, percentile
from bench.load import send_all
from bench.servers import Server, check_in, check_in_body
from bench.stages import LINE, QUIET, say

# Milliseconds until the answer: longer, and the hand goes back to the button.
ALLOWED = 250


@dataclass(frozen=True)
class Burst:
    """What became of check-ins at one rate."""

    rate: int
    p50: float
    p99: float
    refused: int
    in_step: bool
    pushes: float

    @property
    def sustained(self) -> bool:
        """Whether all were answered soon enough and all TVs show the end of it."""
        return self.p99 <= ALLOWED and not self.refused and self.in_step

    @property
    def verdict(self) -> str:
        """The same in words."""
        step = "in step" if self.in_step else "OUT OF STEP"
        return f"answered p50 {self.p50:.1f}, p99 {self.p99:.1f} ms; {self.refused} refused; all TVs {step}"


def sustained(
    crowd: Crowd, product: Server, limit: Server, count: int, rates: list[int], seconds: float
) -> list[Figure]:
    """The highest of these rates of check-ins that `count` TVs and the tablet do not suffer from, and the limit's."""
    bursts = {server.name: _faster_and_faster(crowd, server, rates, seconds) for server in (product, limit)}
    ours, theirs = _best(bursts[product.name]), _best(bursts[limit.name])
    answered, pushes = ours or bursts[product.name][0], max(b.pushes for b in bursts[product.name])
    rate = (ours.rate if ours else 0, "", theirs.rate if theirs else None)
    return [
        Figure(f"check-ins a second, {count} TVs", *rate, target=1 / 3, at_least=True),
        Figure("   answered then, p99", answered.p99, "ms", target=ALLOWED),
        Figure("   pushes a second to each TV", round(pushes, 1), target=10),
    ]


def _best(bursts: list[Burst]) -> Burst | None:
    return max((burst for burst in bursts if burst.sustained), key=lambda burst: burst.rate, default=None)


def _faster_and_faster(crowd: Crowd, server: Server, rates: list[int], seconds: float) -> list[Burst]:
    bursts: list[Burst] = []
    for rate in rates:
        bursts.append(burst(crowd, server, rate, seconds))
        say(f"{server.name}: {rate} check-ins a second: {bursts[-1].verdict}")
        if not bursts[-1].sustained:
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
    during = tvs.tell(crowd, "state", product.name)["arrivals"]
    in_step = all_in_step(crowd, product)
    gaps = len(during) - 1
    pushes = gaps / (during[-1] - during[0]) if gaps > 0 else 0.0
    times = [answer.after for answer in answers]
    leave(product)
    return Burst(rate, percentile(times, 50), percentile(times, 99), len(answers) - len(taken), in_step, pushes)


def all_in_step(crowd: Crowd, product: Server) -> bool:
    """Whether within two seconds all TVs show the same, and one more check-in reaches them all."""
    tvs.tell(crowd, "mark", product.name, quiet=QUIET)
    state = tvs.tell(crowd, "state", product.name)
    check_in(product)
    return state["low"] == state["high"] and bool(tvs.tell(crowd, "reached", product.name, seconds=2)["last"])


def leave(product: Server) -> None:
    """After a burst, the crowd leaves again."""
    going = product.waiting[LINE:]
    bodies = [{"visit": visit, "request": check_in_body(product)["request"]} for visit in going]
    refused = [answer for answer in send_all(product.port, "/staff/leave", bodies, 200) if answer.status >= 400]
    if refused:
        raise WentWrong(f"Nobody can leave: {refused[0]}")
    del product.waiting[LINE:]
