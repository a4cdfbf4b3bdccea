"""`verify` after a small batch, and after the full run that completes it."""

from __future__ import annotations

from dataclasses import replace

from databases import Databases, Step
from psycopg.conninfo import conninfo_to_dict


def _of_copy(step: Step) -> Databases:
    """The command line on the copy that was kept of the small batch."""
    name = str(conninfo_to_dict(step.databases.lms)["dbname"])
    return replace(step.databases, settings={**step.databases.settings, "LMS_DBNAME": name})


def test_after_a_small_batch_what_is_there_is_right_and_the_rest_cannot_be_told(small_batch: Step) -> None:
    document = _of_copy(small_batch).document("verify", code=1)
    assert (document["verdict"], document["first"]) == ("cannot tell", [])
    assert {entity["verdict"] for entity in document["entities"]} == {"cannot tell"}
    assert sum(entity["inserted"] for entity in document["entities"]) > 1000


def test_a_batch_in_progress_may_be_accepted(small_batch: Step) -> None:
    assert _of_copy(small_batch).document("verify", "--partial")["verdict"] == "cannot tell"


def test_after_the_full_run_everything_matches(completed: Step) -> None:
    document = completed.databases.document("verify")
    assert {entity["verdict"] for entity in document["entities"]} == {"match"}
