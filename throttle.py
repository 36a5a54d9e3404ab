"""How often something may be tried: so many in a while by one address, and so many by all together."""

import threading
import time
from collections import deque


class Throttle:
    """Counts tries. `each` by one address and `together` by all, within `seconds`; None sets no limit."""

    def __init__(self, *, each: int | None = None, together: int | None = None, seconds: float = 60):
        self._each, self._together, self._seconds = each, together, seconds
        self._tries: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def allows(self, address: str) -> bool:
        """Count one more try; False when there were too many, and then it does not count."""
        now = time.monotonic()
        with self._lock:
            while self._tries and now - self._tries[0][0] > self._seconds:
                self._tries.popleft()
            by_all, by_one = len(self._tries), sum(a == address for _, a in self._tries)
            if by_all == self._together or by_one == self._each:
                return False
            self._tries.append((now, address))
            return True

    def take_back(self, address: str) -> None:
        """The latest try by this address was none after all."""
        with self._lock:
            last = next((one for one in reversed(self._tries) if one[1] == address), None)
            if last:
                self._tries.remove(last)
