"""The verifier is itself verified: each of these corruptions, alone, makes `verify` say mismatch; without one it says match."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from acceptance.small.test_alarms import CORRUPTIONS as ALARMS
from corruptible import Corruptible
from corruptions import COLUMNS, SERIAL, SINGULAR, Corruption
from databases import ROOT, Databases, content, rows

from loader.verify import Verification, VerificationVerdict
from loader.verify.entities import ENTITIES, NOT_COMPARED

PAGE = ROOT / "docs" / "verification.md"
OF_ALARMS = [Corruption(f"alarm: {alarm.name}", ENTITIES, alarm.lms) for alarm in ALARMS if not alarm.edu]
OF_EDU = [alarm for alarm in ALARMS if alarm.edu]
NAMES = [entry.name for entry in (*SINGULAR, *SERIAL, *OF_ALARMS)] + [f"alarm: {alarm.name}" for alarm in OF_EDU]
OF_LMS = [pytest.param(entry, id=entry.name.replace(" ", "_")) for entry in (*SINGULAR, *OF_ALARMS)]
# Two hundred of two sorts, in the long run only; the short one has a few of each.
OF_LMS += [
    pytest.param(entry, id=entry.name.replace(" ", "_"), marks=() if place % 10 == 0 else pytest.mark.nightly)
    for place, entry in enumerate(SERIAL)
]

_caught: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def kill_rate() -> Iterator[None]:
    """Say at the end how many were caught, and keep it in the page when `EDU2LMS_KILL_RATE` asks for that."""
    yield
    if _caught:
        tried = len(_caught)
        killed = sum(1 for by in _caught.values() if by)
        print(f"\nkill rate of verify: {killed} of {tried} corruptions")
        if os.environ.get("EDU2LMS_KILL_RATE") and tried == len(NAMES):
            write_page(killed, tried)


def write_page(killed: int, tried: int) -> None:
    """Put the table between the marks of the page."""
    lines = [f"{killed} of {tried} corruptions are caught ({killed / tried:.0%}).", "", "| corruption | caught as |", "|---|---|"]
    lines += [f"| {name} | {_caught[name] or '**survived**'} |" for name in NAMES]
    text = PAGE.read_text(encoding="utf-8")
    # batches are called otherwise each time
    table = "<!-- kill rate -->\n" + re.sub(r"\b\d{8}T\d{6}Z-[0-9a-f]+\b", "(batch)", "\n".join(lines)) + "\n<!-- end -->"
    PAGE.write_text(re.sub(r"<!-- kill rate -->.*<!-- end -->", lambda _: table, text, flags=re.S), encoding="utf-8")


def test_an_untouched_copy_matches_in_every_entity(copy: Corruptible) -> None:
    found = copy.verify()
    assert [(entity, first) for entity, (result, first) in found.items() if result.verdict != VerificationVerdict.MATCH] == []
    assert set(found) == set(ENTITIES)
    assert all(result.inserted for result, _ in found.values()), "a corruption of what was never made proves nothing"


def test_every_mapped_column_is_corrupted(copy: Corruptible) -> None:
    found = copy.connection.execute(
        "select substr(relname, 6), attname from pg_class inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 "
        "where relname like 'want\\_%' and relnamespace = pg_my_temp_schema()"
    )
    derived = {"students.recognised", "users.account_id", "assessments.old_exam_id"}  # shown by what others have in metadata
    compared = {f"{entity}.{column}" for entity, column in found if column not in NOT_COMPARED} - derived
    assert compared == {f"{entity}.{column}" for entity, columns in COLUMNS.items() for column in columns}


@pytest.mark.parametrize("corruption", OF_LMS)
def test_verify_catches(copy: Corruptible, corruption: Corruption) -> None:
    found = copy.verify(corruption.lms, corruption.entities)
    caught = {
        entity: first[0].what for entity, (result, first) in found.items() if result.verdict == VerificationVerdict.MISMATCH
    }
    _caught[corruption.name] = "; ".join(f"{entity}: {what}" for entity, what in caught.items())
    assert caught, "it survived"


@pytest.mark.parametrize("alarm", OF_EDU, ids=[alarm.name.replace(" ", "_") for alarm in OF_EDU])
def test_verify_catches_a_change_in_edu(migrated: Databases, alarm: object) -> None:
    name, edu, undo = f"alarm: {alarm.name}", alarm.edu, alarm.undo  # type: ignore[attr-defined]
    rows(migrated.edu, edu)
    try:
        document = migrated.document("verify", code=1)
    finally:
        rows(migrated.edu, undo)
    caught = {entity["entity"]: entity["why"][0] for entity in document["entities"] if entity["verdict"] == "mismatch"}
    _caught[name] = "; ".join(f"{entity}: {why}" for entity, why in caught.items())
    assert caught, "it survived"
    assert document["drift"]
    assert any("changed in edu since the load" in (difference["label"] or "") for difference in document["first"])


def test_verify_catches_a_decision_that_was_changed_behind_its_back(migrated: Databases, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    mapping = tmp_path / "seeds" / "term_mapping.csv"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(
        text.replace("2019/2020,110000135,2019-2020,fall", "2019/2020,110000135,2019-2020,spring"), encoding="utf-8"
    )
    with psycopg.connect(migrated.lms) as connection:
        connection.execute("set role " + migrated.settings["LMS_USER"])
        verification = Verification(connection, tmp_path / "seeds")
        verification.begin()
        verification.read()
        verification.lay_ground()
        result, first = verification.compare("course_offerings")
    assert result.verdict == VerificationVerdict.MISMATCH
    assert all("academic_term_id" in json.dumps(difference.expected) for difference in first if difference.what == "different")


def test_verify_leaves_the_live_tables_as_they_were(migrated: Databases) -> None:
    before = content(migrated.lms)
    migrated.edu2lms("verify")
    assert content(migrated.lms) == before


def test_the_page_lists_every_corruption_as_caught() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| (.*?) \| (.*) \|$", text[text.index("<!-- kill rate -->") : text.index("<!-- end -->")], re.M)[1:]
    assert [name for name, _ in listed] == NAMES
    assert [name for name, by in listed if not by or "survived" in by] == []
