"""The course of a drill: lms well; refused, back; silent, back; flapping, back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any

from database.config import DatabaseConfig
from database.connection_manager import DatabaseConnectionManager
from database.drill.crowd import Crowd
from database.drill.path import Path
from database.drill.preflight import Stage
from database.drill.result import BACK, FLAPPING, REFUSED, SILENT, WARM_UP, Phase, missed

_TICK = 1.0
_LOOK = 0.02
_FLAPS = 4
PHASES = 7
Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller chooses: seconds of a phase at least, simulated users, and the limit for the way back in seconds."""

    seconds: float
    threads: int
    back_within: float


class Rehearsal:
    """One drill."""

    def __init__(self, stage: Stage, redirected: DatabaseConfig, options: Options, report: Report) -> None:
        """Nothing is opened.

        Args:
            stage: of `preflight.prepare`.
            redirected: likewise.
            options: see there.
            report: is told the progress, once a second and at the end of each phase.
        """
        self._stage, self._options, self._report = stage, options, report
        mark = f"{redirected.application_name} probe".encode() + b"\0"
        self._path = Path(stage.server, mark)
        self._config = redirected.model_copy(update={"lms_port": self._path.port})
        self._phases: list[Phase] = []

    def run(self) -> dict[str, Any]:
        """Do it; returns the document that `--json` prints."""
        began, stage = datetime.now(UTC), self._stage
        manager = DatabaseConnectionManager(self._config)
        with ExitStack() as opened:
            path = opened.enter_context(self._path)
            opened.callback(manager.close_all)
            crowd = opened.enter_context(Crowd(manager, stage.visitors, stage.screens, self._options.threads))
            self._crowd = crowd
            try:
                self._course(path)
            finally:
                path.repair()  # nobody waits for an answer that cannot come
            crowd.begin("")
            switches = manager.get_database_info()["switches"]
        most_probes = None if path.encrypted else path.most_probes
        failures = missed(self._phases, most_probes, self._options.back_within)
        return {
            "passed": not failures,
            "missed": failures,
            "began_at": began.isoformat(timespec="seconds"),
            "seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
            "threads": self._options.threads,
            "back_within_seconds": self._options.back_within,
            "fallback_published_at": stage.published_at,
            "phases": [phase.as_dict() for phase in self._phases],
            "writes_refused": sum(phase.writes_refused for phase in self._phases),
            "writes_through": sum(phase.writes_through for phase in self._phases),
            "most_probes_in_flight": most_probes,
            "switches": switches,
            "settings": {name: getattr(self._config, name) for name in _SETTINGS},
        }

    def _course(self, path: Path) -> None:
        config, seconds = self._config, self._options.seconds
        # what is under way at its beginning waits so long for its error; the rest of the phase is as long as any other
        silent = seconds + config.silence + config.connect_timeout
        self._phase(WARM_UP, lambda: None, seconds)
        for name, event, least, flap in (
            (REFUSED, path.refuse, seconds, False),
            (SILENT, path.go_silent, silent, False),
            (FLAPPING, path.refuse, seconds, True),
        ):
            self._phase(name, event, least, until=_on_fallback, flap=flap)
            if not _on_lms(self._phase(BACK, path.repair, seconds, until=_on_lms, at_most=self._options.back_within)):
                break  # without anybody on lms another outage shows nothing

    def _phase(
        self,
        name: str,
        event: Callable[[], None],
        seconds: float,
        *,
        until: Callable[[Phase], bool] = lambda _phase: True,
        at_most: float = 0.0,
        flap: bool = False,
    ) -> Phase:
        """Let something happen and watch.

        Args:
            name: of the phase.
            event: what happens at its beginning.
            seconds: how long it lasts at least.
            until: the phase goes on until this is the case,
            at_most: but not longer than so many seconds (or twice the usual time and what a caller may wait).
            flap: the way comes and goes meanwhile, and is broken at the end.
        """
        phase = self._crowd.begin(name)
        self._phases.append(phase)
        event()
        began = told = monotonic()
        longest = at_most or seconds * 2 + self._config.checkout_timeout + self._config.silence
        broken, slice_ = flap, seconds / _FLAPS
        while (spent := monotonic() - began) < seconds or (not until(phase) and spent < longest):
            sleep(_LOOK)
            if flap and broken != (int(spent / slice_) % 2 == 0):
                broken = not broken
                (self._path.refuse if broken else self._path.repair)()
            if monotonic() - told >= _TICK:
                told = monotonic()
                self._tell("tick", phase, spent)
        self._tell("phase", phase, monotonic() - began)
        return phase

    def _tell(self, event: str, phase: Phase, spent: float) -> None:
        place = {"event": event, "number": len(self._phases), "of": PHASES}
        self._report({**place, **phase.as_dict(), "seconds": round(spent, 1)})


_SETTINGS = ("pool_max", "checkout_timeout", "connect_timeout", "silence", "retry_seconds", "good_probes", "good_probe_seconds")


def _on_lms(phase: Phase) -> bool:
    return phase.to_lms_seconds is not None


def _on_fallback(phase: Phase) -> bool:
    return phase.to_fallback_seconds is not None
