"""The servers of the measurement `audit`, and the clients that ask them, each of whom has signed in once."""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from audit_servers import free_port
from database_world import until

from tests.bench.results import ROOT

SERVERS = {
    "FastAPI": ("-m", "uvicorn", "tests.bench.audit_fastapi:app", "--log-level", "warning", "--no-access-log", "--port"),
    "Django": (
        "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--threads", "4", "--no-control-socket",
        "--config", "python:tests.bench.audit_gunicorn", "--bind",
    ),
}  # fmt: skip
CLIENTS = 4
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "az,en-US;q=0.7,en;q=0.3",
}


@dataclass
class Site:
    """One running application.

    Attributes:
        port: where it listens.
        process: its first one.
        cookies: of each client, by which it is signed in.
        asked: how many requests each path has got.
    """

    port: int
    process: psutil.Process
    cookies: list[str]
    asked: Counter[str] = field(default_factory=Counter)

    def alone(self, path: str, times: int) -> float:
        """Seconds of one request, the median of so many by one client."""
        self.asked[path] += times
        return statistics.median(self._ask(path, times, self.cookies[0]))

    def crowd(self, path: str, times: int) -> float:
        """Requests per second of all clients at a time."""
        each = times // CLIENTS
        self.asked[path] += each * CLIENTS
        threads = [threading.Thread(target=self._ask, args=(path, each, cookie)) for cookie in self.cookies]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return each * CLIENTS / (time.perf_counter() - begun)

    def _ask(self, path: str, times: int, cookie: str) -> list[float]:
        """Seconds of each of so many requests, one after the other over one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        method, taken = "POST" if path.startswith("/notes") else "GET", []
        for _ in range(times):
            begun = time.perf_counter()
            connection.request(
                method, path, headers={**BROWSER, "Cookie": cookie, "Referer": f"http://127.0.0.1:{self.port}/students"}
            )
            response = connection.getresponse()
            response.read()
            taken.append(time.perf_counter() - begun)
            if response.status >= 400:
                raise RuntimeError(f"{path}: {response.status}")
        connection.close()
        return taken


def environment(framework: str, kind: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Of a process of the application."""
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    django = {"DJANGO_SETTINGS_MODULE": "tests.bench.audit_django"} if framework == "Django" else {}
    return {**os.environ, **settings, **django, "PYTHONPATH": path, "BENCH_AUDIT": kind}


@contextmanager
def apart(server: psutil.Process) -> Iterator[None]:
    """The clients and a database server leave one processor to the applications."""
    *others, alone = sorted(os.sched_getaffinity(0))
    if not others:
        yield
        return
    for process in (psutil.Process(), server):
        process.cpu_affinity(others)
    for child in server.children(recursive=True):  # those it starts from now on inherit
        with suppress(psutil.NoSuchProcess):  # a background worker that ended meanwhile
            child.cpu_affinity(others)
    _of_applications[:] = [alone]
    try:
        yield
    finally:
        psutil.Process().cpu_affinity([*others, alone])
        _of_applications.clear()


_of_applications: list[int] = []
"""The processor that they have for themselves; empty: there is none."""


@contextmanager
def serving(framework: str, kind: str, settings: Mapping[str, str], folder: Path) -> Iterator[Site]:
    """One application with one worker, and its clients, who sign in."""
    port, log = free_port(), folder / f"{framework}-{kind}.log"
    command = [sys.executable, *SERVERS[framework], f"127.0.0.1:{port}" if framework == "Django" else str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment(framework, kind, settings), cwd=ROOT, stdout=output, stderr=output)
    psutil.Process(process.pid).cpu_affinity(_of_applications)
    try:
        until(lambda: process.poll() is not None or _is_there(port), 60)
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        yield Site(port, psutil.Process(process.pid), [_sign_in(port) for _ in range(CLIENTS)])
    finally:
        process.terminate()
        process.wait(30)


def _is_there(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def _sign_in(port: int) -> str:
    answer = httpx.post(f"http://127.0.0.1:{port}/login").raise_for_status()
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
