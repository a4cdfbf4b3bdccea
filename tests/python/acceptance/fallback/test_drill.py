"""`edu2lms fallback drill` on real servers: it passes, it changes nothing, and its alarms ring."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from bad_network import BadNetwork
from database_world import until
from databases import content, rows
from fallback_world import Pair
from psycopg.conninfo import conninfo_to_dict

FAST = {
    "EDU2LMS_DB_RETRY_SECONDS": "0.5",
    "EDU2LMS_DB_GOOD_PROBES": "2",
    "EDU2LMS_DB_GOOD_PROBE_SECONDS": "0.1",
    "EDU2LMS_DB_SILENCE": "1",
}
_WRITTEN = "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables where schemaname = %s"

_SESSIONS = "select pid from pg_stat_activity where datname = current_database() and application_name like 'edu2lms application%'"


def drill(pair: Pair, *arguments: str, code: int, **settings: str) -> Any:
    """Five seconds a phase: the one request that each user may lose in an outage is less than a hundredth of its own."""
    changed = {name: text for name, text in {**pair.settings, **FAST, **settings}.items() if text}
    usual = ("--threads", "4", "--seconds", "5")
    return replace(pair, settings=changed).document("fallback", "drill", *usual, *arguments, code=code)


def sessions(pair: Pair) -> int:
    """How many the application has in both databases."""
    return sum(len(rows(conninfo, _SESSIONS)) for conninfo in (pair.lms, pair.edu))


@pytest.fixture
def over_tcp(published: Pair) -> Iterator[Pair]:
    """The same pair, its lms reached by name and port."""
    lms = conninfo_to_dict(published.lms)
    with BadNetwork(lambda: f"{lms['host']}/.s.PGSQL.{lms['port']}") as way:
        yield replace(published, settings={**published.settings, "LMS_HOST": "localhost", "LMS_PORT": str(way.port)})


def test_a_drill_passes_and_changes_nothing(over_tcp: Pair) -> None:
    before = content(over_tcp.lms), rows(over_tcp.edu, _WRITTEN, "lms_compat")
    document = drill(over_tcp, code=0)
    assert (content(over_tcp.lms), rows(over_tcp.edu, _WRITTEN, "lms_compat")) == before
    assert document["passed"] is True
    assert document["missed"] == []
    phases = document["phases"]
    assert [phase["name"] for phase in phases] == ["warm-up", "refused", "back", "silent", "back", "flapping", "back"]
    assert phases[0]["on_lms"] == phases[0]["requests"] > 50
    assert phases[1]["to_fallback_seconds"] < 2
    assert 1 < phases[3]["to_fallback_seconds"] < 5, "connect_timeout decides"
    for outage, back in zip(phases[1::2], phases[2::2], strict=True):
        assert outage["on_edu"] > 20
        assert outage["writes_refused"] > 0
        assert back["to_lms_seconds"] > 0
        assert back["on_lms"] > 0
    assert document["writes_through"] == 0
    assert document["most_probes_in_flight"] == 1
    assert document["switches"] >= 6


def test_not_back_in_time_rings(published: Pair) -> None:
    document = drill(published, "--seconds", "1", "--back-within", "2", code=1, EDU2LMS_DB_RETRY_SECONDS="3600")
    assert "after refused: not back on lms within 2 s; the drill ended there" in document["missed"]
    assert [phase["name"] for phase in document["phases"]] == ["warm-up", "refused", "back"]
    shown = replace(published, settings={**published.settings, **FAST, "EDU2LMS_DB_GOOD_PROBES": "500"}).edu2lms(
        "fallback", "drill", "--seconds", "1", "--back-within", "2", code=1
    )
    assert "Drill: not passed" in shown.stdout
    assert "Missed: after refused: not back on lms within 2 s" in shown.stdout
    assert "database switched from lms to edu: lms is out: refused" in shown.stderr
    assert "drill: 2/7 refused" in shown.stderr


def test_a_role_that_may_write_rings(pair: Pair) -> None:
    role = pair.settings["FALLBACK_USER"]
    rows(pair.edu, f"grant insert, update, delete on all tables in schema lms_compat to {role}")
    before = rows(pair.edu, _WRITTEN, "lms_compat")
    document = drill(pair, "--seconds", "1", "--back-within", "1", code=1, EDU2LMS_DB_RETRY_SECONDS="3600")
    assert document["writes_through"] > 0
    assert any("the fallback's role may write" in sentence for sentence in document["missed"])
    assert rows(pair.edu, _WRITTEN, "lms_compat") == before


def test_without_a_fallback_there_is_no_drill(published: Pair, bare: Pair) -> None:
    assert published.settings["FALLBACK_USER"] == bare.settings["FALLBACK_USER"], "the role is there, the schema is not"
    error = drill(bare, code=4)["error"]
    assert "finds no fallback in edu" in error["message"]
    assert error["fix"] == "run `edu2lms fallback publish`."


def test_a_role_without_its_rights_is_told(pair: Pair) -> None:
    rows(pair.edu, f"revoke select on lms_compat.course_enrollments from {pair.settings['FALLBACK_USER']}")
    error = drill(pair, code=4)["error"]
    assert "permission denied for view course_enrollments" in error["message"]
    assert "edu2lms fallback publish" in error["fix"]
    pair.publish()
    document = drill(pair, "--seconds", "0.5", "--back-within", "1", code=1, EDU2LMS_DB_RETRY_SECONDS="3600")
    assert document["phases"][0]["name"] == "warm-up", "the fix was right: the drill takes place"


@pytest.mark.parametrize(
    ("settings", "code", "said", "fix"),
    [
        ({"LMS_APP_USER": ""}, 2, "LMS_APP_USER", ".env"),
        ({"FALLBACK_PASSWORD": "wrong"}, 3, "cannot enter edu", "FALLBACK_PASSWORD"),
        ({"LMS_APP_PASSWORD": "wrong"}, 3, "cannot enter lms", "LMS_APP_PASSWORD"),
        ({"EDU_HOST": "/nowhere"}, 3, "cannot enter edu", "start edu, or correct EDU_HOST"),
    ],
)
def test_what_is_missing_is_named(published: Pair, settings: dict[str, str], code: int, said: str, fix: str) -> None:
    error = drill(published, code=code, **settings)["error"]
    assert said in error["message"]
    assert fix in error["fix"]
    assert "wrong" not in error["message"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_interrupted_drill_leaves_nothing_behind(published: Pair, number: signal.Signals, code: int) -> None:
    """The program below it, with the broken way and all connections, ends with it, however it ends."""
    environment = {**published.environment, **FAST}
    command = [sys.executable, "-m", "loader", "fallback", "drill", "--seconds", "4"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        assert "drill: 1/7 warm-up" in process.stderr.readline()
        until(lambda: sessions(published) > 0)
        process.send_signal(number)
        assert process.wait(15) == code
    until(lambda: sessions(published) == 0, 15)
