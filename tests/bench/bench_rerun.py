"""A run that finds nothing to do against the first one.

Fairness: both are whole commands, `edu2lms run --publish`, one after the other on the same databases, each pair on a fresh
copy. The second one loads only what differs (nothing), and yet builds and tests every model: what it is proven by is not
skipped.
"""

from __future__ import annotations

from tests.bench.measure import Timed, median, timed
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import command, world


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("rerun", options.scale, options.repeat)
    found: dict[str, list[Timed]] = {"first run": [], "second run, nothing to do": []}
    steps: dict[str, dict[str, float]] = {}
    with world(options.scale, folder=options.folder) as servers:
        for _ in range(options.repeat):
            databases = servers.databases()
            for name, times in found.items():
                with timed(servers) as each:
                    document = command(databases, "run", "--publish")
                times.append(each)
                steps[name] = document["seconds"]
                print(f"  {name}: {each.seconds:.2f} s", flush=True)
            written = document["written"]
            if any(written.values()):
                raise RuntimeError(f"the second run wrote {written}")
            servers.drop(databases)
    first = median(found["first run"])
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
    second = median(found["second run, nothing to do"])
    result.goals.append(Goal("second run that finds nothing to do / first run", second.seconds / first.seconds, 0.2))
    return result
