"""Django, as its documentation says; served by gunicorn with two workers. Settings, addresses and views in one file."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

SECRET_KEY = os.environ.get("SITE_KEY", "x")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "database.audit.django",
]
MIDDLEWARE = [
    "database.audit.django.middleware.AuditMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
AUTHENTICATION_BACKENDS = [f"{__name__}.Right"]
DATABASES = {"default": {"ENGINE": "database.django_backend"}}
EDU2LMS_AUDIT_USER = f"{__name__}.user_of_token"
USE_TZ = True
LOGGING_CONFIG = None


def user_of_token(request: Any) -> str | None:
    token = request.headers.get("Authorization")
    return str(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["sub"]) if token else None


class Right:
    """Everybody whose password is right; users without a table."""

    def authenticate(self, _request: Any, username: str, password: str) -> Any:
        return self.get_user(username) if password == "right" else None

    def get_user(self, user_id: Any) -> Any:
        from django.contrib.auth.models import User

        return User(pk=int(user_id), username=str(user_id), password="!")


def application(environ: Any, start_response: Any) -> Any:
    global _made
    if _made is None:
        _made = _make()
    return _made(environ, start_response)


_made: Any = None
_made_async: Any = None


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    """The same for uvicorn."""
    global _made_async
    if _made_async is None:
        from django.core.asgi import get_asgi_application

        from database.audit.django.asgi import with_lifespan

        _make()
        _made_async = with_lifespan(get_asgi_application())
    await _made_async(scope, receive, send)


def _make() -> Any:
    from django.contrib.auth.signals import user_logged_in
    from django.core.wsgi import get_wsgi_application

    made = get_wsgi_application()
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    return made


def _urls() -> list[Any]:
    from asgiref.sync import sync_to_async
    from django.contrib import auth
    from django.core.handlers.asgi import ASGIRequest
    from django.db import connection, transaction
    from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
    from django.urls import include, path
    from django.views.decorators.http import etag

    from database.audit import context

    class Handled(Exception):
        pass

    def page(_request: Any, number: int) -> Any:
        return HttpResponse(f"<title>Page {number}</title><h1>{number}</h1><p>{os.getpid()}</p>")

    async def read(_request: Any) -> Any:
        return JsonResponse({"pid": os.getpid()})

    def login(request: Any) -> Any:
        form = json.loads(request.body)
        user = auth.authenticate(request, **form)
        if user is None:
            return JsonResponse({}, status=403)
        auth.login(request, user)
        return JsonResponse({"session": request.session["audit_session_id"]})

    def logout(request: Any) -> Any:
        auth.logout(request)
        return JsonResponse({})

    def change(number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("update notes set notes = notes || '!' where id = %s", (number,))

    def notes(_request: Any, number: int) -> Any:
        change(number)  # by itself
        return JsonResponse({})

    async def twice(_request: Any, number: int) -> Any:
        def both() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select 1")
                change(number)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select 1")
                change(number)

        await sync_to_async(both)()
        return JsonResponse({})

    def again(_request: Any, number: int) -> Any:
        for by_hand in (True, False):
            with transaction.atomic():
                if by_hand:
                    savepoint = transaction.savepoint()
                    change(number)
                    transaction.savepoint_rollback(savepoint)
                else:
                    with contextlib.suppress(Handled), transaction.atomic():
                        change(number)
                        raise Handled
                change(number)
        return JsonResponse({})

    def boom(_request: Any) -> Any:
        raise LookupError("on purpose")

    def handled(_request: Any) -> Any:
        try:
            raise Handled
        except Handled as error:
            context.note_error(error)
        return JsonResponse({}, status=503)

    def stream(request: Any) -> Any:
        def parts() -> Iterator[bytes]:
            for _ in range(200):
                yield b"x" * 10_000
                time.sleep(0.02)

        async def aparts() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield b"x" * 10_000
                await asyncio.sleep(0.02)

        is_async = isinstance(request, ASGIRequest)
        return StreamingHttpResponse(aparts() if is_async else parts(), content_type="text/plain")

    def die(_request: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    return [
        path("rest", _rest_view()),
        path("page/<int:number>", page),
        path("tagged", etag(lambda _request: '"1"')(lambda _request: HttpResponse("<h1>tagged</h1>"))),
        path("read", read),
        path("reset/<str:token>", lambda _request, **_parameters: JsonResponse({})),
        path("login", login),
        path("logout", logout),
        path("notes/<int:number>", notes),
        path("twice/<int:number>", twice),
        path("again/<int:number>", again),
        path("boom", boom),
        path("handled", handled),
        path("stream", stream),
        path("die", die),
        path("", include("database.audit.django.urls")),
        path("", include("database.health.django")),
    ]


def _rest_view() -> Any:
    from rest_framework import authentication, permissions, renderers, response, views

    class ByKey(authentication.BaseAuthentication):
        def authenticate(self, request: Any) -> Any:
            key = request.headers.get("X-Api-Key")
            return (Right().get_user(key), None) if key else None

    class Rest(views.APIView):
        authentication_classes = (ByKey,)
        permission_classes = (permissions.AllowAny,)
        renderer_classes = (renderers.JSONRenderer,)

        def get(self, _request: Any) -> Any:
            return response.Response({})

    return Rest.as_view()


def __getattr__(name: str) -> Any:
    """Addresses are looked up after the settings are complete."""
    if name == "urlpatterns":
        globals()["urlpatterns"] = _urls()
        return globals()["urlpatterns"]
    raise AttributeError(name)
