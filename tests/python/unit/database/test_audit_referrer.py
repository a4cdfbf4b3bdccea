"""Where a visitor came from: asked of the routes once, unless there may be a secret in it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pytest
from requests_over import Keeping

from database.audit.context import Observation
from database.audit.finished import Finished
from database.audit.requests import Requests

ROUTES: Mapping[str, Mapping[str, Any]] = {
    "/students": {},
    "/students/7": {"student_id": "7"},
    "/reset/abc": {"reset_token": "abc"},
}
SITE = "https://lms.example"


class Visit:
    """Pages of one site, each reached from somewhere."""

    def __init__(self) -> None:
        self.requests, self.asked = Requests(Keeping()), list[str]()
        self.routes = dict(ROUTES)

    def from_(self, referrer: str, realm: Hashable = "lms.example") -> str | None:
        """What is recorded."""
        seen = Observation("c", method="GET", path="/", viewed=("id", 1.0), referrer=referrer, realm=realm)
        seen.masker, seen.find, seen.parameters = self.requests.recorder.masker, self._find, {}
        self.requests.finish(seen)
        kept = self.requests.recorder.kept[-1]  # type: ignore[attr-defined]
        assert isinstance(kept, Finished)
        return kept.referrer

    def _find(self, path: str) -> Mapping[str, Any] | None:
        self.asked.append(path)
        return self.routes.get(path)


@pytest.mark.parametrize("path", ["/students", "/students/7", "/students?page=2"])
def test_a_page_of_the_site_is_looked_up_once(path: str) -> None:
    visit = Visit()
    assert [visit.from_(SITE + path) for _ in range(3)] == [SITE + path] * 3
    assert len(visit.asked) == 1


@pytest.mark.parametrize(
    ("path", "recorded"),
    [
        ("/reset/abc", "/reset/***"),
        ("/students?token=abc", "/students?token=***"),
        ("/students#token=abc", "/students"),
    ],
)
def test_one_with_a_secret_is_masked_each_time_and_kept_nowhere(path: str, recorded: str) -> None:
    visit = Visit()
    assert [visit.from_(SITE + path) for _ in range(3)] == [SITE + recorded] * 3
    assert "abc" not in repr(visit.requests._harmless)


def test_what_leads_nowhere_is_asked_for_again_because_it_may_lead_somewhere_tomorrow() -> None:
    visit = Visit()
    assert visit.from_(f"{SITE}/new/xyz") == f"{SITE}/new/xyz"
    visit.routes["/new/xyz"] = {"access_token": "xyz"}
    assert visit.from_(f"{SITE}/new/xyz") == f"{SITE}/new/***"


def test_the_same_address_may_lead_elsewhere_on_another_host() -> None:
    visit = Visit()
    assert visit.from_(f"{SITE}/students/7") == f"{SITE}/students/7"
    visit.routes["/students/7"] = {"pin": "7"}
    assert visit.from_(f"{SITE}/students/7", realm="other.example") == f"{SITE}/students/***"


def test_not_more_is_kept_than_fits() -> None:
    visit = Visit()
    for number in range(5000):
        visit.from_(f"{SITE}/students?page={number}")
    visit.from_(f"{SITE}/students?{'x' * 500}")
    kept = visit.requests._harmless
    assert 0 < len(kept) <= 2000
    assert max(len(referrer) for _, referrer in kept) <= 200
