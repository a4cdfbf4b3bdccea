"""What a page costs the audit's own Python, when nothing else runs: the profile behind the measurement `audit`."""

from __future__ import annotations

from collections.abc import Callable
from timeit import repeat

from requests_over import Keeping

from database.audit.requests import Requests
from database.audit.sink import encoded
from tests.bench.audit_clients import BROWSER

_TIMES, _ROUNDS = 2000, 5
_HEADERS = {**BROWSER, "Referer": "http://127.0.0.1:8000/students"}


def microseconds() -> dict[str, float]:
    """Of one page with its two events, by what is done."""
    recorder = Keeping()
    requests = Requests(recorder)

    def look() -> None:
        recorder.kept.clear()
        observation = requests.begin("GET", "/students", "", "127.0.0.1", _HEADERS.get)
        requests.responding(observation, 200, "text/html; charset=utf-8", _HEADERS.get)
        observation.user_id, observation.session_id, observation.route = "7", "0" * 32, "/students"
        requests.finish(observation)

    look()
    (finished,) = recorder.kept
    events = finished.ready()
    return {
        "what is seen, in the request": _best(look),
        "two events with values that PostgreSQL takes, in the writer": _best(finished.ready),
        "JSON, in the writer": _best(lambda: encoded([event.values for event in events])),
    }


def _best(work: Callable[[], object]) -> float:
    """The quickest round: the others were disturbed."""
    return min(repeat(work, number=_TIMES, repeat=_ROUNDS)) / _TIMES * 1e6
