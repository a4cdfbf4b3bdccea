"""A real Chromium without a window, spoken to over its DevTools protocol: pages from a disk or a server, as a reader sees them.

Import the fixture `browser` in a conftest.py. Chromium is Debian's: `apt-get install -y --no-install-recommends chromium`.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

PATIENCE = 30.0
"""Seconds until something that was waited for counts as not happening."""
AXE = Path(__file__).with_name("vendor") / "axe-core" / "axe.min.js"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # tests run as root in a container; only pages of ours are opened
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
_GONE = ("navigated or closed", "context was destroyed", "Cannot find context", "Cannot find default execution context")
"""What the protocol says when a page gives way to the next while it is asked."""
_OWN_SCHEMES = ("file:", "data:", "blob:", "about:", "chrome:")


class Browser:
    """One Chromium with a profile of its own."""

    def __init__(self, folder: Path, *switches: str) -> None:
        """Start it.

        Args:
            folder: for its profile and for what it downloads.
            switches: further ones of Chromium, for example `--host-resolver-rules=MAP * ~NOTFOUND`.
        """
        program = next((found for name in _NAMES if (found := shutil.which(name))), None)
        if program is None:
            pytest.fail("Chromium is missing. Fix: apt-get install -y --no-install-recommends chromium")
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        profile = folder / "profile"
        self._log = (folder / "chromium.log").open("wb")
        self._process = subprocess.Popen(
            [program, *_SWITCHES, *switches, f"--user-data-dir={profile}", "about:blank"],
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "HOME": str(folder)},
        )
        self._numbers = itertools.count(1)
        self.events: deque[dict[str, Any]] = deque()
        self._closing = ExitStack()
        self._socket = self._connect(profile / "DevToolsActivePort", folder / "chromium.log")
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads), eventsEnabled=True)

    def _connect(self, port_file: Path, log: Path) -> ClientConnection:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError, ValueError):
                port, path = port_file.read_text().split()
                address = f"ws://127.0.0.1:{port}{path}"
                return self._closing.enter_context(connect(address, max_size=None, compression=None))
            time.sleep(0.02)
        self.stop()
        pytest.fail(f"Chromium did not start:\n{log.read_text(errors='replace')[-2000:]}")

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol and its result; events that come meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        self._socket.send(json.dumps(message))
        answer = self._receive(lambda found: found.get("id") == number, method)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def wait_for(self, what: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event that is wanted, of those that have come and will come."""
        for event in self.events:
            if wanted(event):
                return event
        return self._receive(wanted, what)

    def _receive(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while (left := until - time.monotonic()) > 0:
            try:
                found: dict[str, Any] = json.loads(self._socket.recv(timeout=left))
            except TimeoutError:
                break
            if "method" in found:
                self.events.append(found)
            if wanted(found):
                return found
        raise AssertionError(f"{what}: nothing within {PATIENCE:g} s")

    def page(self) -> Page:
        """A new page."""
        return Page(self)

    def stop(self) -> None:
        """End it."""
        if hasattr(self, "_socket"):
            with suppress(Exception):
                self.call("Browser.close")
            self._closing.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Page:
    """One page: what it shows, what it asked for, and what went wrong in it."""

    def __init__(self, browser: Browser) -> None:
        """Open an empty page."""
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol."""
        return self._browser.call(method, self._session, **parameters)

    def close(self) -> None:
        """Close it."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _events(self, method: str) -> Iterator[dict[str, Any]]:
        for event in self._browser.events:
            if event["method"] == method and event.get("sessionId") == self._session:
                yield event["params"]

    def open(self, address: str | Path) -> float:
        """Go to a file or an address; returns the seconds until it was loaded."""
        url = address.as_uri() if isinstance(address, Path) else address
        started, before = time.monotonic(), self._loads()
        answer = self.call("Page.navigate", url=url)
        assert not answer.get("errorText"), f"{url}: {answer['errorText']}"
        if "loaderId" in answer:  # else it is the same page at another place
            self._loaded(before)
        return time.monotonic() - started

    def follow(self, selector: str) -> None:
        """Click what leads to another page, and wait until that is loaded."""
        before = self._loads()
        self.click(selector)
        self._loaded(before)

    def _loads(self) -> int:
        return sum(1 for _ in self._events("Page.loadEventFired"))

    def _loaded(self, before: int) -> None:
        def loaded(_: dict[str, Any]) -> bool:
            return self._loads() > before

        if not loaded({}):
            self._browser.wait_for("the page to load", loaded)

    def before_each(self, script: str) -> None:
        """Run a script before any other in each page from now on."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def to_front(self) -> None:
        """As a click on the tab."""
        self.call("Page.bringToFront")

    def run(self, script: str) -> Any:
        """The value of an expression, or what a promise becomes."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise AssertionError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true, also across the loading of another page."""
        script = f"""new Promise((resolve, reject) => {{
            const until = performance.now() + {PATIENCE * 500};
            const look = () => {{
                if ({condition}) resolve(true);
                else if (performance.now() > until) reject(new Error("never: " + {json.dumps(condition)}));
                else setTimeout(look, 20);
            }};
            look();
        }})"""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.run(script)
                return
            except AssertionError as error:
                if not any(words in str(error) for words in _GONE) or time.monotonic() > until:
                    raise

    def click(self, selector: str) -> None:
        """Click what a selector finds, as a mouse does: it must be visible."""
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        box = self.run(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2, width * height])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        assert box[2] > 0, f"{selector} cannot be seen"
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def fill(self, selector: str, text: str) -> None:
        """Click a field and write into it, instead of what stands there."""
        self.click(selector)
        self.run("document.activeElement.select()")
        self.type(text)

    def type(self, text: str) -> None:
        """Write where the cursor is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key, for example `press("Tab", 9)`."""
        text = {"Enter": "\r", " ": " "}.get(key)
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra)

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """Set the size of the window, in pixels of the page."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def prefers(self, *, scheme: str = "light", medium: str = "screen") -> None:
        """What the reader's system prefers (`light`, `dark`), and whether it is for paper (`print`)."""
        self.call("Emulation.setEmulatedMedia", media=medium, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """A picture of the page as PNG."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12000), "scale": 1}
            found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(found["data"]))

    def downloaded(self, click: str) -> Path:
        """The file that a click downloads."""
        before = sum(1 for event in self._browser.events if event["method"] == "Browser.downloadWillBegin")

        def finished(_: dict[str, Any]) -> bool:
            return any(
                event["method"] == "Browser.downloadProgress" and event["params"]["state"] == "completed"
                for event in itertools.islice(self._browser.events, mark, None)
            )

        mark = len(self._browser.events)
        self.click(click)
        self._browser.wait_for(f"a download from {click}", finished)
        begun = [event["params"] for event in self._browser.events if event["method"] == "Browser.downloadWillBegin"]
        assert len(begun) > before
        return self._browser.downloads / str(begun[-1]["suggestedFilename"])

    @property
    def requests(self) -> list[str]:
        """Every address that the page has asked for."""
        return [str(event["request"]["url"]) for event in self._events("Network.requestWillBeSent")]

    @property
    def external_requests(self) -> list[str]:
        """Those of them that lead off the disk."""
        return [url for url in self.requests if not url.startswith(_OWN_SCHEMES)]

    @property
    def problems(self) -> list[str]:
        """Errors on the console, in scripts, and in the log of the browser."""
        found = [str(event["exceptionDetails"]) for event in self._events("Runtime.exceptionThrown")]
        found += [
            str(event["args"]) for event in self._events("Runtime.consoleAPICalled") if event["type"] in ("error", "assert")
        ]
        found += [str(event["entry"]) for event in self._events("Log.entryAdded") if event["entry"]["level"] == "error"]
        return found

    def accessibility(self, *rules: str) -> list[str]:
        """What axe-core finds wrong: rule, and where; `rules` asks only for some of them."""
        self.run(AXE.read_text(encoding="utf-8") + "; 0")
        options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": list(rules)} if rules else {})
        found = self.run(f"axe.run(document, {json.dumps(options)})")
        return [
            f"{violation['id']}: {node['target']}: {node.get('failureSummary', '')}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium for the whole session; it cannot resolve any name, so nothing outside can be reached."""
    running = Browser(tmp_path_factory.mktemp("chromium"), "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    yield running
    running.stop()
