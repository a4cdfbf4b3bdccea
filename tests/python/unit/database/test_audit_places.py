"""Where a path of a FastAPI or Starlette application leads: what its route finds in it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from requests_over import Told
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from database.audit.asgi import install, places
from database.audit.asgi.places import single
from database.audit.context import Observation, current
from database.audit.masking import Masker
from database.audit.recorder import Recorder


def nothing(**_parameters: Any) -> None:
    """A view."""


def application() -> FastAPI:
    app, router, inner = FastAPI(), APIRouter(), Starlette(routes=[Route("/door/{token:path}", nothing)])
    app.add_api_route("/reset/help", nothing)
    app.add_api_route("/reset/{token}", nothing, methods=["POST"])
    app.add_api_route("/reset/{code}", nothing)
    router.add_api_route("/invite/{token}", nothing)
    app.include_router(router, prefix="/teams/{team}")
    app.mount("/sub/{part}", inner)
    app.router.routes.append(Mount("/grouped", routes=[Route("/door/{token}", nothing)]))
    return app


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/reset/help", {}),
        ("/reset/abc", {"code": "abc"}),
        ("/teams/a/invite/abc", {"team": "a", "token": "abc"}),
        ("/sub/a/door/b/c", {"part": "a", "token": "b/c"}),
        ("/sub/a/elsewhere", {"part": "a"}),
        ("/grouped/door/abc", {"token": "abc"}),
        ("/root/grouped/door/abc", {"token": "abc"}),
        ("/nowhere", None),
        ("", None),
    ],
)
def test_what_a_path_holds(path: str, found: dict[str, str] | None) -> None:
    assert places.found(single(application().routes), path, root="/root") == found


def test_a_route_of_another_method_counts_when_there_is_no_other() -> None:
    app = Starlette(routes=[Route("/reset/{token}", nothing, methods=["POST"])])
    assert places.found(single(app.routes), "/reset/abc") == {"token": "abc"}


def test_a_secret_is_masked_before_the_route_is_taken() -> None:
    told = Told(partial(places.found, single(application().routes)))
    for path, masked in (("/teams/a/invite/abc", "/teams/a/invite/***"), ("/teams/a/invite/abc/", "/teams/a/invite/***/")):
        assert Observation("1", path=path, masker=Masker(), framework=told).masked_path == masked


def test_routes_that_fail_break_nothing() -> None:
    def find(_path: str) -> None:
        raise LookupError

    assert Observation("1", path="/a", masker=Masker(), framework=Told(find)).masked_path == "/a"


def test_the_template_of_a_route_has_the_prefix_of_its_router() -> None:
    app, router, seen = FastAPI(), APIRouter(), []

    @router.get("/invite/{token}")
    def invite(token: str) -> int:
        seen.append(current())
        return len(token)

    app.include_router(router, prefix="/teams/{team}")
    install(app, recorder=Recorder({"enabled": False}))

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site") as client:
            (await client.get("/teams/a/invite/abc")).raise_for_status()

    asyncio.run(ask())
    ((route, path),) = [(each.route, each.masked_path) for each in seen if each is not None]
    assert (route, path) == ("/teams/{team}/invite/{token}", "/teams/a/invite/***")


def test_the_audit_comes_before_the_start() -> None:
    app, recorder = application(), Recorder({"enabled": False})
    install(app, recorder=recorder)
    app.middleware_stack = app.build_middleware_stack()
    with pytest.raises(RuntimeError, match="before the application starts"):
        install(app, recorder=recorder)
