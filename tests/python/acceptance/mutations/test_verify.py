"""`edu2lms verify` from outside: exit codes, interruption and resumption, what it refuses, what it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from corruptible import Corruptible
from databases import Databases, rows, value

from loader.verify import VerificationVerdict

DEADLINE = 120  # seconds
WAITING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and query like '%%value_warnings%%' and datname = current_database() and usename = %s
"""


def wait_for(condition: Callable[[], Any]) -> None:
    """Wait until something is so, within the deadline."""
    until = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


@contextmanager
def held(databases: Databases) -> Iterator[None]:
    """A table of the ledger that only the checks of the enrollments read is locked: the verification waits there."""
    with psycopg.connect(databases.lms) as holder:
        holder.execute("lock table ledger.value_warnings in access exclusive mode")
        yield
        holder.rollback()


def interrupted(databases: Databases, how: signal.Signals) -> subprocess.CompletedProcess[str]:
    """A verification that is ended in the middle of the enrollments."""
    command = [sys.executable, "-m", "loader", "verify", "--block-size", "2000"]
    with held(databases):
        process = subprocess.Popen(
            command, env=databases.environment, cwd=databases.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            wait_for(lambda: process.poll() is not None or value(databases.lms, WAITING, databases.settings["LMS_USER"]))
            process.send_signal(how)
            out, err = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
            process.wait()
    wait_for(lambda: not value(databases.lms, WAITING, databases.settings["LMS_USER"]))
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def test_it_matches_with_exit_code_0_and_is_noted_in_the_ledger(migrated: Databases) -> None:
    document = migrated.document("verify")
    assert (document["verdict"], document["snapshots"], document["first"], document["drift"]) == ("match", 1, [], [])
    assert {entity["verdict"] for entity in document["entities"]} == {"match"}
    noted = "select verdict, batch_id, place from ledger.verifications order by started_at desc limit 1"
    assert rows(migrated.lms, noted) == [("match", document["batch"], None)]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_one_goes_on_where_it_was(migrated: Databases, how: signal.Signals) -> None:
    ended = interrupted(migrated, how)
    place, results = rows(migrated.lms, "select place, results from ledger.verifications order by started_at desc limit 1")[0]
    assert (place["entity"], place["block"]) == ("course_enrollments", place["blocks"] - 1)
    assert len(results) == 8
    if how == signal.SIGTERM:
        assert ended.returncode == 130
        assert f"interrupted in course_enrollments, block {place['blocks']} of {place['blocks']}" in " ".join(
            ended.stderr.split()
        )
    resumed = migrated.document("verify", "--resume")
    assert (resumed["verdict"], resumed["snapshots"]) == ("match", 2)
    plain = migrated.document("verify", "--block-size", "2000")
    assert resumed["entities"] == plain["entities"]


def test_a_resumed_one_remembers_what_it_had_found(migrated: Databases) -> None:
    wrong = "update students set gpa = {} where id = (select live_id from ledger.crosswalk where entity = 'students' "
    wrong += "and method = 'inserted' order by legacy_id limit 1)"
    rows(migrated.lms, wrong.format("1.5"))
    try:
        interrupted(migrated, signal.SIGKILL)
        rows(migrated.lms, wrong.format("null"))  # it has gone meanwhile
        resumed = migrated.document("verify", "--resume", code=1)
    finally:
        rows(migrated.lms, wrong.format("null"))
    (difference,) = resumed["first"]
    assert (difference["entity"], difference["expected"], difference["found"]) == ("students", {"gpa": None}, {"gpa": 1.5})
    assert difference["label"].startswith("edited in lms since batch")
    migrated.edu2lms("verify", "--entity", "students")


def test_it_does_not_go_on_after_another_batch(migrated: Databases) -> None:
    interrupted(migrated, signal.SIGKILL)
    rows(migrated.lms, "insert into ledger.batches (batch_id, started_at, published_at) values ('later', now(), now())")
    try:
        refused = migrated.document("verify", "--resume", code=4)
    finally:
        rows(migrated.lms, "delete from ledger.batches where batch_id = 'later'")
    assert "batch later was published" in refused["error"]["message"]
    migrated.document("verify", "--resume")


def test_there_is_nothing_to_resume_after_a_finished_one(migrated: Databases) -> None:
    migrated.document("verify", "--entity", "academic_terms")
    assert migrated.document("verify", "--resume", code=4)["error"]["type"] == "NothingToResumeError"


def test_it_waits_for_no_run_but_says_that_one_is_at_work(migrated: Databases) -> None:
    with psycopg.connect(migrated.lms, autocommit=True) as other:
        other.execute("select pg_advisory_lock(1701082476, 1)")
        assert migrated.document("verify", code=4)["error"]["type"] == "BusyError"


def test_an_unknown_table_is_a_usage_error(migrated: Databases) -> None:
    refused = migrated.document("verify", "--table", "journal", code=2)
    assert "course_enrollments" in refused["error"]["fix"]


def test_when_everything_was_taken_back_it_cannot_tell(migrated: Databases) -> None:
    rows(migrated.lms, "update ledger.batches set undone_at = now()")
    try:
        document = migrated.document("verify", code=1)
    finally:
        rows(migrated.lms, "update ledger.batches set undone_at = null")
    assert document["verdict"] == "cannot tell"
    assert {entity["why"][0] for entity in document["entities"]} == {"nothing has been published"}


def test_a_small_batch_cannot_tell_and_says_how_many_are_left(copy: Corruptible) -> None:
    left = """
        update ledger.batches set courses = 20;
        with gone as (
            delete from ledger.crosswalk where entity = 'assessment_submissions' and method = 'inserted' returning live_id
        ),
        counted as (update ledger.batch_tables set inserted = 0 where entity = 'assessment_submissions')
        delete from assessment_submissions where id in (select live_id from gone)
    """
    ((result, first),) = copy.verify(left, ["assessment_submissions"]).values()
    assert (result.verdict, result.not_yet, first) == (VerificationVerdict.CANNOT_TELL, 120, ())


def test_the_report_names_ids_columns_and_both_values(migrated: Databases) -> None:
    statement = "update courses set credit_hours = {} where id = (select live_id from ledger.crosswalk where entity = 'courses' "
    statement += "and method = 'inserted' order by legacy_id limit 1)"
    rows(migrated.lms, statement.format(4))
    try:
        said = migrated.edu2lms("verify", "--entity", "courses", code=1).stdout
    finally:
        rows(migrated.lms, statement.format(3))
    assert "legacy id 199901060000099901" in said
    assert "credit_hours is 4, expected 3" in " ".join(said.split())


def test_it_can_write_nothing_but_its_work_tables(migrated: Databases) -> None:
    from databases import ROOT

    from loader.verify import Verification

    with psycopg.connect(migrated.lms) as connection:
        verification = Verification(connection, ROOT / "seeds")
        verification.begin()
        verification.seal()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("update public.students set gpa = 1")


def test_no_password_is_said(migrated: Databases) -> None:
    done = migrated.edu2lms("verify", "--entity", "users", "--json")
    secrets = [os.fspath(secret) for name, secret in migrated.settings.items() if name.endswith("PASSWORD")]
    assert [secret for secret in secrets if secret in done.stdout + done.stderr] == []
