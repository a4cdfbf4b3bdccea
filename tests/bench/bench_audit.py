"""What the audit costs: the same applications with and without it, and Django with other packages that do part of it.

What is counted: a light page of 50 students as HTML and a screen of the examples (the courses of a student who has a middling
number of them, by Jinja2), asked for by clients that have signed in once each, and in Django a write that changes one row
through a model, whose signals the other packages listen to. Ours records of each page the request and the view,
of each write the request and, by the trigger of `edu2lms prepare`, the change with its request; all with user and session, whose
last activity it keeps. django-auditlog records changes only; django-easy-audit requests and changes, within the request. At the
end it is counted what of ours has arrived in lms.

Fairness: all servers of a framework run at the same time, with one worker each, and are asked in turns of a tenth of a second,
another one first each time, because a virtual machine is quicker or slower from one second to the next; the ratio is that of
each turn. Each round starts them anew, because of two processes of the same program one may take a tenth longer than the other
for as long as both live. The applications have one processor for themselves; whoever asks and lms share the others, since these
are other machines wherever people look at pages. Every application reads the session. The written table has no log of the
application's own (its row trigger is dropped), and our trigger fires for our application only.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
from databases import Databases
from example_sites import REGISTRY, add_registry
from psycopg import sql

from loader.audit.names import capture_trigger
from tests.bench import audit_cost
from tests.bench.audit_clients import CLIENTS, SERVERS, Site, apart, environment, serving
from tests.bench.audit_page import USER
from tests.bench.measure import spent
from tests.bench.options import Options
from tests.bench.results import ROOT, Goal, Result
from tests.bench.world import command, world

BARE, OURS = "without", "ours"
OTHERS = {"django-auditlog": "auditlog", "django-easy-audit": "easyaudit"}
PAGE = "/students"
_ALONE, _CROWD, _TURNS = 20, 60, 12
_WARM_UP, _AFTER_A_CHANGE = 150, 15
_SQL = Path(__file__).parent / "sql"
_RECORDED = (_SQL / "recorded.sql").read_text(encoding="utf-8")
_TYPICAL = (_SQL / "typical_student.sql").read_text(encoding="utf-8")
Owner = psycopg.Connection[Any]
Key = tuple[str, str]
"""Kind of server, what is asked for."""


@dataclass
class Found:
    """Of one kind of server and one path, one of each turn: what clients have seen, and what a request has cost.

    Attributes:
        alone: median seconds of one client.
        crowd: requests per second of all.
        application: its processor seconds for a request of the crowd.
        lms: those of the database server's.
    """

    alone: list[float] = field(default_factory=list)
    crowd: list[float] = field(default_factory=list)
    application: list[float] = field(default_factory=list)
    lms: list[float] = field(default_factory=list)


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("audit", options.scale, options.repeat)
    size, expected = min(1.0, options.scale * 10), [0, 0, 0]
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases()
        with psycopg.connect(databases.lms, autocommit=True) as owner:
            settings, screen, write = _prepared(databases, owner)
            server = psutil.Process(servers.pair.clusters["lms"].pid)
            for framework in SERVERS:
                kinds = [BARE, OURS, *(_others(result, settings, owner) if framework == "Django" else ())]
                paths = {"light page": PAGE, "screen": screen, **({"write": write} if framework == "Django" else {})}
                found: dict[Key, Found] = {}
                asked = Counter[str]()
                for number in range(4 * options.repeat):
                    with ExitStack() as stack:
                        stack.enter_context(apart(server))
                        sites = {
                            kind: stack.enter_context(serving(framework, kind, settings, databases.folder))
                            for kind in _rotated(kinds, number)
                        }
                        _walk(found, sites, paths, size, owner, server)
                    asked += sites[OURS].asked
                _report(result, framework, found)
                pages = asked[PAGE] + asked[screen]
                expected = [sum(pair) for pair in zip(expected, (pages, pages, asked[write]), strict=True)]
            _count(result, expected, owner)
    parts = ", ".join(f"{what} {found:.0f} µs" for what, found in audit_cost.microseconds().items())
    result.notes.append(
        f"The audit's own Python of one page, alone on the machine, without middleware, queue and database: {parts}."
    )
    return result


def _prepared(databases: Databases, owner: Owner) -> tuple[Mapping[str, str], str, str]:
    """A migrated lms whose enrollments only the audit logs; the application's settings, the paths of the screen and the write."""
    command(databases, "run", "--publish")
    add_registry(databases.lms, databases.settings["LMS_APP_PASSWORD"])
    settings = {**databases.settings, "LMS_APP_USER": REGISTRY, "AUDIT_SPOOL_DIR": str(databases.folder / "spool")}
    owner.execute("drop trigger course_enrollments_audit on course_enrollments")
    command(replace(databases, settings=settings), "prepare")
    _django(settings, BARE, "migrate", "--verbosity", "0")
    _django(settings, BARE, "createsuperuser", "--noinput", "--username", USER, "--email", "")
    _grant(owner)
    (enrollment,) = owner.execute("select id from course_enrollments order by id limit 1").fetchone() or ("",)
    (student,) = owner.execute(_TYPICAL.encode()).fetchone() or ("",)
    return settings, f"/students/{student}/courses", f"/notes/{enrollment}"


