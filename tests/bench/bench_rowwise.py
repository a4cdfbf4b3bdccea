"""`edu2lms run --publish` against a row-wise migration in Python (`rowwise.py` beside this file).

Fairness: both begin with the same data on fresh copies. The row-wise one moves three of eleven tables, by the plain natural
keys, and tests nothing; it connects through a local socket, so that a question to the server costs as little as it ever can.
With `--sample` it moves only so many journal rows, and its time for them is extrapolated linearly to all of them (its second
half is not faster than its first: the indexes grow). The run is the whole command, all eleven tables, tests and report.
"""

from __future__ import annotations

import psycopg

from tests.bench.measure import timed
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.rowwise import RowWise
from tests.bench.world import command, world


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("rowwise", options.scale, 1)
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases()
        with psycopg.connect(databases.edu) as edu:
            row = edu.execute("select count(*) from journal where active = 1").fetchone()
            journal = int(row[0]) if row else 0
        with timed(servers) as by_rows:
            rowwise = RowWise(databases.edu, databases.lms)
            try:
                moved = rowwise.run(options.sample)
            finally:
                rowwise.close()
        with psycopg.connect(databases.lms) as lms:
            row = lms.execute("select count(old_journal_id) from course_enrollments").fetchone()
            arrived = int(row[0]) if row else 0
        servers.drop(databases)
        databases = servers.databases()
        with timed(servers) as by_sets:
            document = command(databases, "run", "--publish")
    sampled = moved.rows["enrollments"]
    seconds = by_rows.seconds + moved.seconds["enrollments"] * (journal / sampled - 1)
    for kind, each in moved.seconds.items():
        result.add(f"row-wise: {kind}", seconds=each, rows=moved.rows[kind], rows_per_second=round(moved.rows[kind] / each))
    result.add(
        "row-wise, three tables" + (", extrapolated" if sampled < journal else ""),
        seconds=seconds,
        processor=by_rows.processor if sampled == journal else None,
        rows=sum(moved.rows.values()) + journal - sampled,
        ratio=seconds / by_sets.seconds,
    )
    rows = document["load"]["rows"]
    result.add(
        "edu2lms run --publish, eleven tables",
        seconds=by_sets.seconds,
        processor=by_sets.processor,
        rows=rows,
        rows_per_second=round(rows / by_sets.seconds),
        ratio=1.0,
    )
    publish = document["seconds"]["of it publish"]
    written = document["written"]["inserted"] + document["written"]["tracked"]
    result.add("of it: the publication", seconds=publish, rows=written, rows_per_second=round(written / publish))
    if sampled < journal:
        result.notes.append(f"Extrapolated from {sampled:,} of {journal:,} journal rows.")
    result.notes.append(
        f"The row-wise migration tracked {arrived:,} of the {sampled:,} journal rows that it read; the rest waits for a rule."
    )
    result.goals.append(Goal("row-wise migration / edu2lms run --publish", seconds / by_sets.seconds, 20.0, at_least=True))
    return result
