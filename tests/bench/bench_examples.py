"""Both example applications under load: the five screens as JSON over HTTP, on lms, during the switch, and on the fallback.

Fairness: both are served as their README says, FastAPI by uvicorn with one process and Django by gunicorn with two, and are
asked one after the other by the same few users, on the machine on which both servers run, too. A forwarder lies on the way to
either database all the time, because it is what breaks the way to lms. The role sees every row, so that the answers are as
long as they get.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import psycopg
from example_sites import REGISTRY, Site, Sites, add_registry, running
from fallback_world import Pair
from psycopg.conninfo import conninfo_to_dict

from database.drill.visitors import Visitor, draw
from examples.common.asked import LARGEST_PAGE
from tests.bench.options import Options
from tests.bench.results import Result
from tests.bench.screens import Target, add_screens, walk
from tests.bench.world import command, world

PATHS = {
    "students_list": "/api/students?after={after}",
    "student_courses": "/api/students/{student_id}/courses",
    "student_submissions": "/api/students/{student_id}/submissions",
    "teacher_courses": "/api/teachers/{user_id}/courses",
    "section_roster": "/api/sections/{course_offering_id}/roster",
}
_PAGE = LARGEST_PAGE


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("examples", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases()
        command(databases, "run", "--publish")
        add_registry(databases.lms, databases.settings["LMS_APP_PASSWORD"])
        settings = {**databases.settings, "LMS_APP_USER": REGISTRY, "FALLBACK_USER": "lms_fallback_registry"}
        pair = Pair(databases.edu, databases.lms, settings, databases.folder)
        command(pair, "fallback", "publish")
        with psycopg.connect(pair.lms) as connection:
            visitors = draw(connection)
        names = {side: str(conninfo_to_dict(conninfo)["dbname"]) for side, conninfo in (("edu", pair.edu), ("lms", pair.lms))}
        with running(servers.pair, names, settings, databases.folder) as sites:
            for site in sites.sites.values():
                _one(result, sites, site, visitors, options.repeat)
    return result


def _one(result: Result, sites: Sites, site: Site, visitors: Sequence[Visitor], repeat: int) -> None:
    sites.wait_for("lms")
    target = _target(site, _pages(site))
    book = walk(target, target, sites.paths["lms"], list(PATHS), visitors, repeat)
    add_screens(result, book, site.name, prefix=f"{site.name}, ")


def _pages(site: Site) -> list[str]:
    """Where pages of the list may begin, as the application itself says."""
    found, after = [""], ""
    while True:
        after = site.client.get("/api/students", params={"limit": _PAGE, "after": after}).raise_for_status().json()["next"]
        if after is None:
            return found
        found.append(after)


def _target(site: Site, pages: Sequence[str]) -> Target:
    def ask(screen: str, visitor: Visitor, parameters: Mapping[str, Any]) -> str:
        after = pages[hash(parameters["last_name"]) % len(pages)] if parameters["last_name"] else ""
        path = PATHS[screen].format(**parameters, after=quote(after))
        response = site.client.get(path, headers={"X-User-Id": str(visitor.user_id)}).raise_for_status()
        return str(response.headers["X-Data-Source"])

    return ask
