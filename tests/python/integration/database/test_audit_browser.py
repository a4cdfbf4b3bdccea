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
INTERCEPTED = "navigation.addEventListener('navigate', (going) => going.intercept({}))"
# as browsers do that show it over HTTPS only (Firefox, for example)
HIDES = "if (!isSecureContext) delete PerformanceResourceTiming.prototype.serverTiming"


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that finds this machine under another name, too: one that is no localhost."""
    switches = (f"--host-resolver-rules=MAP {NAME} 127.0.0.1", "--disable-features=HttpsUpgrades,HttpsFirstBalancedMode")
    running = Browser(tmp_path_factory.mktemp("views"), *switches)
    yield running
    running.stop()


def look(chrome: Browser, address: str, *scripts: str, before: str = "") -> list[Any]:
    """Open a page, do something in it, leave it: what the scripts say."""
    tab = chrome.page()
    tab.before_each(before)
    tab.open(address)
    found = [tab.run(script) for script in scripts]
    tab.open("about:blank")
    tab.close()
    return found


def timed(site: Site, path: str) -> int:
    """How many views of a page have their time."""
    return site.audited.count("page_views", f"page_path = '{path}' and time_on_page_seconds is not null")


def views(site: Site, *paths: str) -> list[tuple[Any, ...]]:
    """Those of some pages: path, who has told of it, whether it has its time. Each test looks at pages of its own."""
    statement = "select page_path, metadata ->> 'source', time_on_page_seconds is not null from page_views "
    return [row for row in site.audited.rows(statement + "order by view_timestamp, 1") if row[0] in paths]


def test_a_page_is_one_view(site: Site, chrome: Browser) -> None:
    look(chrome, site.address + "/page/1")
    until(lambda: views(site, "/page/1") == [("/page/1", "server", True)])


@pytest.mark.parametrize(("is_hidden", "first", "second"), [(False, "/page/2", "/page/3"), (True, "/page/4", "/page/5")])
def test_over_plain_http_the_script_adds_no_view_to_the_servers(
    site: Site, chrome: Browser, is_hidden: bool, first: str, second: str
) -> None:
    address = f"http://{NAME}:{urlsplit(site.address).port}{first}"
    scripts = ("isSecureContext", f"history.pushState(null, '', '{second}')")
    assert look(chrome, address, *scripts, before=HIDES if is_hidden else "") == [False, None]
    until(lambda: views(site, first, second) == [(first, "server", not is_hidden), (second, "script", True)])


@pytest.mark.parametrize(
    ("first", "script", "second"),
    [
        ("/page/20", "history.pushState(null, '', '/page/21')", "/page/21"),
        ("/page/22", "history.replaceState(null, '', '/page/23')", "/page/23"),
        ("/page/24", f"{INTERCEPTED}; navigation.navigate('/page/25').finished.then(() => null)", "/page/25"),
        ("/page/26", "location.hash = '/page/27'", "/page/26#/page/27"),
        ("/page/28", "location.hash = '!/page/29'", "/page/28#!/page/29"),
    ],
)
def test_another_address_in_the_same_document_is_another_view(
    site: Site, chrome: Browser, first: str, script: str, second: str
) -> None:
    look(chrome, site.address + first, "location.hash = 'a-place-in-the-page'", script)
    until(lambda: views(site, first, second) == [(first, "server", True), (second, "script", True)])


@pytest.mark.parametrize(("path", "asked"), [("/kept", 1), ("/tagged", 2)])
def test_a_page_that_the_browser_has_kept_is_a_view_of_its_own_time(site: Site, chrome: Browser, path: str, asked: int) -> None:
    requests = f"action_type = 'page_view' and request_path = '{path}'"
    look(chrome, site.address + path)
    until(lambda: timed(site, path) == 1)
    ((between,),) = site.audited.rows("select clock_timestamp()")
    look(chrome, site.address + path)
    until(lambda: timed(site, path) == 2 and site.audited.count(where=requests) == asked)
    times = site.audited.rows(f"select view_timestamp from page_views where page_path = '{path}' order by 1")
    assert len(times) == 2
    assert times[0][0] < between < times[1][0]


def test_a_page_that_is_loaded_in_advance_is_a_view_when_somebody_opens_it(site: Site, chrome: Browser) -> None:
    tab = chrome.page()
    tab.open(site.address + "/read")
    # nobody may look into it by the protocol: then nothing is loaded in advance
    target = chrome.call("Target.createTarget", url=site.address + "/ahead")["targetId"]
    until(lambda: site.audited.count(where="action_details ->> 'query' like 'early=%'") == 2)
    tab.run("new BroadcastChannel('go').postMessage('/early/9')")
    until(lambda: views(site, "/ahead", "/early/8", "/early/9") == [("/ahead", "server", False), ("/early/9", "script", True)])
    chrome.call("Target.closeTarget", targetId=target)
    tab.close()
    assert site.audited.rows("select page_title from page_views where page_path = '/early/9'") == [("in advance",)]
