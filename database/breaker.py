"""The circuit breaker: closed (in use), open (out), half-open (good again, not yet often enough).

Only the monitor's thread changes it; everybody may read it, because a state is one object that is replaced as a whole.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from database.outage import Health, Reason, Verdict

_LONGEST_PENANCE = 8


class Position(StrEnum):
    """Where the breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class State:
    """Since when it stands where, and why."""

    position: Position = Position.CLOSED
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    reason: Reason | None = None
    detail: str = ""
    good: int = 0
    """Good probes in a row, while half-open."""


class Breaker:
    """Decides from verdicts when a database is out and when it is back."""

    def __init__(self, good_probes: int, calm_seconds: float) -> None:
        """A closed breaker: the database counts as well until the contrary is seen.

        Args:
            good_probes: so many good verdicts in a row close it again.
            calm_seconds: out again within this time after its return doubles the number of good verdicts (at most 8-fold),
                so that a database that comes and goes does not take the application along.
        """
        self._good_probes = good_probes
        self._calm_seconds = calm_seconds
        self._penance = 1
        self._closed_at = float("-inf")
        self.state = State()
        self.last: Verdict | None = None
        """What was seen last."""
        self.verified = False
        """Whether it was seen good, or out, at least once."""

    @property
    def is_closed(self) -> bool:
        """Whether the database is in use."""
        return self.state.position is Position.CLOSED

    @property
    def is_busy(self) -> bool:
        """Whether the server was full when it was last looked at."""
        return self.last is not None and self.last.health is Health.BUSY

    @property
    def is_refusing(self) -> bool:
        """Whether the server let nobody in when it was last looked at."""
        return self.last is not None and self.last.health is Health.DENIED

    @property
    def needed(self) -> int:
        """How many good verdicts in a row close it."""
        return self._good_probes * self._penance

    def see(self, verdict: Verdict, *, at_once: bool = False) -> bool:
        """Take a verdict in.

        Args:
            verdict: what a probe, or a connection attempt that timed out, has found.
            at_once: one good verdict is enough (there is nothing better to use).

        Returns:
            whether the database came into use, or went out of it, by this.
        """
        self.last = verdict
        if verdict.health is Health.OUT:
            self.verified = True
            return self._open(verdict)
        if verdict.health is Health.GOOD:
            self.verified = True
            return self._good(at_once)
        if self.state.position is Position.HALF_OPEN:  # it answers, but nobody would get in
            self.state = State(Position.OPEN, self.state.since, self.state.reason, f"{verdict.health}: {verdict.detail}")
        return False

    def _open(self, verdict: Verdict) -> bool:
        was_closed = self.is_closed
        if was_closed:
            soon = time.monotonic() - self._closed_at < self._calm_seconds
            self._penance = min(self._penance * 2, _LONGEST_PENANCE) if soon else 1
        since = datetime.now(UTC) if was_closed else self.state.since
        self.state = State(Position.OPEN, since, verdict.reason, verdict.detail)
        return was_closed

    def _good(self, at_once: bool) -> bool:
        if self.is_closed:
            return False
        good = self.state.good + 1
        if at_once or good >= self.needed:
            self._closed_at = time.monotonic()
            self.state = State()
            return True
        self.state = State(Position.HALF_OPEN, self.state.since, self.state.reason, self.state.detail, good)
        return False
