"""The UUIDs of migrated rows: computed by a macro in the database and by a function in Python, which must agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from databases import Step, rows
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loader.legacy_uuid import ENTITY_CODES, decode_legacy_uuid, legacy_uuid

LOWEST, HIGHEST = -(2**63), 2**63 - 1
EXTREMES = [LOWEST, LOWEST + 1, -(2**32), -1, 0, 1, 2**18 - 1, 2**20, 2**32 - 1, 2**32, HIGHEST - 1, HIGHEST]
INLINE = (
    "select {% for entity in entity_codes() %}{{ legacy_uuid(entity, 'n') }} as {{ entity }}, {% endfor %}n "
    "from unnest(array[{{ '%s' }}]::bigint[]) with ordinality as given (n, place) order by place"
)


@pytest.fixture(scope="module")
def macro(at_once: Step, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[psycopg.Connection, str]]:
    """A connection, and the macro as dbt renders it for every entity."""
    # in a folder of its own: the files that dbt wrote about the run are read by other tests
    inline = replace(at_once.databases, folder=tmp_path_factory.mktemp("inline"))
    said = inline.dbt("-q", "compile", "--no-populate-cache", "--output", "json", "--inline", INLINE).stdout
    statement = str(json.loads(said)["compiled"]).replace("array[%s]::bigint[]", "%s::bigint[]")
    with psycopg.connect(at_once.databases.lms, autocommit=True) as connection:
        yield connection, statement


@settings(max_examples=150, deadline=None)
@given(legacy_ids=st.lists(st.integers(LOWEST, HIGHEST), min_size=1, max_size=40))
@example(legacy_ids=EXTREMES)
def test_the_macro_and_the_function_agree_on_every_entity_and_id(
    macro: tuple[psycopg.Connection, str], legacy_ids: list[int]
) -> None:
    connection, statement = macro
    found = connection.execute(statement, (legacy_ids,))
    assert found.description is not None
    names = [column.name for column in found.description][:-1]
    assert names == list(ENTITY_CODES)
    for legacy_id, row in zip(legacy_ids, found.fetchall(), strict=True):
        assert row[-1] == legacy_id
        for entity, identifier in zip(names, row[:-1], strict=True):
            assert isinstance(identifier, UUID)
            assert identifier == legacy_uuid(entity, legacy_id)
            assert identifier.version == 8
            assert decode_legacy_uuid(identifier) == (entity, legacy_id)


def test_the_identifier_of_every_inserted_row_leads_back_to_its_legacy_row(at_once: Step) -> None:
    written = rows(
        at_once.databases.lms,
        "select entity, legacy_id, live_id, method from ledger.crosswalk where method in ('inserted', 'own_login')",
    )
    assert {entity for entity, *_ in written} >= {"students", "course_offerings", "course_enrollments", "assessment_submissions"}
    assert {method for *_, method in written} == {"inserted", "own_login"}
    wrong = [
        (entity, legacy_id, live_id, decode_legacy_uuid(live_id))
        for entity, legacy_id, live_id, _ in written
        if decode_legacy_uuid(live_id) != (entity, legacy_id)
    ]
    assert wrong == []


def test_a_row_that_was_there_before_keeps_its_own_identifier(at_once: Step, untouched: str) -> None:
    matched = rows(
        at_once.databases.lms,
        """
        select entity, live_id from ledger.crosswalk
        where method not in ('inserted', 'own_login', 'folded') and entity not in ('accounts', 'student_logins', 'staff_logins')
    """,
    )
    there = {entity: {row[0] for row in rows(untouched, f"select id from {entity}")} for entity in {row[0] for row in matched}}
    assert [entry for entry in matched if entry[1] not in there[entry[0]]] == []
