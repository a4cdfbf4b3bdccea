"""Fills the two databases of the demonstration with invented data.

Both servers compute the same truth from row numbers and hashes (`sql/truth_*.sql`), then each fills its own tables
from it, so the pairs in `demo.demo_answer_key` are true by construction and nothing travels between the servers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from psycopg import sql

SQL_FOLDER = Path(__file__).parent / "sql"

TRUTH = (
    "truth_functions",
    "truth_sizes",
    "truth_terms",
    "truth_subjects",
    "truth_logins",
    "truth_students",
    "truth_sections",
    "truth_rosters",
    "truth_journal",
    "truth_exams",
    "truth_teaching",
    "truth_answer_key",
)

EDU = (
    "edu_tables",
    "edu_dictionaries",
    "edu_organizations",
    "edu_years",
    "edu_subjects",
    "edu_people",
    "edu_students",
    "edu_sections",
    "edu_journal",
    "edu_exams",
    "edu_course_students",
    "edu_course_teachers",
)

LMS = (
    "lms_tables",
    "lms_catalogue",
    "lms_people",
    "lms_offerings",
    "lms_assessments",
    "lms_own_rows",
)

# Settings of the filling session only. UTC keeps the day in an id the same wherever the demonstration runs;
# compiling expressions costs more than it saves here, and the two servers share the cores already.
SESSION = {
    "timezone": "UTC",
    "work_mem": "128MB",
    "maintenance_work_mem": "256MB",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    "client_min_messages": "warning",
}


def statements(name: str) -> sql.SQL:
    """Reads one file of SQL.

    Args:
        name: File name without folder and suffix.

    Returns:
        The whole file, to be run as one script.

    Raises:
        FileNotFoundError: There is no such file.
    """
    # The text is a file of this package, never input from outside; braces in it are not placeholders.
    return sql.SQL((SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


def file_names(database: str, *, damaged: bool) -> tuple[str, ...]:
    """Lists the files that fill one database, in their order.

    Args:
        database: `edu` or `lms`.
        damaged: Whether the rows that cannot be repaired are added.

    Returns:
        File names without folder and suffix.
    """
    own, after = {
        "edu": (EDU, ("edu_keys",)),
        "lms": (LMS, ("lms_keys", "lms_triggers", "lms_security", "lms_views")),
    }[database]
    damage = ("truth_damage", f"{database}_damage") if damaged else ()
    return (*TRUTH, *own, *damage, *after, "finish")


def fill_one(database: str, conninfo: str, *, scale: float, damaged: bool, report: Callable[[str], None]) -> None:
    """Creates and fills one database in one transaction.

    Args:
        database: `edu` or `lms`.
        conninfo: Connection string of the server's superuser, naming an empty database.
        scale: Share of the full size; 1.0 has the 510,269 journal rows.
        damaged: Adds rows that cannot be migrated.
        report: Called with one line of progress after each file.

    Raises:
        psycopg.Error: The server refused a statement; the database is then still empty.
    """
    settings = SESSION | {"demo.scale": str(scale), "demo.damaged": str(damaged).lower()}
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, false)", (name, value))
        # One transaction: a table made and filled in the same one needs no write-ahead log.
        with connection.transaction():
            for name in file_names(database, damaged=damaged):
                started = time.monotonic()
                connection.execute(statements(name))
                report(f"{database}: {name} ({time.monotonic() - started:.2f} s)")
        started = time.monotonic()
        # Outside of it: VACUUM sets the visibility map and the statistics, so the first run is not slowed by autovacuum.
        connection.execute("vacuum analyze")
        report(f"{database}: vacuum analyze ({time.monotonic() - started:.2f} s)")


def fill(edu: str, lms: str, *, scale: float, damaged: bool, report: Callable[[str], None]) -> None:
    """Creates and fills both databases of the demonstration at the same time.

    Args:
        edu: Connection string of the superuser of the legacy server, naming an empty database.
        lms: Connection string of the superuser of the live server, naming an empty database.
        scale: Share of the full size, above 0; small scales keep every kind of damage at least once.
        damaged: Adds rows that cannot be migrated, and says how many in `demo.demo_expected_rejects`.
        report: Called with one line of progress after each file, from two threads.

    Raises:
        ValueError: The scale is not above 0 or beyond 100.
        psycopg.Error: A server refused a statement.
    """
    if not 0 < scale <= 100:
        raise ValueError(f"scale must be above 0 and at most 100, not {scale}")
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = [
            pool.submit(fill_one, database, conninfo, scale=scale, damaged=damaged, report=report)
            for database, conninfo in (("edu", edu), ("lms", lms))
        ]
        for job in jobs:
            job.result()
