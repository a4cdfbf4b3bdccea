"""From a request to events, the same for both frameworks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Hashable, Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from database.audit import addresses
from database.audit.agents import understand
from database.audit.cleaning import LONGEST
from database.audit.context import Observation, correlation
from database.audit.counts import logger
from database.audit.finished import Finished
from database.audit.identifiers import uuid7
from database.audit.recorder import Recorder

_PAGE = re.compile(r"text/html|application/xhtml\+xml", re.IGNORECASE)
_FRAMES = ("document", "iframe", "frame")
_FORM = "application/x-www-form-urlencoded"
_LONGEST_AGENT = LONGEST["user_agent"] + 1
"""Characters: one more than is recorded, so that the cut is seen."""
_LONGEST_KEPT, _MOST_KEPT = 400, 2000
Header = Callable[[str], str | None]


class Requests:
    """Begins and finishes observations; thread-safe."""

    def __init__(self, recorder: Recorder) -> None:
        """Take where the events go."""
        self.recorder, self.config = recorder, recorder.config
        self.header = self.config.correlation_header
        self.report_path = self.config.pages_path + "views"
        self.script_path = self.config.pages_path + "page.js"
        excluded = [translate(pattern) for pattern in (*self.config.exclude, self.script_path)]
        self._excluded = re.compile("|".join(excluded))
        self._harmless: set[tuple[Hashable, str]] = set()
        """Referrers that lead to a page of this site and hold no secret, each with its realm: others are not kept in memory."""

    def begin(self, method: str, path: str, query: str, peer: str | None, header: Header) -> Observation:
        """A request has come.

        Args:
            method: of HTTP.
            path: as the browser knows it.
            query: without the question mark.
            peer: the address at the other end; empty or None: a Unix socket.
            header: looks a header up, by its usual name.
        """
        try:
            return self._begun(method, path, query, peer, header)
        except Exception:  # whatever it is: the request goes on
            logger.exception("a request cannot be understood")
            return Observation(correlation(None), method=method)

    def _begun(self, method: str, path: str, query: str, peer: str | None, header: Header) -> Observation:
        return Observation(
            correlation(header(self.header)),
            method=method,
            path=path,
            query=query,
            ip_address=addresses.client(peer, header("X-Forwarded-For"), self.config),
            user_agent=(header("User-Agent") or "")[:_LONGEST_AGENT] or None,
            referrer=header("Referer"),
            masker=self.recorder.masker,
            is_excluded=self._excluded.match(path) is not None,
        )

    def responding(self, observation: Observation, status: int, content_type: str | None, header: Header) -> dict[str, str]:
        """The answer begins.

        Returns:
            headers for it: the correlation id, and for a page the id of its view, which the script in the page reads.
        """
        observation.status = status
        headers = {self.header: observation.correlation_id}
        if (
            observation.method == "GET"
            and not observation.is_excluded
            and _is_page(status, content_type, header)
            and "prefetch" not in (header("Sec-Purpose") or header("Purpose") or "")
        ):
            now = time.time()
            view_id = uuid7(now)
            observation.viewed = view_id, now
            headers["Server-Timing"] = f'audit;desc="{view_id}"'
        return headers

    def finish(self, observation: Observation) -> None:
        """The request is over: record it. Never raises."""
        try:
            self._finish(observation)
        except Exception:  # whatever it is: the request goes on
            logger.exception("a request was not recorded")
            self.recorder.counts.drop("refused")

    def _finish(self, observation: Observation) -> None:
        if observation.notes is not None and observation.notes.reported:
            for event in observation.notes.reported:
                event.values.update(user_id=observation.user_id, session_id=observation.session_id)
                self.recorder.record(event)
            return  # a page that lies open is no activity: nobody may sit there
        if not observation.is_excluded and observation.path != self.report_path:
            self.recorder.record(self._finished(observation))
        if observation.session_id and not observation.session_ended and not observation.is_excluded:
            self.recorder.seen(observation.session_id, _of_session(observation))

    def _finished(self, observation: Observation) -> Finished:
        """Secrets stay in the request, and so does the way to its routes."""
        masker, referrer, notes = self.recorder.masker, None, observation.notes
        details = {} if notes is None else masker.value(notes.details)
        if observation.query and self.config.record_query:
            details["query"] = masker.query(observation.query)
        if observation.body is not None:
            details["body"] = observation.body
        if observation.referrer and observation.viewed is not None:
            referrer = self._masked_referrer(observation, observation.referrer)
        return Finished(
            self._action(observation),
            observation.started,
            observation.milliseconds,
            observation.user_id,
            observation.session_id,
            observation.ip_address,
            observation.user_agent,
            observation.correlation_id,
            observation.route,
            observation.method,
            observation.masked_path,
            observation.status,
            referrer,
            observation.viewed,
            observation.error,
            details or None,
            dict(notes.metadata) if notes is not None and notes.metadata else None,
        )

    def _masked_referrer(self, observation: Observation, referrer: str) -> str:
        """Most pages are reached from few others, and asking all routes where one leads takes longer than all the rest."""
        realm, routes = observation.where(), list[Mapping[str, Any] | None]()
        known = realm, referrer

        def find(path: str) -> Mapping[str, Any] | None:
            routes.append(observation.found(path))
            return routes[0]

        if known in self._harmless:
            return referrer
        masked = self.recorder.masker.url(referrer, find)
        leads_somewhere = bool(routes) and routes[0] is not None
        if masked == referrer and leads_somewhere and realm is not None and len(repr(known)) <= _LONGEST_KEPT:
            if len(self._harmless) >= _MOST_KEPT:
                self._harmless.clear()
            self._harmless.add(known)
        return masked

    def _action(self, observation: Observation) -> str:
        """What was created, updated and deleted is recorded by the triggers, with the same correlation id."""
        if observation.status is not None and observation.status >= 500:
            return "error"
        if observation.viewed is not None:
            return "page_view"
        return "read" if observation.method in ("GET", "HEAD") else "request"

    def body(self, content_type: str | None, body: bytes) -> Any:
        """A body as it is recorded: JSON and forms, masked; of everything else and of long ones the length only."""
        kind = (content_type or "").partition(";")[0].strip().lower()
        if len(body) <= self.config.body_bytes:
            try:
                if kind == "application/json":
                    return self.recorder.masker.value(json.loads(body))
                if kind == _FORM:
                    pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
                    return self.recorder.masker.value(dict(pairs))
            except (ValueError, RecursionError):
                pass
        return {"bytes": len(body)}


@lru_cache(maxsize=256)
def _is_html(content_type: str) -> bool:
    return _PAGE.match(content_type) is not None


def _is_page(status: int, content_type: str | None, header: Header) -> bool:
    """Whether somebody looks at a page: at a new one, or at the one that the browser has kept (which a 304 need not describe)."""
    if status == 304 and not content_type:
        wanted = header("Sec-Fetch-Dest")  # not over plain HTTP
        return wanted in _FRAMES if wanted else (header("Accept") or "").startswith("text/html")
    return (200 <= status < 300 or status == 304) and _is_html(content_type or "")


def _of_session(observation: Observation) -> Callable[[], dict[str, Any]]:
    user_id, ip_address, user_agent = observation.user_id, observation.ip_address, observation.user_agent
    return lambda: session_values(user_id, ip_address, user_agent)


def session_values(user_id: str | None, ip_address: str | None, user_agent: str | None) -> dict[str, Any]:
    """Columns of user_sessions."""
    agent = understand(user_agent)
    return {
        "user_id": user_id,
        "ip_address": ip_address,
        "user_agent": user_agent,
        "device_type": agent.device_type,
        "browser": agent.browser,
        "operating_system": agent.operating_system,
    }
