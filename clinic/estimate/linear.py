"""Recursive least squares with forgetting (Haykin, Adaptive Filter Theory), in plain lists."""

from collections.abc import Sequence
from operator import mul


class Linear:
    """Weights of a linear correction, learned one outcome at a time from those to `start` with.

    `looseness` is the prior variance of a weight: small keeps weights near zero until there is evidence. `bounds`: how
    small and how large each weight may become.
    """

    __slots__ = ("bounds", "forget", "free", "spread", "weights")

    def __init__(self, start: Sequence[float], bounds: Sequence[tuple[float, float]], looseness: float, forget: float):
        size = len(bounds)
        self.bounds = bounds
        self.forget = forget
        self.free = list(start)
        self.weights = list(start)
        self.spread = [[looseness if i == j else 0.0 for j in range(size)] for i in range(size)]

    def at(self, x: Sequence[float]) -> float:
        """The correction for these features."""
        correction: float = sum(map(mul, self.weights, x))
        return correction

    def learn(self, x: Sequence[float], y: float, weight: float) -> None:
        """Move the weights towards an outcome `y`; `weight` is how much it counts (1 = one ordinary outcome)."""
        gain = [sum(p * v for p, v in zip(row, x, strict=True)) for row in self.spread]
        bottom = self.forget / weight + sum(g * v for g, v in zip(gain, x, strict=True))
        error = (y - sum(w * v for w, v in zip(self.free, x, strict=True))) / bottom
        self.free = [w + g * error for w, g in zip(self.free, gain, strict=True)]
        up = 1.0 / self.forget
        for i, gi in enumerate(gain):
            share = gi / bottom
            row = self.spread[i]
            self.spread[i] = [(p - share * g) * up for p, g in zip(row, gain, strict=True)]
        if self.spread[0][0] > 1e6:  # forgetting without news would let it grow for ever
            self.spread = [[p * 0.5 for p in row] for row in self.spread]
        self.weights = self._bounded()

    def _bounded(self) -> list[float]:
        """The weights nearest to the free ones, in the metric of what is known of them, that keep to the bounds."""
        weights = self.free
        for _ in range(3):
            for j, (low, high) in enumerate(self.bounds):
                if not low <= weights[j] <= high:
                    step = (weights[j] - min(max(weights[j], low), high)) / self.spread[j][j]
                    weights = [w - step * row[j] for w, row in zip(weights, self.spread, strict=True)]
        return [min(max(w, low), high) for w, (low, high) in zip(weights, self.bounds, strict=True)]
