"""A run that finds nothing to do against the first one.

Fairness: all are whole commands, `edu2lms run --publish`, one after the other on the same databases, each time on a fresh
copy. The second one proves that nobody has written anything since and builds nothing; the third one, `--rebuild`, builds and
tests every model and finds that there is nothing to write.
"""

from __future__ import annotations

from tests.bench.measure import Timed, median, timed
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import command, world

FIRST, SECOND, REBUILD = "first run", "second run, nothing to do", "the same with --rebuild"


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("rerun", options.scale, options.repeat)
    found: dict[str, list[Timed]] = {FIRST: [], SECOND: [], REBUILD: []}
    steps: dict[str, dict[str, float]] = {}
    with world(options.scale, folder=options.folder) as servers:
        for _ in range(options.repeat):
            databases = servers.databases()
            for name, times in found.items():
                with timed(servers) as each:
                    document = command(databases, "run", "--publish", *(["--rebuild"] if name == REBUILD else []))
                times.append(each)
                steps[name] = document["seconds"]
                print(f"  {name}: {each.seconds:.2f} s", flush=True)
                if bool(document["unchanged_since"]) != (name == SECOND) or (name != FIRST and any(document["written"].values())):
                    raise RuntimeError(f"{name}: unchanged since {document['unchanged_since']}, wrote {document['written']}")
            servers.drop(databases)
    first = median(found[FIRST])
    for name, times in found.items():
        each = median(times)
        result.add(
            name,
            seconds=each.seconds,
            processor=each.processor,
            ratio=each.seconds / first.seconds,
            ratio_of_processor=each.processor / first.processor,
            **{f"{step.removeprefix('of it ')} (last)": seconds for step, seconds in steps[name].items()},
        )
    second = median(found[SECOND])
    result.goals.append(Goal("second run that finds nothing to do / first run", second.seconds / first.seconds, 0.2))
    return result
