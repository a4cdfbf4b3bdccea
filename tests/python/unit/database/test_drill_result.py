"""Every threshold of a drill rings by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from database.drill.result import BACK, FLAPPING, REFUSED, SILENT, WARM_UP, Phase, missed


def good() -> list[Phase]:
    phases = [Phase(WARM_UP, 10, on_lms=1000)]
    for name in (REFUSED, SILENT, FLAPPING):
        phases.append(Phase(name, 10, on_edu=990, errors=Counter(TransactionLost=10), writes_refused=99, to_fallback_seconds=0.1))
        phases.append(Phase(BACK, 60, on_lms=1000, on_edu=1000, to_lms_seconds=59.0, to_fallback_seconds=0.01))
    return phases


def _never_on_fallback(phases: list[Phase]) -> None:
    phases[3].to_fallback_seconds = None


def _late(phases: list[Phase]) -> None:
    phases[1].to_fallback_seconds = 2.01


def _errors(phases: list[Phase]) -> None:
    phases[5].errors = Counter(TransactionLost=10, PoolExhausted=30)
    phases[5].first_error = "PoolExhausted: no connection"


def _errors_while_well(phases: list[Phase]) -> None:
    phases[0].errors = Counter(QueryCanceled=11)


def _fallback_while_well(phases: list[Phase]) -> None:
    phases[0].on_edu = 1


def _never_back(phases: list[Phase]) -> None:
    phases[6].to_lms_seconds = None


def _late_back(phases: list[Phase]) -> None:
    phases[2].to_lms_seconds = 120.5


def _written(phases: list[Phase]) -> None:
    phases[1].writes_through = 1


def _no_write_tried(phases: list[Phase]) -> None:
    for phase in phases:
        phase.writes_refused = 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_never_on_fallback, "silent: the fallback never answered"),
        (_late, "refused: the first answer of the fallback came after 2.01 s"),
        (_errors, "flapping and the way back: 40 of 3,030 requests failed (limit 1%): PoolExhausted: no connection"),
        (_errors_while_well, "warm-up: 11 of 1,011 requests failed"),
        (_fallback_while_well, "warm-up: 1 requests were answered by the fallback"),
        (_never_back, "after flapping: not back on lms within 120 s"),
        (_late_back, "after refused: not back on lms within 120 s"),
        (_written, "the fallback's role may write: 1 writes"),
        (_no_write_tried, "is not proven"),
    ],
)
def test_each_threshold_rings(spoil: Callable[[list[Phase]], None], said: str) -> None:
    phases = good()
    spoil(phases)
    (sentence,) = missed(phases, 1, 120)
    assert said in sentence


def test_a_good_drill_misses_nothing() -> None:
    assert missed(good(), 1, 120) == []
    assert missed(good(), None, 120) == [], "over TLS probes cannot be told from others"


def test_two_probes_at_a_time_ring() -> None:
    assert missed(good(), 2, 120) == ["2 probes of lms were under way at the same time"]


def test_a_phase_without_any_request_is_no_success() -> None:
    assert missed([Phase(WARM_UP, 10, writes_refused=1)], 1, 120) == ["warm-up: no request came to an end"]


def test_figures_of_a_phase() -> None:
    phase = Phase(BACK, 2.0, on_lms=3, errors=Counter(TransactionLost=1), to_lms_seconds=1.23456, to_fallback_seconds=0.01)
    phase.milliseconds = [1.0, 2.0, 3.0, 400.0]
    document = phase.as_dict()
    assert (document["requests"], document["requests_per_second"], document["error_rate"]) == (4, 2.0, 0.25)
    assert (document["p50_ms"], document["longest_ms"]) == (2.5, 400.0)
    assert (document["to_lms_seconds"], document["to_fallback_seconds"]) == (1.235, None), "the way back is to lms"
