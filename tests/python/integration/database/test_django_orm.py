"""The ORM on the manager's connections: its pool, its decision, its errors; transactions as Django promises them."""

from __future__ import annotations

import asyncio
import os
import threading
from functools import lru_cache, partial
from typing import Any

import pytest
from database_world import World, until

from database.connection_manager import get_db_manager
from database.errors import OutcomeUnknown, ReadOnlyFallbackError, ReadOnlyPrimary, TransactionLost

pytestmark = pytest.mark.usefixtures("in_django")


@lru_cache
def model(table: str) -> Any:
    """A table of the small lms. Django knows a model for good: each is made once."""
    from django.db import models

    class Meta:
        app_label = "small"
        managed = False
        db_table = table

    if table == "students":
        fields = {"id": models.IntegerField(primary_key=True), "student_number": models.TextField()}
    else:
        fields = {"id": models.BigAutoField(primary_key=True), "user_id": models.TextField(null=True)}
    return type(table.title().replace("_", ""), (models.Model,), {"__module__": __name__, "Meta": Meta, **fields})


def wrapper() -> Any:
    """Django's connection of this thread."""
    from django.db import connection

    return connection


def written(world: World) -> list[str]:
    return [user for (user,) in world.query("lms", "select user_id from audit_logs order by id")]


def lms_goes_out(world: World) -> None:
    world.lms.refuse()
    until(lambda: get_db_manager().get_database_info()["source"] == "edu")


def lms_comes_back(world: World) -> None:
    world.lms.repair()
    until(lambda: get_db_manager().get_database_info()["source"] == "lms")


def names() -> list[str]:
    return list(model("students").objects.order_by("id").values_list("student_number", flat=True)[:3])


def test_the_same_from_both(world: World) -> None:
    assert names() == ["STU1", "STU2", "STU3"]
    assert wrapper().connection.source == "lms"
    wrapper().close()
    lms_goes_out(world)
    assert names() == ["STU1", "STU2", "STU3"]
    assert wrapper().connection.source == "edu"


def test_atomic_is_rolled_back_as_a_whole_and_by_savepoints(world: World) -> None:
    from django.db import transaction

    logs = model("audit_logs").objects

    @transaction.atomic
    def fail(text: str) -> None:
        logs.create(user_id=text)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail("lost")
    assert written(world) == []
    with transaction.atomic():
        logs.create(user_id="kept")
        with pytest.raises(ZeroDivisionError):
            fail("lost, too")
        assert written(world) == [], "nothing is seen before the end"
    assert written(world) == ["kept"]
    logs.create(user_id="by itself")
    assert written(world) == ["kept", "by itself"]


def test_what_is_done_on_commit_is_done_only_then(world: World) -> None:
    from django.db import transaction

    done: list[list[str]] = []
    with transaction.atomic():
        model("audit_logs").objects.create(user_id="x")
        transaction.on_commit(lambda: done.append(written(world)))
        assert done == []
    assert done == [["x"]]


@pytest.mark.parametrize("atomic", [False, True])
def test_a_write_on_the_fallback_is_refused_by_type(world: World, atomic: bool) -> None:
    from django.db import OperationalError, transaction

    lms_goes_out(world)
    students = model("students").objects
    change = partial(students.filter(id=1).update, student_number="changed")
    add = partial(students.create, id=0, student_number="new")
    with pytest.raises(ReadOnlyFallbackError) as caught:
        transaction.atomic(change)() if atomic else add()
    assert isinstance(caught.value, OperationalError), "handlers that know only Django's errors go on working"
    assert caught.value.retry_after >= 1
    assert str(caught.value).count("Wait until lms is back") == 1
    assert names() == ["STU1", "STU2", "STU3"]


def test_a_write_on_a_demoted_primary_is_refused_by_type(world: World) -> None:
    from django.conf import settings
    from django.db import OperationalError

    settings.EDU2LMS_DATABASE = {key.upper(): value for key, value in world.settings(retry_seconds=60.0).items()}
    assert names()
    until(lambda: get_db_manager().get_database_info()["primary"]["verified"])  # the next look is a minute away
    try:
        world.make_read_only(True)
        with pytest.raises(ReadOnlyPrimary) as caught:
            model("audit_logs").objects.create(user_id="x")
        assert isinstance(caught.value, OperationalError)
        until(lambda: get_db_manager().get_database_info()["source"] == "edu")
    finally:
        world.make_read_only(False)


def test_a_connection_that_breaks_in_a_transaction_takes_it_along(world: World) -> None:
    from django.db import transaction

    logs = model("audit_logs").objects

    @transaction.atomic
    def write() -> None:
        logs.create(user_id="lost")
        lms_goes_out(world)
        with pytest.raises(TransactionLost):
            names()
        names()  # no new connection in the middle of a transaction: the same is said again

    with pytest.raises(TransactionLost):
        write()
    assert names() == ["STU1", "STU2", "STU3"], "the next one is answered by the fallback"
    assert wrapper().connection.source == "edu"
    lms_comes_back(world)
    assert written(world) == []


def test_a_commit_without_an_answer_is_not_taken_for_a_failure(world: World) -> None:
    from django.db import transaction

    @transaction.atomic
    def write() -> None:
        model("audit_logs").objects.create(user_id="arrived")
        world.lms.cut_at(b"COMMIT", after=True)

    with pytest.raises(OutcomeUnknown):
        write()
    world.lms.repair()
    assert names()
    assert written(world) == ["arrived"]


