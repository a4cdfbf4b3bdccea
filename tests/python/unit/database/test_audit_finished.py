"""A request that is over: what waits in the queue holds no secret and nothing of the framework's, and has all its events."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from requests_over import Keeping, finished

from database.audit.asgi import AuditMiddleware
from database.audit.asgi.watch import Application, Message, Receive, Scope, Send
from database.audit.context import Observation, current, identify, note, observing
from database.audit.events import Kind
from database.audit.finished import Finished
from database.audit.identifiers import chance, uuid7
from database.audit.recorder import Recorder
from database.audit.sink import encoded
from database.audit.spool import Spool

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"
HEADERS = [(b"referer", f"https://lms.example/back?token=1&next={JWT}".encode()), (b"user-agent", b"a\xffb")]


class Held:
    """Something of the framework's."""


async def page(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<p>"})


async def receive() -> Message:
    return {"type": "http.request"}


async def send(_message: Message) -> None:
    """To nobody."""


def visited(recorder: Recorder, held: object, path: str = f"/a/{JWT}", app: Application = page, headers: Any = HEADERS) -> None:
    """One request through the middleware."""
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"password=x", "headers": headers, "held": held}
    asyncio.run(AuditMiddleware(app, recorder=recorder)(scope, receive, send))


@pytest.mark.parametrize(("path", "kept"), [("/a", 1), ("/static/a.css", 0)])
def test_nothing_of_a_request_waits_for_the_garbage_collector(path: str, kept: int) -> None:
    recorder, held = Keeping(), Held()
    gone = weakref.ref(held)
    gc.collect()
    gc.disable()
    try:
        visited(recorder, held, path)
        del held
        assert gone() is None
    finally:
        gc.enable()
    assert len(recorder.kept) == kept


def test_nor_does_anything_of_one_of_django() -> None:
    program = """
import gc, weakref
from django.conf import settings
settings.configure(ROOT_URLCONF=None, ALLOWED_HOSTS=["*"])
from django.http import HttpResponse
from django.test import RequestFactory
from database.audit.django.middleware import AuditMiddleware

middleware, request = AuditMiddleware(lambda request: HttpResponse("<p>")), RequestFactory().get("/a")
middleware.requests  # made before
gone = weakref.ref(request)
gc.collect()
gc.disable()
middleware(request)
del request
assert gone() is None
"""
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "AUDIT_ENABLED": "false"})


def test_a_request_under_way_is_few_objects_for_the_garbage_collector() -> None:
    """It looks for garbage when 700 more have come than gone, and in all requests that are under way.

    In a process of its own: here, other threads make objects, too.
    """
    program = f"""
import asyncio, gc
from requests_over import Keeping
from database.audit.asgi import AuditMiddleware

counted = []
scope = {{"type": "http", "method": "GET", "path": "/a", "query_string": b"", "headers": {HEADERS!r}}}

async def counting(scope, receive, send):
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/html")]}})
    await send({{"type": "http.response.body", "body": b"<p>"}})
    counted.append(len(gc.get_objects()))

async def receive():
    return {{"type": "http.request"}}

async def send(_message):
    pass

def objects(app):
    async def go():
        for _ in range(3):  # what is kept for all requests is there after the first
            before = len(gc.get_objects())
            await app(dict(scope), receive, send)
        return counted[-1] - before
    return asyncio.run(go())

gc.collect()
gc.disable()
print(objects(AuditMiddleware(counting, recorder=Keeping())) - objects(counting))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    counted = subprocess.run([sys.executable, "-c", program], check=True, env=environment, stdout=subprocess.PIPE).stdout
    assert 0 < int(counted) <= 16


class Wrapped:
    """An application that calls something else its routes."""

    def routes(self) -> None:
        """No list."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await page(scope, receive, send)


async def strange(scope: Scope, receive: Receive, send: Send) -> None:
    """It was routed by something that cannot tell its path."""

    class Route:
        @property
        def path_format(self) -> str:
            raise RuntimeError("not now")

    scope["route"] = Route()
    await page(scope, receive, send)


@pytest.mark.parametrize("app", [Wrapped(), strange])
def test_what_cannot_tell_its_routes_is_served_and_recorded(app: Application) -> None:
    recorder = Keeping()
    visited(recorder, Held(), app=app)
    (finished,) = recorder.kept
    assert isinstance(finished, Finished)
    assert (finished.status, finished.action, finished.route) == (200, "page_view", None)


