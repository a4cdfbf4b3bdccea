"""`edu2lms fallback drill`: runs the rehearsal as a program of its own, follows it, and shows what it has found.

The rehearsal exercises the application's runtime, which the loader does not import; its docstring says why.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from loader.console import Bar, Progress
from loader.errors import DrillBrokeError, DrillConnectError, DrillRefusedError, DrillSettingsError, Edu2lmsError

_ERRORS: dict[str, type[Edu2lmsError]] = {
    "settings": DrillSettingsError,
    "connection": DrillConnectError,
    "refused": DrillRefusedError,
}
_PATIENCE = 10.0


def drill(screens: Path, *, seconds: float, threads: int, back_within: float, progress: Progress) -> dict[str, Any]:
    """Rehearse; returns the document that `--json` prints.

    Args:
        screens: folder of the screens' SQL.
        seconds: of each phase, at least.
        threads: simulated users at a time.
        back_within: seconds until the application must be back on lms.
        progress: is told each switch and each finished phase.

    Raises:
        DrillSettingsError: a setting is missing or wrong.
        DrillConnectError: a database cannot be entered.
        DrillRefusedError: there is no fallback, or a right is missing.
        DrillBrokeError: the program ended without a result.
    """
    options = {"--seconds": seconds, "--threads": threads, "--back-within": back_within, "--screens": screens}
    command = [sys.executable, "-m", "database.drill", *(str(part) for option in options.items() for part in option)]
    with tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, encoding="utf-8")
        try:
            last = _follow(process, progress)
            code = process.wait()
        except BaseException:
            _end(process)
            raise
        stderr.seek(0)
        said = stderr.read().strip().splitlines()
    if last.get("event") == "result":
        document: dict[str, Any] = last["document"]
        return document
    if last.get("event") == "error":
        raise _ERRORS[last["kind"]](detail=last["message"], fix=last["fix"])
    raise DrillBrokeError(code=code, reason=said[-1] if said else "it said nothing")


def _follow(process: subprocess.Popen[str], progress: Progress) -> dict[str, Any]:
    """Show progress until the program ends; returns its last line."""
    last: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        bar: Bar | None = None
        for text in process.stdout or ():
            last = json.loads(text)
            if last["event"] == "log":
                progress.line(last["line"])
            elif last["event"] in ("tick", "phase"):
                bar = bar or stack.enter_context(progress.bar("drill", last["of"], "phases"))
                if last["event"] == "phase":
                    bar.advance(_sentence(last), 1)
                bar.now(_sentence(last))
    return last


def _sentence(phase: dict[str, Any]) -> str:
    counted = f"{phase['requests']:,} requests, {sum(phase['errors'].values()):,} errors"
    reached = {"the fallback": phase["to_fallback_seconds"], "lms": phase["to_lms_seconds"]}
    first = [f", first answer of {name} after {seconds:.2f} s" for name, seconds in reached.items() if seconds is not None]
    return f"{phase['number']}/{phase['of']} {phase['name']}: {phase['seconds']:.0f} s, {counted}{''.join(first)}"


def _end(process: subprocess.Popen[str]) -> None:
    """Nothing has to be cleared up: the broken way to lms is a part of the program, and ends with it."""
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
