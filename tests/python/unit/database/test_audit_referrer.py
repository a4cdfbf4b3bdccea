"""Where a visitor came from: asked of the routes once, unless there may be a secret in it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import httpx
import pytest
from requests_over import Keeping, Told
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Host, Route, Router

from database.audit.asgi import AuditMiddleware
from database.audit.context import Observation
from database.audit.finished import Finished
from database.audit.requests import Requests
from loader.project import Project

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
        self.seen(referrer, lambda: realm)
        kept = self.requests.recorder.kept[-1]  # type: ignore[attr-defined]
        assert isinstance(kept, Finished)
        return kept.referrer

    def seen(self, referrer: str, realm: Callable[[], Hashable]) -> None:
        """A page is finished."""
        seen = Observation("c", method="GET", path="/", viewed=("id", 1.0), referrer=referrer, parameters={})
        seen.masker, seen.framework = self.requests.recorder.masker, Told(self._find, realm)
        self.requests.finish(seen)

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
    assert max(len(repr(each)) for each in kept) <= 400
    visit.from_(f"{SITE}/students", realm="h" * 60_000)
    visit.from_(f"{SITE}/students/7", realm=None)
    assert max(len(repr(each)) for each in kept) <= 400
    assert None not in {realm for realm, _ in kept}


def test_a_realm_that_cannot_be_told_costs_no_event() -> None:
    visit = Visit()

    def broken() -> Hashable:
        raise RuntimeError

    visit.seen(f"{SITE}/reset/abc", broken)
    (kept,) = visit.requests.recorder.kept  # type: ignore[attr-defined]
    assert kept.referrer == f"{SITE}/reset/***"


def test_hosts_of_one_starlette_do_not_share_what_is_known() -> None:
    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse("<p>")

    hosts = {"a.example": "/x/{page}", "b.example": "/x/{token}"}
    app = Starlette(routes=[Host(host, Router([Route(path, page)])) for host, path in hosts.items()])
    recorder = Keeping()
    audited = AuditMiddleware(app, recorder=recorder)

    async def visit_all() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(audited)) as client:
            for host in (*hosts, *hosts):
                (await client.get(f"https://{host}/x/1", headers={"Referer": f"{SITE}/x/7"})).raise_for_status()

    asyncio.run(visit_all())
    assert [each.referrer for each in recorder.kept] == [f"{SITE}/x/7", f"{SITE}/x/***"] * 2  # type: ignore[attr-defined]


def test_urlconfs_of_one_django_do_not_share_what_is_known() -> None:
    program = """
import sys, types
sys.path.insert(0, "tests/python")
from django.conf import settings
settings.configure(ROOT_URLCONF=None, ALLOWED_HOSTS=["*"])
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path
from database.audit.django.middleware import AuditMiddleware
from database.audit.requests import Requests
from requests_over import Keeping

def page(request, **_):
    return HttpResponse("<p>")

urlconfs = []
for name in ("page", "token"):
    urlconfs.append(types.ModuleType(name))
    urlconfs[-1].urlpatterns = [path(f"x/<{name}>", page)]
middleware, recorder = AuditMiddleware(page), Keeping()
middleware.requests = Requests(recorder)
for urlconf in urlconfs * 2:
    request = RequestFactory().get("/x/1", headers={"Referer": "https://lms.example/x/7"})
    request.urlconf = urlconf
    middleware(request)
assert [each.referrer for each in recorder.kept] == ["https://lms.example/x/7", "https://lms.example/x/***"] * 2, recorder.kept
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Project.find().root)
