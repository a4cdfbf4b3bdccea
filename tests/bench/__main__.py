"""`python -m tests.bench NAME`: one measurement, or `report`, or `all`."""

from __future__ import annotations

import argparse
import signal
import sys
from importlib import import_module
from pathlib import Path

from tests.bench.options import Options
from tests.bench.report import render

NAMES = (
    "load",
    "copy",
    "publish",
    "dbt",
    "rowwise",
    "rerun",
    "verify",
    "fallback",
    "manager",
    "examples",
    "application",
    "audit",
    "capture",
    "scale",
)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measurements, described in docs/performance.md.")
    parser.add_argument(
        "names", nargs="+", choices=(*NAMES, "all", "report"), metavar="NAME", help=", ".join((*NAMES, "all", "report"))
    )
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data; 1.0 is the real one")
    parser.add_argument("--repeat", type=int, default=3, help="how often short things are measured; the median counts")
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0, 10.0, 30.0], help="sizes that `scale` compares")
    parser.add_argument("--sample", type=int, default=0, help="rows that `rowwise` moves before it extrapolates; 0: all")
    parser.add_argument("--dir", type=Path, default=None, help="where the servers keep their data; default: the temporary folder")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers are stopped on the way out
    if given.dir is not None:
        given.dir.mkdir(parents=True, exist_ok=True)
    options = Options(given.scale, given.repeat, tuple(given.scales), given.sample, given.dir)
    for name in _chosen(given.names):
        if name == "report":
            render()
            continue
        print(f"{name} …", flush=True)
        import_module(f"tests.bench.bench_{name}").measure(options).keep()


def _chosen(names: list[str]) -> list[str]:
    """The measurements in their order; `all` means all but the one that takes hours."""
    wanted = {*names, *(NAMES[:-1] if "all" in names else ())}
    return [name for name in (*NAMES, "report") if name in wanted]


if __name__ == "__main__":
    main()
