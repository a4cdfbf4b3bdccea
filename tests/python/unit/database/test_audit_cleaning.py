"""Whatever an event holds: what comes out is JSON that PostgreSQL takes (see also the integration tests)."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_over import finished

from database.audit import events, reports
from database.audit.cleaning import row, text
from database.audit.context import Observation, correlation
from database.audit.events import Event, Kind
from database.audit.identifiers import born, uuid7
from database.audit.masking import Masker
from database.audit.reports import ReportError

ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.uuids()
    | st.decimals(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=30,
)
COLUMNS = st.sampled_from(["user_id", "request_path", "ip_address", "response_status", "action_details", "anything"])


@given(st.dictionaries(COLUMNS, ANY))
def test_rows_are_json_of_utf_8_without_nul(values: dict[str, Any]) -> None:
    made = json.dumps(row(values), allow_nan=False)
    assert "\\u0000" not in made
    json.loads(made.encode()).__repr__().encode()


@given(st.text(alphabet=st.characters(), max_size=50), st.integers(1, 20))
def test_texts(value: str, longest: int) -> None:
    made = text(value, longest)
    assert len(made) <= longest
    made.encode()


def test_surrogates_that_belong_together_become_their_character() -> None:
    assert text("\ud83d\ude00 \ud800") == "\U0001f600 \ufffd"


def test_columns() -> None:
    assert row({"ip_address": "not one", "response_status": 2**40, "user_id": 7, "entity_id": UUID(int=1)}) == {
        "ip_address": None, "response_status": None, "user_id": "7", "entity_id": str(UUID(int=1)),
    }  # fmt: skip
    assert row({"ip_address": "192.0.2.0/24"})["ip_address"] == "192.0.2.0/24"
    assert row({"ip_address": "fe80::1%eth0"}) == {"ip_address": "fe80::1"}
    assert row({"ip_address": 10**5000}) == {"ip_address": None}
    assert row({"response_status": "200", "user_agent": "a\0b"}) == {"response_status": None, "user_agent": "a\ufffdb"}
    assert len(row({"request_path": "/x" * 9999})["request_path"]) == 500
    assert row({"action_details": {"x": ["y" * 4000] * 99}})["action_details"]["left_out"] > 32_768


@given(st.floats(0, 4e9))
def test_ids_carry_their_time(at: float) -> None:
    made = UUID(uuid7(at))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    found = born(made)
    assert found is not None
    assert abs(found.timestamp() - at) <= 0.0011
    assert born(UUID(int=made.int ^ 1 << 76)) is None


@given(st.floats(0, 4e9))
def test_times_are_those_of_python(at: float) -> None:
    found = datetime.fromisoformat(events.instant(at))
    assert found.utcoffset() == timedelta(0)
    assert abs(found - datetime.fromtimestamp(at, UTC)) <= timedelta(microseconds=1)


def test_a_time_long_ago_has_four_digits_of_a_year() -> None:
    assert events.instant(-5e10) == "0385-07-25T07:06:40.000000+00:00"


@given(st.floats(0, 4e9))
def test_a_view_has_the_time_that_the_browser_sends_back(at: float) -> None:
    view_id = uuid7(at)
    _, view = finished(viewed=(view_id, at)).ready()
    assert datetime.fromisoformat(view.values["view_timestamp"]) == born(UUID(view_id))


def test_ids_are_new_and_ascend() -> None:
    made = [uuid7(1_000_000 + number) for number in range(1000)]
    assert sorted(made) == made
    assert len({uuid7(7) for _ in range(1000)}) == 1000


def test_views_and_sessions_of_a_batch_are_one_row_each() -> None:
    server: dict[str, Any] = {"view_id": "v", "metadata": {"source": "server"}, "user_id": "7", "page_path": "/a"}
    browser = {"view_id": "v", "metadata": {"source": "script"}, "user_id": "8", "page_title": "A", "time_on_page_seconds": 3.5}
    later = {**browser, "time_on_page_seconds": 2.0}
    for order in ([server, browser, later], [later, browser, server], [browser, server, later]):
        (made,) = events.merged(Event(Kind.VIEW, values) for values in order)
        assert made == {**server, "page_title": "A", "time_on_page_seconds": 3.5}
    opened, ended = events.session("s", at=10, user_id="7").values, events.session("s", at=20, ended="logout").values
    for pair in ([opened, ended], [ended, opened]):
        (made,) = events.merged(Event(Kind.SESSION, values) for values in pair)
        assert (made["login_timestamp"], made["logout_timestamp"]) == (events.instant(10), events.instant(20))
        assert (made["user_id"], made["end_reason"]) == ("7", "logout")


def test_who_is_cancelled_has_made_no_error() -> None:
    observation = Observation("c")
    observation.note_error(asyncio.CancelledError())
    assert (observation.error, observation.noted.metadata) == (None, {"cancelled": True})
    observation.note_error(LookupError())
    assert observation.error is not None


@pytest.mark.parametrize("given", ["abc-123", "7f3c:1/2", "A" * 128])
def test_harmless_correlation_ids_are_kept(given: str) -> None:
    assert correlation(given) == given


@pytest.mark.parametrize("given", [None, "", "a b", "x\r\nSet-Cookie: a=b", "A" * 129, "é", "<script>", "-a"])
def test_others_are_replaced(given: str | None) -> None:
    assert correlation(given) != given
    assert correlation(given).isalnum()


def report(**changes: Any) -> bytes:
    given = {
        "id": uuid7(time.time()),
        "path": "/students?token=abc",
        "title": "Students",
        "referrer": "",
        "seconds": 1.5,
        **changes,
    }
    return json.dumps(given).encode()


def understood(body: bytes) -> Event:
    return reports.understand(body, Observation("c"), Masker())


def test_a_report() -> None:
    made = understood(report()).values
    assert (made["page_path"], made["page_title"], made["time_on_page_seconds"]) == ("/students", "Students", 1.5)


def test_the_time_of_a_browser_whose_clock_is_ahead() -> None:
    assert understood(report(id=uuid7(time.time() + 200), seconds=100)).values["time_on_page_seconds"] == 100


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        ("/app?a=1#/students/7?token=x", "/app#/students/7"), ("/app#!/students", "/app#!/students"), ("/app#students", "/app"),
        ("/app#/token/hunter2", "/app#/token/***"), ("/app#/a#b", "/app#/a"), ("/app#", "/app"), ("/app#/", "/app#/"),
    ],
)  # fmt: skip
def test_a_route_behind_the_hash(path: str, recorded: str) -> None:
    assert understood(report(path=path)).values["page_path"] == recorded


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"\xff", b"[" * 9000, b"[" * 8000, report(id="x"), report(id=str(UUID(int=7))), report(id=None),
        report(id=uuid7(time.time() - 2 * 86400)), report(id=uuid7(time.time() + 3600)),
        report(seconds=-1), report(seconds=1e9), report(seconds=float("nan")), report(seconds="1"), report(seconds=True),
        report(path="javascript:alert(1)"), report(path=7), report(title=["x"]), report(title="x" * 9000),
    ],
)  # fmt: skip
def test_reports_that_are_none(body: bytes) -> None:
    with pytest.raises(ReportError):
        understood(body)


@given(st.binary(max_size=300) | ANY.map(lambda value: json.dumps(value, default=str).encode()))
def test_whatever_is_sent(body: bytes) -> None:
    with pytest.raises(ReportError):
        understood(body)


@pytest.mark.parametrize(
    ("site", "origin", "is_own"),
    [("same-origin", None, True), ("cross-site", None, False), ("same-site", "http://x", False), (None, "http://x", True),
     (None, "http://evil", False), (None, None, True)],
)  # fmt: skip
def test_other_sites_report_nothing(site: str | None, origin: str | None, is_own: bool) -> None:
    assert reports.is_own(site, origin, "x") == is_own
