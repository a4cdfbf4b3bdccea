"""The verification of all content against the full load.

Fairness: both are whole commands on the same published databases, in turn. The load copies sixteen tables and proves each
copy; the verification derives every column of eleven live tables anew from edu, through the foreign tables, and compares all
rows.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.measure import Timed, interleaved, median, timed
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import command, world


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("verify", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases()
        command(databases, "run", "--publish")

        def one(*arguments: str) -> Timed:
            with timed(servers) as found:
                command(databases, *arguments)
            return found

        contestants: dict[str, Callable[[], Timed]] = {
            "edu2lms load --full": lambda: one("load", "--full"),
            "edu2lms verify": lambda: one("verify"),
        }
        found = {name: median(times) for name, times in interleaved(options.repeat, contestants).items()}
    load, verify = found.values()
    for name, each in found.items():
        result.add(
            name,
            seconds=each.seconds,
            processor=each.processor,
            ratio=each.seconds / load.seconds,
            ratio_of_processor=each.processor / load.processor,
        )
    result.goals.append(Goal("edu2lms verify / edu2lms load --full", verify.seconds / load.seconds, 2.0))
    return result
