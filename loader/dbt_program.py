"""dbt as a program that does not outlive edu2lms: run as `python -m loader.dbt_program ARGUMENTS`, with a pipe as standard input.

An edu2lms that is killed cannot stop its dbt, which would go on and publish while the next run is at work.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    """Wait until the other end of the pipe is closed, which the kernel does for whoever was killed."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)  # the server rolls back what was not committed


def main() -> None:
    """Run dbt."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from dbt.cli.main import cli  # importing it takes a second

    sys.argv[0] = "dbt"
    cli()


if __name__ == "__main__":
    main()