def test_a_connection_that_is_kept_for_long_moves_with_the_decision(world: World) -> None:
    """A command that runs for days never ends a request."""
    assert names()
    lms_goes_out(world)
    assert names()
    assert wrapper().connection.source == "edu"
    lms_comes_back(world)
    model("audit_logs").objects.create(user_id="after")
    assert wrapper().connection.source == "lms"
    assert written(world) == ["after"]


def test_within_a_transaction_it_does_not_move(world: World) -> None:
    from django.db import transaction

    lms_goes_out(world)
    with transaction.atomic():
        assert names()
        lms_comes_back(world)
        assert names()
        assert wrapper().connection.source == "edu"
    assert names()
    assert wrapper().connection.source == "lms"


def test_connections_are_used_again_and_come_back_as_they_were(world: World) -> None:
    from django.conf import settings

    settings.EDU2LMS_DATABASE = {key.upper(): value for key, value in world.settings(pool_max=1).items()}
    backends = set()
    for _ in range(20):
        with wrapper().cursor() as cursor:
            cursor.execute("select pg_backend_pid(), '{\"a\": 1}'::jsonb")
            backend, document = cursor.fetchone()
            assert document == '{"a": 1}', "Django reads JSON itself"
        backends.add(backend)
        wrapper().close()
        with get_db_manager().get_connection(dict_cursor=True) as conn:
            row = conn.execute("select pg_backend_pid() as pid, '{\"a\": 1}'::jsonb as document").fetchone()
            assert row == {"pid": backend, "document": {"a": 1}}
            assert conn.prepare_threshold == 5
            assert not conn.autocommit
    assert len(backends) == 1
    assert get_db_manager().get_database_info()["primary"]["pool"]["connections_num"] == 1


def test_threads_share_the_pool_and_give_back(world: World) -> None:
    del world
    found: list[list[str]] = []

    def work() -> None:
        for _ in range(10):
            found.append(names())
            wrapper().close()

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [["STU1", "STU2", "STU3"]] * 100

    def pool() -> dict[str, int]:
        numbers: dict[str, int] = get_db_manager().get_database_info()["primary"]["pool"]
        return numbers

    until(lambda: pool()["pool_available"] == pool()["pool_size"])  # one may still be on its way
    assert pool()["pool_size"] <= 10


def test_instants_are_right_whatever_the_servers_time_zone_is(world: World) -> None:
    world.query("lms", "alter role lms_app set timezone = 'Asia/Baku'")
    try:
        with wrapper().cursor() as cursor:
            cursor.execute("select timestamptz '2024-01-01 12:00:00+00', current_setting('timezone')")
            instant, zone = cursor.fetchone()
        assert (instant.isoformat(), zone) == ("2024-01-01T12:00:00+00:00", "UTC")
        wrapper().close()
        with get_db_manager().get_connection() as conn:
            assert conn.execute("select current_setting('timezone')").fetchone() == ("Asia/Baku",)
    finally:
        world.query("lms", "alter role lms_app reset timezone")


def test_rows_one_by_one(world: World) -> None:
    del world
    students = model("students").objects.order_by("id")
    assert [student.id for student in students.iterator(chunk_size=7)] == list(range(1, 101))


@pytest.mark.parametrize("binding", [False, True])
def test_rows_of_the_fallback_one_by_one(world: World, binding: bool) -> None:
    """A table that it does not have is not there: that is no refused write."""
    from django.db import ProgrammingError

    wrapper().settings_dict["OPTIONS"] = {"server_side_binding": binding}
    lms_goes_out(world)
    try:
        students = model("students").objects.order_by("id")
        assert [student.id for student in students.iterator(chunk_size=7)] == list(range(1, 101))
        with pytest.raises(ProgrammingError, match="audit_logs"):
            list(model("audit_logs").objects.iterator())
    finally:
        wrapper().close()
        wrapper().settings_dict["OPTIONS"] = {}


def test_in_coroutines(world: World) -> None:
    async def work() -> list[str]:
        await model("audit_logs").objects.acreate(user_id="async")
        return [student.student_number async for student in model("students").objects.order_by("id")[:2]]

    assert asyncio.run(work()) == ["STU1", "STU2"]
    assert written(world) == ["async"]


def test_a_forked_worker_leaves_the_parents_connection_alone(world: World) -> None:
    """As with `gunicorn --preload` when something at the start has asked the ORM."""
    with wrapper().cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            model("audit_logs").objects.create(user_id="child")
            with wrapper().cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                code = int(cursor.fetchone() == (backend,))
            wrapper().close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert written(world) == ["child"]
    with wrapper().cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        assert cursor.fetchone() == (backend,)


@pytest.mark.parametrize(
    "wrong", [{"HOST": "elsewhere"}, {"NAME": "lms"}, {"OPTIONS": {"pool": True}}, {"CONN_MAX_AGE": 60}], ids=str
)
def test_settings_that_would_be_ignored_are_refused(wrong: dict[str, Any]) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.db import ConnectionHandler

    own = ConnectionHandler({"default": {"ENGINE": "database.django_backend", **wrong}})["default"]
    with pytest.raises(ImproperlyConfigured, match="EDU2LMS_DATABASE"):
        own.ensure_connection()
