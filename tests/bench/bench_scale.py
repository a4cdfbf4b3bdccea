"""`edu2lms run --publish` at larger sizes: time per legacy row, and the memory of every process.

Fairness: one run at each size on servers of its own with the same settings (`shared_buffers` stays, so that the larger data
do not fit). Memory is looked at ten times a second: a peak between two looks is not seen. Shared pages belong to nobody:
a session's own memory is what it has resident less what it shares. Disk is what the server says about its relations when the
run is over, log and temporary files what it has written meanwhile.

Time and disk grow as a + b times the rows (`model`): the two smaller sizes give a and b of each, and the largest is compared
with what they predict.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import psycopg

from tests.bench.measure import Memory, processor, watched
from tests.bench.model import Values, at, line
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import edu2lms, world

_MIB = 1024**2
_DISK = (Path(__file__).parent / "sql" / "disk.sql").read_text(encoding="utf-8")
_WRITTEN = (Path(__file__).parent / "sql" / "written.sql").read_text(encoding="utf-8")


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("scale", max(options.scales), 1)
    rows: dict[float, int] = {}
    seconds: dict[float, float] = {}
    memories: dict[float, Memory] = {}
    grown: dict[float, Values] = {}
    for scale in options.scales:
        print(f"  scale {scale:g} …", flush=True)
        with world(scale, folder=options.folder) as servers:
            databases = servers.databases()
            command = edu2lms("run", "--publish", "--vars", "{statement_timeout: 6h}")
            written = _ask(databases.lms, _WRITTEN)
            before, started = processor(servers), time.perf_counter()
            with (servers.folder / "said.json").open("w+") as said, (servers.folder / "log").open("w") as log:
                process = subprocess.Popen(
                    command, env=databases.environment, cwd=databases.folder, stdout=said, stderr=log, text=True
                )
                with watched(servers, process) as memories[scale]:
                    code = process.wait()
                seconds[scale] = time.perf_counter() - started
                said.seek(0)
                document = json.loads(said.read())
            if code:
                raise RuntimeError(f"edu2lms run ended with {code}: {document}")
            rows[scale] = document["load"]["rows"]
            used = processor(servers) - before
            since = {name: each - written[name] for name, each in _ask(databases.lms, _WRITTEN).items()}
            grown[scale] = (
                {"seconds": seconds[scale]}
                | {f"{name.removeprefix('of it ')} s": each for name, each in document["seconds"].items()}
                | {"edu MiB": _ask(databases.edu, _DISK)["public MiB"]}
                | _ask(databases.lms, _DISK)
                | since
            )
        peaks = memories[scale].peaks
        result.add(
            f"scale {scale:g}",
            rows=rows[scale],
            µs_per_row=seconds[scale] / rows[scale] * 1e6,
            processor_µs_per_row=used / rows[scale] * 1e6,
            **grown[scale],
            **{f"{kind} MiB": round(peak.own / _MIB) for kind, peak in sorted(peaks.items())},
            session_in_lms_MiB_with_shared_pages=round(peaks["session in lms"].resident / _MIB),
        )
    sizes = sorted(options.scales)
    result.data = {"rows": [rows[scale] for scale in sizes], "values": [grown[scale] for scale in sizes]}
    if len(sizes) > 2:
        coefficients = line(rows[sizes[0]], grown[sizes[0]], rows[sizes[1]], grown[sizes[1]])
        predicted = at(coefficients, rows[sizes[-1]])["seconds"]
        off = max(predicted / seconds[sizes[-1]], seconds[sizes[-1]] / predicted)
        result.goals.append(Goal(f"seconds at scale {sizes[-1]:g}, measured and predicted, the larger / the smaller", off, 1.15))
    smallest = sizes[0]
    for scale in sizes[1:]:
        ratio = seconds[scale] / rows[scale] / (seconds[smallest] / rows[smallest])
        result.goals.append(Goal(f"time per legacy row at scale {scale:g} / at {smallest:g}", ratio, 1.1))
        for kind in ("dbt", "edu2lms"):  # sessions are bounded by work_mem, which small data do not use up: the table shows them
            ratio = memories[scale].peaks[kind].own / memories[smallest].peaks[kind].own
            result.goals.append(Goal(f"most memory of {kind} at scale {scale:g} / at {smallest:g}", ratio, 1.1))
    return result


def _ask(conninfo: str, question: str) -> dict[str, float]:
    """Name and number of each line of an answer."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return dict(connection.execute(question.encode()).fetchall())