def test_what_waits_holds_no_secret_and_stays_as_it_was() -> None:
    recorder, seen = Keeping(), []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(current())
        note(token=JWT)
        await page(scope, receive, send)

    visited(recorder, Held(), app=noting)
    (finished,) = recorder.kept
    assert JWT not in repr(finished)
    for observation in filter(None, seen):  # a task of the request goes on
        observation.user_id, observation.viewed = "system", None
        observation.noted.details["late"] = observation.noted.metadata["late"] = JWT
        observation.note_error(ValueError())
    request, view = finished.ready()
    assert (request.kind, request.values["request_path"], request.values["action_details"]) == (
        Kind.LOG, "/a/***", {"query": "password=***", "token": "***"},
    )  # fmt: skip
    assert (view.kind, view.values["page_path"], view.values["referrer"]) == (
        Kind.VIEW, "/a/***", "https://lms.example/back?token=***&next=***",
    )  # fmt: skip
    assert request.values["user_agent"] == view.values["user_agent"] == "aÿb"
    assert not {"user_id", "error_class"} & request.values.keys()
    assert request.values["metadata"] == {}
    assert [event.values for event in finished.ready()] == [request.values, view.values]  # with the same ids


def test_an_agent_without_end_is_not_kept() -> None:
    recorder = Keeping()
    visited(recorder, Held(), headers=[(b"user-agent", b"a" * 60_000), (b"referer", b"")])
    assert len(repr(recorder.kept[0])) < 2000
    request, view = recorder.kept[0].ready()
    assert request.values["user_agent"] == "a" * 499 + "…"
    assert "referrer" not in view.values  # the browser's own may follow


def test_what_cannot_be_shown_is_left_out() -> None:
    class Unshown:
        def __str__(self) -> str:
            raise RuntimeError

    request, _view = finished(details={"it": Unshown()}, viewed=(uuid7(1), 1.0)).ready()
    assert request.values["action_details"] == {"left_out": "RuntimeError"}


def test_rows_are_ascii_and_the_same_as_pythons() -> None:
    for rows in ([{"a": "Əli…"}], [{"a": 1.5, "b": None, "c": {"d": [True]}}], [{"a": "\ud800"}]):
        assert encoded(rows).isascii()
        assert json.loads(encoded(rows)) == rows


def test_a_page_counts_as_its_two_events_and_is_durable_where_that_is_wished(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    recorder = Recorder({"durable": ("page_view",), "spool_dir": folder})
    visited(recorder, Held())
    recorder.close()
    (orphan,) = Spool.orphans(folder, 1)
    assert {event.kind for _, event in orphan.first(9)} == {Kind.LOG, Kind.VIEW}
    orphan.close()


def test_one_that_does_not_fit_is_counted_as_two(tmp_path: Path) -> None:
    kept = Keeping()
    visited(kept, Held())
    recorder = Recorder({"queue_size": 1, "flush_interval": 3600, "spool_dir": tmp_path / "spool"})
    assert recorder.record(kept.kept[0])  # the writer waits for more
    assert not recorder.record(kept.kept[0])
    assert (recorder.counts.total("recorded"), recorder.counts.total("dropped")) == (2, 2)
    recorder.close()


def test_what_is_no_event_is_counted_and_raises_nothing(tmp_path: Path) -> None:
    recorder = Recorder({"spool_dir": tmp_path / "spool"})
    assert not recorder.record(None)  # type: ignore[arg-type]
    assert recorder.counts.total("dropped") == 1
    recorder.close()


def test_a_session_may_be_anything_that_has_a_text() -> None:
    with observing(Observation("c")) as observation:
        identify(["7"], {"no": "session"})  # type: ignore[arg-type]
    made = finished(user_id=observation.user_id, session_id=observation.session_id).ready()[0].values
    assert (made["user_id"], made["session_id"]) == ("['7']", "{'no': 'session'}")


def test_a_child_does_not_repeat_the_ids_of_its_parent() -> None:
    chance()  # some are ready
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, "".join(chance() for _ in range(50)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    theirs = {told[at : at + 32] for at in range(0, len(told), 32)}
    assert len(theirs) == 50
    assert not theirs & {chance() for _ in range(300)}
