"""What a request asks for: who asks, which page of the list, which notes. Every mistake is a `BadRequestError`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

NOBODY = UUID(int=0)
PAGE, LARGEST_PAGE, LONGEST_NOTES = 50, 200, 2000
INDEXED = 100
"""Characters of a name that the list is ordered by: see examples/sql/students_list.sql."""
USER_HEADER, USER_COOKIE = "X-User-Id", "user_id"


class BadRequestError(ValueError):
    """The request makes no sense; the text says why, and is shown."""


def user(headers: Mapping[str, str], cookies: Mapping[str, str]) -> UUID | None:
    """Who asks. The header stands for your sign-in: in earnest, only the proxy that signs people in may set it."""
    given = headers.get(USER_HEADER) or cookies.get(USER_COOKIE)
    try:
        return UUID(given) if given else None
    except ValueError:
        raise BadRequestError(f"{USER_HEADER} is not a UUID") from None


def form(body: bytes) -> dict[str, str]:
    """The fields of a form."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20))
    except ValueError:
        raise BadRequestError("the body is no form") from None


def page(query: Mapping[str, str]) -> dict[str, Any]:
    """Parameters of students_list.sql from `after` (the `next` of the page before) and `limit`."""
    given = query.get("limit", str(PAGE))
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= LARGEST_PAGE:
        raise BadRequestError(f"limit is a number from 1 to {LARGEST_PAGE}")
    return {"limit": int(given), **_key(query.get("after", ""))}


def _key(token: str) -> dict[str, Any]:
    if not token:
        return {"last_name": "", "first_name": "", "id": NOBODY}
    try:
        last_name, first_name, student = json.loads(base64.urlsafe_b64decode(token))
        named = isinstance(last_name, str) and isinstance(first_name, str) and "\0" not in last_name + first_name
        if not named and (last_name, first_name) != (None, None):
            raise ValueError("names are texts")
        return {"last_name": last_name, "first_name": first_name, "id": UUID(student)}
    except (ValueError, TypeError, AttributeError):
        raise BadRequestError("after is the `next` of the page before, unchanged") from None


def following(rows: list[dict[str, Any]], limit: int) -> str | None:
    """The token of the page after these rows; None: this is the last one.

    It goes into an address, which servers take up to some 4,000 bytes: so no more of the names than the order is made of.
    """
    if len(rows) < limit:
        return None
    last = rows[-1]
    names = [name and name[:INDEXED] for name in (last["last_name"], last["first_name"])]
    key = json.dumps([*names, str(last["id"])], ensure_ascii=False)
    return base64.urlsafe_b64encode(key.encode()).decode()


def notes(body: bytes) -> str | None:
    """The notes of `{"notes": "…"}`; null takes them away."""
    try:
        given = json.loads(body)["notes"]
    except (ValueError, TypeError, KeyError):
        raise BadRequestError('the body is {"notes": "…"} or {"notes": null}') from None
    if given is not None and not isinstance(given, str):
        raise BadRequestError("notes is a text, or null")
    return given if given is None else note(given)


def note(given: str) -> str:
    """The text of the notes."""
    if len(given) > LONGEST_NOTES or "\0" in given:
        raise BadRequestError(f"notes is a text of at most {LONGEST_NOTES} characters, or null")
    return given
