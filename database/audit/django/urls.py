"""The script for time on page, and what it reports to: `path("", include("database.audit.django.urls"))`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from database.audit import reports
from database.audit.context import current
from database.audit.recorder import get_recorder
from database.audit.reports import ReportError

app_name = "database_audit"


@require_safe
def page_script(request: Any) -> Any:
    """The script."""
    text, tag = reports.script()
    headers = {**reports.SCRIPT_HEADERS, "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(text, headers=headers)


@csrf_exempt
@require_POST
def views(request: HttpRequest) -> HttpResponse:
    """204: taken; 400: no report; 403: from another site (sendBeacon can carry no token; browsers say where it comes from)."""
    header = request.headers.get
    if not reports.is_own(header("Sec-Fetch-Site"), header("Origin"), request.get_host()):
        return HttpResponse(status=403)
    try:
        body = request.read(reports.LONGEST + 1)
        observation = current()
        if observation is not None:
            observation.noted.reported.append(reports.understand(body, observation, get_recorder().masker))
    except ReportError:
        return HttpResponse(status=400)
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


_prefix = get_recorder().config.pages_path.lstrip("/")
urlpatterns = [path(_prefix + "page.js", page_script, name="script"), path(_prefix + "views", views, name="views")]
