"""What a drill found out: figures of each phase, and which thresholds were missed."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

DETECTION = 2.0
"""Seconds until the first answer from the fallback when lms refuses connections."""
WARM_UP, REFUSED, SILENT, FLAPPING, BACK = "warm-up", "refused", "silent", "flapping", "back"
ERRORS = 0.01
"""Share of requests that may fail in an outage and the way back, together."""


@dataclass(slots=True)
class Phase:
    """Figures of one phase; a request counts where it ended, times are in seconds or milliseconds as named.

    Attributes:
        name: `warm-up`, `refused`, `silent`, `flapping`, or `back`.
        seconds: how long it lasted.
        on_lms: requests that lms answered.
        on_edu: those that the fallback answered.
        errors: the others, by type.
        first_error: in words.
        longest_ms: the longest that a request took, failed ones included.
        writes_refused: writes that the fallback's role refused.
        writes_through: writes that it would have let through.
        to_fallback_seconds: from the beginning of the phase to the first answer of the fallback; only told of outages.
        to_lms_seconds: from the beginning of the phase to the first answer of lms to a request that was made in it; only told of
            ways back, which begin when lms answers again.
    """

    name: str
    seconds: float = 0.0
    on_lms: int = 0
    on_edu: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    first_error: str = ""
    writes_refused: int = 0
    writes_through: int = 0
    to_fallback_seconds: float | None = None
    to_lms_seconds: float | None = None
    milliseconds: list[float] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Requests without an answer."""
        return sum(self.errors.values())

    @property
    def requests(self) -> int:
        """All of them."""
        return self.on_lms + self.on_edu + self.failed

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, with percentiles instead of single times."""
        document = asdict(self)
        times = document.pop("milliseconds")
        document["errors"] = dict(self.errors)
        if self.name != BACK:
            document["to_lms_seconds"] = None
        if self.name in (BACK, WARM_UP):
            document["to_fallback_seconds"] = None
        for name in ("seconds", "to_fallback_seconds", "to_lms_seconds"):
            document[name] = None if document[name] is None else round(document[name], 3)
        return {
            **document,
            "requests": self.requests,
            "error_rate": round(self.failed / self.requests, 6) if self.requests else 0.0,
            "requests_per_second": round(self.requests / self.seconds, 1) if self.seconds else 0.0,
            **{f"p{percent}_ms": percentile(times, percent) for percent in (50, 95, 99)},
            "longest_ms": round(max(times), 3) if times else None,
        }


def percentile(times: Sequence[float], percent: int) -> float | None:
    """None when there is nothing to divide."""
    if len(times) < 2:
        return round(times[0], 3) if times else None
    return round(statistics.quantiles(times, n=100, method="inclusive")[percent - 1], 3)


def missed(phases: Sequence[Phase], most_probes: int | None, back_within: float) -> list[str]:
    """What did not go as it must, one sentence each; empty: the drill is passed.

    Args:
        phases: in the order of the drill; each outage is followed by its way back.
        most_probes: probes of lms that were under way at a time; None when that cannot be seen.
        back_within: seconds after which the application must be back on lms.
    """
    found = []
    for number, phase in enumerate(phases):
        if phase.name == BACK:
            if phase.to_lms_seconds is None or phase.to_lms_seconds > back_within:
                found.append(f"after {phases[number - 1].name}: not back on lms within {back_within:g} s; the drill ended there")
            continue
        if phase.name != WARM_UP and phase.to_fallback_seconds is None:
            found.append(f"{phase.name}: the fallback never answered")
        together = [phase, *(each for each in phases[number + 1 : number + 2] if each.name == BACK)]
        failed, requests = sum(each.failed for each in together), sum(each.requests for each in together)
        what = phase.name if len(together) == 1 else f"{phase.name} and the way back"
        if not requests:
            found.append(f"{what}: no request came to an end")
        elif failed >= ERRORS * requests:
            first = next((each.first_error for each in together if each.first_error), "no words")
            found.append(f"{what}: {failed:,} of {requests:,} requests failed (limit {ERRORS:.0%}): {first}")
        if phase.name == WARM_UP and phase.on_edu:
            found.append(f"warm-up: {phase.on_edu:,} requests were answered by the fallback although lms was well")
        if phase.name == REFUSED and (phase.to_fallback_seconds or 0.0) > DETECTION:
            found.append(
                f"refused: the first answer of the fallback came after {phase.to_fallback_seconds:.2f} s, not {DETECTION:g}"
            )
    through, refused = sum(each.writes_through for each in phases), sum(each.writes_refused for each in phases)
    if through:
        found.append(f"the fallback's role may write: {through:,} writes were not refused (run `edu2lms fallback publish`)")
    elif not refused:
        found.append("no write was tried on the fallback: that it refuses them is not proven")
    if most_probes is not None and most_probes > 1:
        found.append(f"{most_probes} probes of lms were under way at the same time")
    return found
