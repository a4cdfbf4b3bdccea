"""The script for time on page in a real browser: one view for each time that somebody has looked at a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from audit_servers import Site
from browser import Browser
from database_world import until

pytestmark = pytest.mark.parametrize("site", ["fastapi"], indirect=True)
NAME = "intranet.example"


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that finds this machine under another name, too: one that is no localhost."""
    switches = (f"--host-resolver-rules=MAP {NAME} 127.0.0.1", "--disable-features=HttpsUpgrades,HttpsFirstBalancedMode")
    running = Browser(tmp_path_factory.mktemp("views"), *switches)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _empty(site: Site) -> None:
    site.audited.rows("truncate audit_logs, page_views, user_sessions")


def look(chrome: Browser, address: str, *scripts: str) -> list[Any]:
    """Open a page, do something in it, leave it: what the scripts say."""
    tab = chrome.page()
    tab.open(address)
    found = [tab.run(script) for script in scripts]
    tab.open("about:blank")
    tab.close()
    return found


def timed(site: Site, path: str) -> int:
    """How many views of a page have their time."""
    return site.audited.count("page_views", f"page_path = '{path}' and time_on_page_seconds is not null")


def views(site: Site) -> list[tuple[Any, ...]]:
    return site.audited.rows(
        "select page_path, metadata ->> 'source', time_on_page_seconds is not null from page_views order by view_timestamp, 1"
    )


def test_a_page_is_one_view(site: Site, chrome: Browser) -> None:
    look(chrome, site.address + "/page/1")
    until(lambda: timed(site, "/page/1"))
    assert views(site) == [("/page/1", "server", True)]


def test_over_plain_http_the_script_adds_no_view_to_the_servers(site: Site, chrome: Browser) -> None:
    address = f"http://{NAME}:{urlsplit(site.address).port}/page/1"
    assert look(chrome, address, "isSecureContext", "history.pushState(null, '', '/page/2')") == [False, None]
    until(lambda: timed(site, "/page/2"))
    assert views(site) == [("/page/1", "server", False), ("/page/2", "script", True)]


@pytest.mark.parametrize(("path", "asked"), [("/kept", 1), ("/tagged", 2)])
def test_a_page_that_the_browser_has_kept_is_a_view_of_its_own_time(site: Site, chrome: Browser, path: str, asked: int) -> None:
    look(chrome, site.address + path)
    until(lambda: timed(site, path) == 1)
    ((between,),) = site.audited.rows("select clock_timestamp()")
    look(chrome, site.address + path)
    until(lambda: timed(site, path) == 2)
    assert site.audited.count(where="action_type = 'page_view'") == asked, "of the server"
    times = site.audited.rows("select view_timestamp from page_views order by 1")
    assert len(times) == 2
    assert times[0][0] < between < times[1][0]


def test_a_page_that_is_loaded_in_advance_is_a_view_when_somebody_opens_it(site: Site, chrome: Browser) -> None:
    tab = chrome.page()
    tab.open(site.address + "/ahead")
    until(lambda: site.audited.count(where="action_type = 'read' and request_path in ('/page/8', '/page/9')") == 2)
    tab.run("location.href = '/page/9'; 0")
    tab.wait("location.pathname === '/page/9' && document.readyState === 'complete'")
    assert tab.run("performance.getEntriesByType('navigation')[0].activationStart") > 0, "what was loaded in advance is shown"
    tab.open("about:blank")
    tab.close()
    until(lambda: timed(site, "/page/9"))
    assert views(site) == [("/ahead", "server", False), ("/page/9", "script", True)]
