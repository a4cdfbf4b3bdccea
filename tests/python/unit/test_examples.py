"""What the example applications make of a request, and of a value."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from database.errors import (
    DatabaseError,
    NoDatabaseError,
    OutcomeUnknown,
    ReadOnlyFallbackError,
    ReadOnlyPrimary,
    TransactionLost,
)
from examples.common import answers, asked
from examples.common.screens import SCREENS, SQL

STUDENT = UUID(int=5)
BAKU = timezone(timedelta(hours=4))


@pytest.mark.parametrize(("last", "first"), [("\u018fliyev", "O'\"x"), ("", ""), (None, None)])
def test_the_next_page_begins_after_the_last_row(last: str | None, first: str | None) -> None:
    rows = [{"last_name": last, "first_name": first, "id": STUDENT}]
    token = asked.following(rows, 1)
    assert token is not None
    assert asked.page({"after": token, "limit": "1"}) == {"limit": 1, "last_name": last, "first_name": first, "id": STUDENT}
    assert asked.following(rows, 2) is None
    assert asked.following([], 1) is None


@pytest.mark.parametrize("character", ["x", "\u018f", "\U000103a0", "\x01", '"'])
def test_the_next_page_has_an_address_that_servers_take(character: str) -> None:
    """gunicorn takes a request line of 4,094 bytes; names may have any length."""
    name = character * 5000
    token = asked.following([{"last_name": name, "first_name": name, "id": STUDENT}], 1)
    assert token is not None
    assert len(quote(token)) < 3000
    assert asked.page({"after": token})["first_name"] == character * 100


def test_the_first_page() -> None:
    assert asked.page({}) == {"limit": 50, "last_name": "", "first_name": "", "id": UUID(int=0)}


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1e2", "", "\u0663", "9" * 5000])
def test_limits_that_make_no_sense(limit: str) -> None:
    with pytest.raises(asked.BadRequestError):
        asked.page({"limit": limit})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"1", b"\xff", b'{"notes": 1}', b'{"notes": "\\u0000"}', b'{"notes": []}'])
def test_notes_that_make_no_sense(body: bytes) -> None:
    with pytest.raises(asked.BadRequestError):
        asked.notes(body)


def test_notes() -> None:
    assert asked.notes(b'{"notes": "x"}') == "x"
    assert asked.notes(b'{"notes": null}') is None


def test_the_header_wins_over_the_cookie() -> None:
    assert asked.user({"X-User-Id": str(STUDENT)}, {"user_id": "x"}) == STUDENT
    assert asked.user({}, {"user_id": str(STUDENT)}) == STUDENT
    assert asked.user({}, {}) is None


def test_json_does_not_depend_on_the_session() -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    row = {"id": STUDENT, "at": noon.astimezone(BAKU), "day": date(2024, 1, 1), "grade": Decimal("3.50")}
    body = answers.answer("/api/x", {"row": row}, answers.Origin("lms", noon.astimezone(BAKU)))
    wanted = {"id": str(STUDENT), "at": "2024-01-01T12:00:00+00:00", "day": "2024-01-01", "grade": "3.50"}
    assert json.loads(body.body) == {"row": wanted}
    assert body.headers["X-Data-As-Of"] == "2024-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "text"),
    [({"az": "a", "en": "b"}, "a"), ({"az": "", "en": "b"}, "b"), ({}, "\u2013"), (None, "\u2013"), (True, "yes"), (0, "0")],
)
def test_values_as_people_read_them(value: Any, text: str) -> None:
    assert answers.shown(value) == text


@pytest.mark.parametrize(
    ("error", "retry_after"),
    [
        (ReadOnlyFallbackError("x", retry_after=60), "60"),
        (ReadOnlyPrimary("x", retry_after=60), "60"),
        (NoDatabaseError("x", retry_after=1), "1"),
        (TransactionLost("x"), "1"),
        (OutcomeUnknown("x"), None),
    ],
)
def test_only_what_may_be_repeated_says_when(error: DatabaseError, retry_after: str | None) -> None:
    answer = answers.database_problem("/api/x", error)
    assert answer.status == 503
    assert answer.headers.get("Retry-After") == retry_after
    assert json.loads(answer.body)["detail"]


@pytest.mark.parametrize("screen", SCREENS.values(), ids=lambda screen: screen.name)
def test_a_screen_shows_columns_that_its_sql_has(screen: Any) -> None:
    text = (SQL / f"{screen.name}.sql").read_text(encoding="utf-8")
    used = [*screen.columns, *(name for path in screen.links.values() for name in re.findall(r"{(\w+)}", path))]
    assert [name for name in used if not re.search(rf"\b{name}\b", text)] == []
