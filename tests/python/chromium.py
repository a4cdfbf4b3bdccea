"""Headless Chromium, driven by its own protocol over a WebSocket: no driver, no download."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from database_world import until
from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0", f"--user-agent={AGENT}",
)  # fmt: skip


class Browser:
    """One running Chromium."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """One command of the protocol, and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(30))
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def tab(self) -> Tab:
        """A new tab in front of the others."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        return Tab(self, target, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])


class Tab:
    """One tab."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """One command."""
        return self._browser.call(method, self._session, **parameters)

    def run(self, script: str) -> Any:
        """The value of an expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def in_every_page(self, script: str) -> None:
        """Run before anything else of each page."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def to_front(self) -> None:
        """As a click on the tab."""
        self.call("Page.bringToFront")

    def go(self, address: str) -> None:
        """As typed into the address bar."""
        self._leave(lambda: self.call("Page.navigate", url=address))

    def click(self, selector: str) -> None:
        """A click that leads to another page."""
        self._leave(lambda: self.run(f"document.querySelector({selector!r}).click()"))

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.run(f"document.querySelector({selector!r}).value = {json.dumps(text)}")

    def _leave(self, how: Any) -> None:
        self.run("window.leaving = true")
        how()
        until(self._has_arrived, 20)

    def _has_arrived(self) -> bool:
        try:
            return bool(self.run("window.leaving === undefined && document.readyState === 'complete'"))
        except AssertionError:  # in the middle of the change
            return False


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """A browser with an empty profile.

    Args:
        folder: for the profile.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert program is not None, "this test needs Chromium: apt-get install --no-install-recommends chromium"
    port_file = folder / "DevToolsActivePort"
    command = [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            until(lambda: process.poll() is not None or (port_file.is_file() and port_file.read_text().count("\n")), 60)
            assert process.poll() is None, (folder / "log").read_text()
            port, path = port_file.read_text().splitlines()
            with connect(f"ws://127.0.0.1:{port}{path}", max_size=None) as socket:
                yield Browser(socket)
        finally:
            process.terminate()
            process.wait(30)


def rest(seconds: float) -> None:
    """A person reads: the one thing here that takes time for its own sake."""
    time.sleep(seconds)