def _django(settings: Mapping[str, str], kind: str, *arguments: str) -> None:
    """A command of Django's, as the owner of the tables."""
    more = {"BENCH_MIGRATE": "1", "DJANGO_SUPERUSER_PASSWORD": "of a measurement"}
    given = environment("Django", kind, settings) | more
    subprocess.run([sys.executable, "-m", "django", *arguments], env=given, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def _grant(owner: Owner) -> None:
    for grant in ("select, insert, update on all tables", "usage on all sequences"):
        owner.execute(sql.SQL(f"grant {grant} in schema public to {{}}").format(sql.Identifier(REGISTRY)))


def _others(result: Result, settings: Mapping[str, str], owner: Owner) -> list[str]:
    """The packages that are installed, with tables of their own."""
    found = [name for name, module in OTHERS.items() if importlib.util.find_spec(module) is not None]
    for name in found:
        _django(settings, name, "migrate", "--verbosity", "0")
    _grant(owner)
    missing = sorted(set(OTHERS) - set(found))
    if missing:
        result.notes.append(f"Not measured, because not installed: {', '.join(missing)} (pip install -e '.[bench]').")
    return found


def _walk(
    found: dict[Key, Found],
    sites: Mapping[str, Site],
    paths: Mapping[str, str],
    size: float,
    owner: Owner,
    server: psutil.Process,
) -> None:
    """One round."""
    crowd = max(CLIENTS, int(_CROWD * size)) // CLIENTS * CLIENTS
    for name, path in paths.items():

        def prepare(kind: str, times: int, path: str = path, *, writes: bool = name == "write") -> None:
            if writes:
                _capture(owner, kind == OURS)
            sites[kind].alone(path, max(5, int(times * size)))  # also with the other plans that a changed table needs

        for kind in sites:
            prepare(kind, _WARM_UP)
        for turn in range(max(2, int(_TURNS * size))):
            for kind in _rotated(list(sites), turn):
                if name == "write":
                    prepare(kind, _AFTER_A_CHANGE)
                site, book = sites[kind], found.setdefault((kind, name), Found())
                book.alone.append(site.alone(path, max(5, int(_ALONE * size))))
                application, lms = spent(site.process), spent(server)
                book.crowd.append(site.crowd(path, crowd))
                book.application.append((spent(site.process) - application) / crowd)
                book.lms.append((spent(server) - lms) / crowd)


def _rotated(kinds: list[str], number: int) -> list[str]:
    """Another one first each time."""
    shift = number % len(kinds)
    return kinds[shift:] + kinds[:shift]


def _capture(owner: Owner, wanted: bool) -> None:
    """Whether the audit's trigger fires."""
    state, name = sql.SQL("enable" if wanted else "disable"), sql.Identifier(capture_trigger("update"))
    owner.execute(sql.SQL("alter table course_enrollments {} trigger {}").format(state, name))


def _report(result: Result, framework: str, found: Mapping[Key, Found]) -> None:
    for (kind, name), book in found.items():
        bare = found[BARE, name]
        # of each turn, because the machine is not the same in all of them
        ratio = statistics.median(mine / theirs for mine, theirs in zip(book.crowd, bare.crowd, strict=True))
        added = statistics.median(mine - theirs for mine, theirs in zip(book.alone, bare.alone, strict=True)) * 1000
        result.add(
            f"{framework}, {name}, {kind}",
            **{"requests/s": round(statistics.median(book.crowd)), "ratio": ratio},
            **{"median ms": statistics.median(book.alone) * 1000, "added ms": added},
            **{"processor ms": statistics.fmean(book.application) * 1000, "of lms": statistics.fmean(book.lms) * 1000},
        )
        if kind == OURS and name != "write":
            result.goals.append(
                Goal(f"{framework}, {name}: requests per second with / without the audit", ratio, 0.95, at_least=True)
            )
            result.goals.append(Goal(f"{framework}, {name}: milliseconds added to the median", added, 0.2))


def _count(result: Result, expected: list[int], owner: Owner) -> None:
    """Whether everything was recorded whose cost was measured; the applications have ended."""
    recorded = owner.execute(_RECORDED.encode()).fetchone() or (0, 0, 0)
    texts = ("pages", "views", "changes with their request")
    told = ", ".join(f"{have:,} of {want:,} {text}" for have, want, text in zip(recorded, expected, texts, strict=True))
    result.notes.append(f"In lms, with user and session: {told}.")
    worst = min(have / want for have, want in zip(recorded, expected, strict=True))
    result.goals.append(Goal("events in lms, with user and session / expected", worst, 1.0, at_least=True))
