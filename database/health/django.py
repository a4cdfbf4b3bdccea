"""The pages as Django views: `path("", include("database.health.django"))` in the project's urls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from database.connection_manager import DatabaseConnectionManager, get_db_manager
from database.health import pages


def _answer(make: Callable[[DatabaseConnectionManager], pages.Page], request: Any) -> Any:
    del request
    page = make(get_db_manager())
    return HttpResponse(page.body, status=page.status, content_type=page.content_type, headers=page.headers)


def _view(make: Callable[[DatabaseConnectionManager], pages.Page]) -> Callable[[HttpRequest], HttpResponse]:
    view: Callable[[HttpRequest], HttpResponse] = require_safe(partial(_answer, make))
    return view


live = _view(pages.live)
ready = _view(pages.ready)
status = _view(pages.status)
metrics = _view(pages.metrics)

app_name = "database_health"
urlpatterns = [
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
    path("health/status", status, name="status"),
    path("metrics", metrics, name="metrics"),
]
