"""A request that is over: what waits in the queue holds no secret and nothing of the framework's, and has all its events."""

from __future__ import annotations

import asyncio
import gc
import os
import weakref
from pathlib import Path
from typing import Any

from database.audit.asgi import AuditMiddleware
from database.audit.asgi.watch import Message, Receive, Scope, Send
from database.audit.context import Observation, identify, observing
from database.audit.events import Kind, Recordable
from database.audit.finished import Finished
from database.audit.identifiers import chance
from database.audit.recorder import Recorder
from database.audit.spool import Spool

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"
HEADERS = [(b"referer", f"https://lms.example/back?token=1&next={JWT}".encode()), (b"user-agent", b"a\xffb")]


class Keeping(Recorder):
    """Writes nothing."""

    def __init__(self) -> None:
        super().__init__({})
        self.kept: list[Recordable] = []

    def record(self, event: Recordable) -> bool:
        self.kept.append(event)
        return True

    def seen(self, *_: Any) -> None:
        """Nothing."""


class Held:
    """Something of the framework's."""


async def page(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<p>"})


def visited(recorder: Recorder, held: object, path: str = f"/a/{JWT}") -> None:
    """One request through the middleware."""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None:
        """To nobody."""

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"password=x", "headers": HEADERS, "held": held}
    asyncio.run(AuditMiddleware(page, recorder=recorder)(scope, receive, send))


def test_nothing_of_a_request_waits_for_the_garbage_collector() -> None:
    recorder, held = Keeping(), Held()
    gone = weakref.ref(held)
    gc.collect()
    gc.disable()
    try:
        visited(recorder, held)
        del held
        assert gone() is None
    finally:
        gc.enable()
    assert len(recorder.kept) == 1


def test_what_waits_holds_no_secret() -> None:
    recorder = Keeping()
    visited(recorder, Held())
    (finished,) = recorder.kept
    assert isinstance(finished, Finished)
    assert JWT not in repr(finished)
    request, view = finished.ready()
    assert (request.kind, request.values["request_path"], request.values["action_details"]) == (
        Kind.LOG, "/a/***", {"query": "password=***"},
    )  # fmt: skip
    assert (view.kind, view.values["page_path"], view.values["referrer"]) == (
        Kind.VIEW, "/a/***", "https://lms.example/back?token=***&next=***",
    )  # fmt: skip
    assert request.values["user_agent"] == view.values["user_agent"] == "aÿb"


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


def test_ids_may_be_anything_that_has_a_text() -> None:
    observation = Observation("c", status=200)
    with observing(observation):
        identify(["7"], {"no": "session"})  # type: ignore[arg-type]
    (request,) = Finished(observation, "read", "/", None, {}, 1.0).ready()
    assert (request.values["user_id"], request.values["session_id"]) == ("['7']", "{'no': 'session'}")


def test_a_child_does_not_repeat_the_ids_of_its_parent() -> None:
    chance()  # some are ready
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, "".join(chance() for _ in range(50)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    theirs = {told[at : at + 32] for at in range(0, len(told), 32)}
    assert len(theirs) == 50
    assert not theirs & {chance() for _ in range(300)}
