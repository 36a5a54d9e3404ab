"""Recursive least squares with forgetting (Haykin, Adaptive Filter Theory), in plain lists."""

from collections.abc import Sequence


class Linear:
    """Weights of a linear correction, learned one outcome at a time; all zero before the first.

    `looseness` is the prior variance of a weight: small keeps weights near zero until there is evidence.
    """

    __slots__ = ("forget", "spread", "weights")

    def __init__(self, size: int, looseness: float, forget: float):
        self.forget = forget
        self.weights = [0.0] * size
        self.spread = [[looseness if i == j else 0.0 for j in range(size)] for i in range(size)]

    def at(self, x: Sequence[float]) -> float:
        """The correction for these features."""
        return sum(w * v for w, v in zip(self.weights, x, strict=True))

    def learn(self, x: Sequence[float], y: float, weight: float) -> None:
        """Move the weights towards an outcome `y`; `weight` is how much it counts (1 = one ordinary outcome)."""
        gain = [sum(p * v for p, v in zip(row, x, strict=True)) for row in self.spread]
        bottom = self.forget / weight + sum(g * v for g, v in zip(gain, x, strict=True))
        error = (y - self.at(x)) / bottom
        self.weights = [w + g * error for w, g in zip(self.weights, gain, strict=True)]
        up = 1.0 / self.forget
        for i, gi in enumerate(gain):
            share = gi / bottom
            row = self.spread[i]
            self.spread[i] = [(p - share * g) * up for p, g in zip(row, gain, strict=True)]
        if self.spread[0][0] > 1e6:  # forgetting without news would let it grow for ever
            self.spread = [[p * 0.5 for p in row] for row in self.spread]
