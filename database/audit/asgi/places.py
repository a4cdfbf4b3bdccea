"""Where a path of the application leads, without going there: FastAPI's and Starlette's routes, mounted ones among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.routing import Match

try:
    from fastapi import routing
except ImportError:  # Starlette by itself
    routing = None  # type: ignore[assignment]

_each: Callable[[Any], Iterable[Any]] = getattr(routing, "iter_route_contexts", iter)


def single(routes: Iterable[Any]) -> list[Any]:
    """Each route by itself: newer FastAPIs keep included routers, whose routes have other paths there. Slow: keep it."""
    return list(_each(routes))


def found(routes: Iterable[Any], path: str, *, root: str = "", headers: Iterable[Any] = ()) -> Mapping[str, Any] | None:
    """What a path holds, by the names of its route; None: it leads nowhere.

    Args:
        routes: of the application, each by itself.
        path: as the browser knows it.
        root: the application's, of which it may or may not see anything.
        headers: of the present request, for routes of one host only.
    """
    return _found(routes, {"type": "http", "method": "GET", "headers": headers, "path": path.removeprefix(root)})


def _found(routes: Iterable[Any], scope: dict[str, Any]) -> Mapping[str, Any] | None:
    partial = None
    for route in routes:
        match, more = route.matches(scope)
        if match is Match.NONE:
            continue
        found = more.get("path_params", {})
        inner = getattr(getattr(route, "original_route", route), "routes", None)
        if inner:
            found = _found(single(inner), {**scope, **more}) or found
        if match is Match.FULL:
            return found  # type: ignore[no-any-return]
        partial = found if partial is None else partial  # of another method
    return partial
