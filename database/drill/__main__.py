"""`python -m database.drill`: the drill as a program; `edu2lms fallback drill` runs it and shows what it says.

On standard output one JSON object per line, told apart by `event`:

    tick    once a second: number and figures of the phase that goes on
    phase   the same at its end
    log     a line of the logger `database`, for people
    result  the last line; `document` holds `passed`, `missed`, `phases`, …
    error   the last line when there is no drill: kind (settings, connection, refused), message, fix

Exit codes: 0 passed · 1 a threshold was missed · 2 there was no drill.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

from database.drill.errors import DrillError
from database.drill.preflight import prepare
from database.drill.rehearsal import Options, Rehearsal

_speaking = threading.Lock()


def main() -> int:
    """Read the command line and rehearse."""
    parser = argparse.ArgumentParser(prog="python -m database.drill", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each phase lasts at least")
    parser.add_argument("--threads", type=int, default=8, help="simulated users at a time")
    parser.add_argument("--back-within", type=float, default=120.0, help="seconds until the application must be back on lms")
    parser.add_argument("--screens", type=Path, default=Path("examples/sql"), help="folder of the screens' SQL")
    given = parser.parse_args()
    _speak_of_switches()
    try:
        stage, redirected = prepare(given.screens)
        document = Rehearsal(stage, redirected, Options(given.seconds, given.threads, given.back_within), _say).run()
    except DrillError as error:
        _say({"event": "error", "kind": str(error.kind), "message": error.message, "fix": error.fix})
        return 2
    _say({"event": "result", "document": document})
    return 0 if document["passed"] else 1


class _Lines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _say({"event": "log", "line": record.getMessage()})


def _speak_of_switches() -> None:
    """The manager's own log belongs to the drill; the pool's grumbling about connections that were broken on purpose does not."""
    logger = logging.getLogger("database")
    logger.setLevel(logging.INFO)
    logger.addHandler(_Lines())
    logger.propagate = False
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)


def _say(line: dict[str, Any]) -> None:
    """One line; when nobody reads any more, the drill ends at once."""
    try:
        with _speaking:  # the monitor's thread speaks, too
            print(json.dumps(line, ensure_ascii=False), flush=True)
    except BrokenPipeError:
        os._exit(141)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        os._exit(130)  # the way is a thread of this program: it ends with it
