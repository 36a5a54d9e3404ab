"""How much one device or address may ask: plenty for people, not enough to keep the clinic from everybody else."""

import threading
import time

RATE, BURST = 30.0, 300.0
"""Requests a second in the long run, and at once: many phones may stand behind one address."""

MOST = 10_000


class Bucket:
    """A token bucket for each source."""

    def __init__(self, rate: float = RATE, burst: float = BURST):
        self._rate, self._burst = rate, burst
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def allows(self, source: str) -> bool:
        """Count one more request; False when there were too many, and then it does not count."""
        now = time.monotonic()
        with self._lock:
            left, at = self._left.get(source, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            if left < 1:
                return False
            self._left[source] = (left - 1, now)
            if len(self._left) > MOST:
                self._left = {one: kept for one, kept in self._left.items() if now - kept[1] < self._burst / self._rate}
            return True
