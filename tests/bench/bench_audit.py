"""What the audit costs: the same applications with and without it, and Django with other packages that do part of it.

Fairness: all servers of a framework run during the whole measurement, with one worker each, and are asked in turn, another one
first each round; whoever asks is on the same machine. A page is 50 students from lms; the write changes one row through a model,
which the others' signals see. Ours records each request, each change (by trigger) and the session; django-auditlog records
changes only; django-easy-audit requests and changes, within the request.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from audit_servers import free_port
from database_world import until
from example_sites import REGISTRY, add_registry
from psycopg import sql

from tests.bench.options import Options
from tests.bench.results import ROOT, Goal, Result
from tests.bench.world import command, world

BARE, OURS = "without", "ours"
OTHERS = {"django-auditlog": "auditlog", "django-easy-audit": "easyaudit"}
SERVERS = {
    "FastAPI": ("-m", "uvicorn", "tests.bench.audit_fastapi:app", "--log-level", "warning", "--no-access-log", "--port"),
    "Django": ("-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--threads", "4", "--no-control-socket", "--bind"),
}
THREADS = 4
_ALONE, _CROWD, _WARM_UP = 400, 2000, 200
Key = tuple[str, str]
"""Kind of server, path."""


@dataclass
class Found:
    """Of one kind of server and one path: seconds of single requests, requests per second of a crowd."""

    alone: list[float] = field(default_factory=list)
    crowd: list[float] = field(default_factory=list)


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("audit", options.scale, options.repeat)
    size = min(1.0, options.scale * 10)
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases()
        command(databases, "run", "--publish")
        add_registry(databases.lms, databases.settings["LMS_APP_PASSWORD"])
        settings = {**databases.settings, "LMS_APP_USER": REGISTRY, "AUDIT_SPOOL_DIR": str(databases.folder / "spool")}
        with psycopg.connect(databases.lms) as connection:
            (enrollment,) = connection.execute("select id from course_enrollments order by id limit 1").fetchone() or ("",)
        for framework in SERVERS:
            kinds = [BARE, OURS]
            if framework == "Django":
                kinds += _others(result, settings, databases.lms)
            paths = ["/students"] + ([f"/notes/{enrollment}"] if framework == "Django" else [])
            with ExitStack() as stack:
                made = {kind: stack.enter_context(_serving(framework, kind, settings, databases.folder)) for kind in kinds}
                _report(result, framework, _walk(made, paths, options.repeat, size))
    return result


def _others(result: Result, settings: Mapping[str, str], lms: str) -> list[str]:
    """The packages that are installed, with tables of their own."""
    found = [name for name, module in OTHERS.items() if importlib.util.find_spec(module) is not None]
    for name in found:
        environment = _environment("Django", name, settings) | {"BENCH_MIGRATE": "1"}
        subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity", "0"], env=environment, check=True, cwd=ROOT)
    with psycopg.connect(lms, autocommit=True) as connection:
        for grant in ("select, insert, update on all tables", "usage on all sequences"):
            connection.execute(sql.SQL(f"grant {grant} in schema public to {{}}").format(sql.Identifier(REGISTRY)))
    missing = sorted(set(OTHERS) - set(found))
    if missing:
        result.notes.append(f"Not measured, because not installed: {', '.join(missing)} (pip install -e '.[bench]').")
    return found


def _environment(framework: str, kind: str, settings: Mapping[str, str]) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    django = {"DJANGO_SETTINGS_MODULE": "tests.bench.audit_django"} if framework == "Django" else {}
    return {**os.environ, **settings, **django, "PYTHONPATH": path, "BENCH_AUDIT": kind}


@contextmanager
def _serving(framework: str, kind: str, settings: Mapping[str, str], folder: Path) -> Iterator[int]:
    port, log = free_port(), folder / f"{framework}-{kind}.log"
    place = f"127.0.0.1:{port}" if framework == "Django" else str(port)
    command_ = [sys.executable, *SERVERS[framework], place]
    with log.open("wb") as output:
        process = subprocess.Popen(command_, env=_environment(framework, kind, settings), cwd=ROOT, stdout=output, stderr=output)
    try:
        until(lambda: process.poll() is not None or _is_there(port), 60)
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _is_there(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/students").status_code == 200
    except httpx.TransportError:
        return False


def _walk(made: Mapping[str, int], paths: list[str], repeat: int, size: float) -> dict[Key, Found]:
    found: dict[Key, Found] = {}
    kinds = list(made)
    for kind in kinds:
        for path in paths:
            _ask(made[kind], path, max(10, int(_WARM_UP * size)))
    for number in range(2 * repeat):
        shift = number % len(kinds)
        for path in paths:
            for kind in kinds[shift:] + kinds[:shift]:
                book = found.setdefault((kind, path), Found())
                book.alone.append(statistics.median(_ask(made[kind], path, max(20, int(_ALONE * size)))))
                book.crowd.append(_crowd(made[kind], path, max(40, int(_CROWD * size))))
    return found


def _ask(port: int, path: str, times: int) -> list[float]:
    """Seconds of each of so many requests, one after the other over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        taken.append(time.perf_counter() - begun)
        if response.status >= 400:
            raise RuntimeError(f"{path}: {response.status}")
    connection.close()
    return taken


def _crowd(port: int, path: str, times: int) -> float:
    """Requests per second of several at a time."""
    threads = [threading.Thread(target=_ask, args=(port, path, times // THREADS)) for _ in range(THREADS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times // THREADS * THREADS / (time.perf_counter() - begun)


def _report(result: Result, framework: str, found: Mapping[Key, Found]) -> None:
    for (kind, path), book in found.items():
        bare = found[BARE, path]
        name = "page" if path == "/students" else "write"
        # of each round, because the machine is not the same in all of them
        ratio = statistics.median(mine / theirs for mine, theirs in zip(book.crowd, bare.crowd, strict=True))
        added = statistics.median(mine - theirs for mine, theirs in zip(book.alone, bare.alone, strict=True)) * 1000
        result.add(
            f"{framework}, {name}, {kind}",
            **{"requests/s": round(statistics.median(book.crowd)), "ratio": ratio},
            **{"median ms": statistics.median(book.alone) * 1000, "added ms": added},
        )
        if kind == OURS and name == "page":
            result.goals.append(Goal(f"{framework}: requests per second with / without the audit", ratio, 0.95, at_least=True))
            result.goals.append(Goal(f"{framework}: milliseconds added to the median page", added, 0.2))
