"""The database masks the same names as the recorder: neither knows the other, so this is where they are compared."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from unit.database.test_audit_masking import HARMLESS_NAMES, SECRET_NAMES

from database.audit.masking import _PARTS, _WORDS, MASK, Masker
from loader.audit.names import CAPTURED

KNOWN = Masker()
WORDS = (*_PARTS, *sorted(_WORDS), "opinion", "author")
FORMS = ["{0}", "{1}", "{2}", "my_{0}", "my{1}", "{2}-X", "x.{0}[2]", "my%5B{0}%5D", "{1}Of", "{2}Of", "{0}s", "{0}2", "un{0}ed"]
SPELLED = [form.format(word, word.capitalize(), word.upper()) for word in WORDS for form in FORMS]
MORE = ["api_key", "apiKey", "API-KEY", "private.key", "session_id", "sessionID", "cardNumber"]
NAMES = [*SECRET_NAMES, *HARMLESS_NAMES, *SPELLED, *MORE]


def masked(connection: psycopg.Connection, document: Any) -> Any:
    """What the database makes of it."""
    row = connection.execute("select audit_mask(%s)", (json.dumps(document),)).fetchone()
    assert row is not None
    return row[0]


def test_every_name_that_the_recorder_masks_is_masked_and_no_other(application: psycopg.Connection) -> None:
    found = {name: masked(application, {"deep": [{name: {"x": 1}}]}) == {"deep": [{name: MASK}]} for name in NAMES}
    assert {name for name, is_masked in found.items() if is_masked} == {name for name in NAMES if KNOWN.is_secret(name)}


@pytest.mark.parametrize(
    "document", [None, 7, "token", [], {}, {"a": {}, "b": [{}, "pin "]}, {"token": None}, {"text": "pass: x, token=y"}]
)
def test_the_rest_stays_as_it_is(application: psycopg.Connection, document: Any) -> None:
    assert masked(application, document) == document


def test_capital_letters_are_the_same_in_every_language(application: psycopg.Connection) -> None:
    """In Azerbaijani the small letter of I is another one."""
    names = ("API_KEY", "PIN", "SIGNATURE")
    assert masked(application, dict.fromkeys(names, "x")) == dict.fromkeys(names, MASK)


def test_of_the_applications_columns_only_the_passwords_are_masked(application: psycopg.Connection) -> None:
    found = application.execute(
        "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = any(%s)"
        " and audit_mask(jsonb_build_object(column_name, 1)) <> jsonb_build_object(column_name, 1)",
        (list(CAPTURED),),
    ).fetchall()
    assert {name for (name,) in found} == {"password_hash", "password_changed_at"}


def test_what_somebody_logs_by_hand_is_masked_as_well(application: psycopg.Connection) -> None:
    details = {"form": {"pin": "1234", "page": 2}}
    row = application.execute(
        "select log_user_action('u', 'login', p_action_details => %s, p_metadata => %s)",
        (json.dumps(details), json.dumps({"cookie": "c", "host": "h"})),
    ).fetchone()
    assert row is not None
    found = application.execute("select action_details, metadata from audit_logs where event_id = %s", row).fetchall()
    assert found == [({"form": {"pin": MASK, "page": 2}}, {"cookie": MASK, "host": "h"})]
