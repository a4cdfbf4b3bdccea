"""What goes to and fro between server and application during one request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import cache
from time import perf_counter
from typing import Any

from database.audit.context import Observation
from database.audit.requests import Requests

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Watch:
    """Stands in between."""

    def __init__(
        self, requests: Requests, observation: Observation, header: Callable[[str], str | None], receive: Receive, send: Send
    ) -> None:
        """Take both ends."""
        self._requests, self._observation, self._header = requests, observation, header
        self._receive, self._send = receive, send
        self._body = bytearray()
        self._keeps_body = requests.config.record_body
        self._begun = self._complete = False

    async def receive(self) -> Message:
        """From the server."""
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self._complete:
            self._observation.noted.metadata["disconnected"] = True
        elif self._keeps_body and len(self._body) <= self._requests.config.body_bytes:
            self._body += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        """To the server."""
        if message["type"] == "http.response.start":
            message = self._started(message)
        elif not message.get("more_body", False):
            self._complete = True
        await self._send(message)
        if self._complete:
            self._observation.ended = perf_counter()

    def _started(self, message: Message) -> Message:
        """The same beginning of an answer, with our headers."""
        own, kind, headers = _key(self._requests.header), None, []
        for pair in message.get("headers", ()):
            name = pair[0].lower()
            if name == b"content-type" and kind is None:
                kind = pair[1].decode("latin-1")
            if name != own:
                headers.append(pair)
        added = self._requests.responding(self._observation, message["status"], kind, self._header)
        for called, value in added.items():
            headers.append((_key(called), value.encode("latin-1")))
        self._begun = True
        return {**message, "headers": headers}

    def finish(self) -> None:
        """The application has returned."""
        if self._body:
            self._observation.body = self._requests.body(self._header("Content-Type"), bytes(self._body))
        if self._begun and not self._complete:
            self._observation.noted.metadata["incomplete"] = True


@cache
def _key(name: str) -> bytes:
    return name.lower().encode()


class Headers:
    """Looks a header up, by its usual name; several of one name are joined by commas."""

    __slots__ = ("_found",)

    def __init__(self, scope: Scope) -> None:
        """Of a request."""
        given: Iterable[tuple[bytes, bytes]] = scope["headers"]
        self._found = found = dict[bytes, bytes]()
        for key, value in given:
            found[key] = found[key] + b"," + value if key in found else value

    def __call__(self, name: str) -> str | None:
        """Its value."""
        value = self._found.get(_key(name))
        return None if value is None else value.decode("latin-1")
