"""The one place that knows the time. A simulated day runs its clock faster."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Clock:
    """The clinic's time: real, or from `start` at `speed` times the real pace."""

    speed: float = 1.0
    start: datetime | None = None
    _since: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The clinic's time now, in UTC."""
        if self.start is None and self.speed == 1:
            return datetime.now(UTC)
        return self._begun.astimezone(UTC) + timedelta(seconds=(time.monotonic() - self._since) * self.speed)

    def real_seconds(self, clinic_seconds: float) -> float:
        """How long that much of the clinic's time takes."""
        return clinic_seconds / self.speed

    @property
    def _begun(self) -> datetime:
        return self.start or _STARTED


_STARTED = datetime.now(UTC)


def real_time() -> datetime:
    """The real time, whatever pace the clinic's clock has: for what is about doors and machines."""
    return datetime.now(UTC)
