"""Where a path of the application leads, without going there: Django's URLconf."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.translation import get_language

_NAME = re.compile(r"[<:](\w+)>")


@lru_cache(maxsize=1024)
def _names(route: str) -> frozenset[str]:
    return frozenset(_NAME.findall(route))


def captured(match: Any) -> dict[str, Any]:
    """What a route has found in the path, by name; what the URLconf adds to the view's arguments is not in the path."""
    names = _names(match.route)
    return {name: value for name, value in match.kwargs.items() if name in names}


def realm(request: Any) -> tuple[object, ...]:
    """What else decides where a path leads."""
    return request.META.get("HTTP_HOST"), get_script_prefix(), get_language(), str(getattr(request, "urlconf", None))


def found(request: Any, path: str) -> dict[str, Any] | None:
    """The same of any path; None: it leads nowhere."""
    try:
        match = resolve("/" + path.removeprefix(get_script_prefix()).lstrip("/"), getattr(request, "urlconf", None))
    except Resolver404:
        return None
    return captured(match)
