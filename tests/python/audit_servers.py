"""The two small applications, each served by its usual server with two workers."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from database_world import until
from recorder_world import ROOT, Audited

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
COMMANDS = {
    "fastapi": ("-m", "uvicorn", "audit_sites.fastapi_site:app", "--port", "{port}", "--workers", "2", "--log-level", "warning"),
    "django": (
        "-m", "gunicorn", "audit_sites.django_site:application", "--bind", "127.0.0.1:{port}", "--workers", "2", "--threads", "4",
        "--preload", "--no-control-socket", "--log-level", "warning",
    ),
    "django-asgi": (
        "-m", "uvicorn", "audit_sites.django_site:asgi", "--port", "{port}", "--workers", "2", "--log-level", "warning",
    ),
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(name: str, environment: dict[str, str], folder: Path) -> Iterator[str]:
    """One application; its address."""
    port, log = free_port(), folder / f"{name}.log"
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "python")])
    more = {"PYTHONPATH": path, "SITE_KEY": "of the tests", "DJANGO_SETTINGS_MODULE": "audit_sites.django_site"}
    command = [sys.executable, *(part.format(port=port) for part in COMMANDS[name])]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **environment, **more}, cwd=folder, stdout=output, stderr=output)
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or _answers(address), 60)
        assert process.poll() is None, log.read_text()
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{address}/health/ready").status_code == 200
    return False


class Site:
    """One application and what it has recorded."""

    def __init__(self, name: str, address: str, audited: Audited) -> None:
        self.name, self.address, self.audited = name, address, audited

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.address, headers={"User-Agent": FIREFOX, **headers}, timeout=20)

    def one(self, columns: str, where: str, table: str = "audit_logs") -> tuple[Any, ...]:
        """The only row, once it is there."""
        statement = f"select {columns} from {table} where {where}"
        until(lambda: self.audited.count(table, where))
        ((found),) = self.audited.rows(statement)
        return found
